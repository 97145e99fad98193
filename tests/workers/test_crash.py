"""Killed in the middle of a close: nothing is lost, nothing is doubled, and it resumes by itself. Long forms: storms."""

from tests.workers.closes import AT, PERIOD, arrange
from tests.workers.crashes import Crash, crash, reckoning

__all__ = ["AT", "PERIOD", "arrange", "crash"]

# Where each kind of item dies: after how many steps, and with whom.
DEATHS = (
    ("margin.compute", 3, "child"),
    ("closing.issue", 17, "worker"),
    ("closing.seal", 12, "child"),
    ("statement.render", 24, "supervisor"),
    ("mail.send", 16, "child"),
    ("sweep", 4, "child"),
)


class TestCrash:
    def test_loses_nothing_doubles_nothing_and_resumes_in_time(self, crash: Crash) -> None:
        crash.instance.flush_redis()
        crash.close_period([dict(zip(("kind", "step", "victim"), one, strict=True)) for one in DEATHS])
        assert len(crash.deaths) == len(DEATHS)
        assert reckoning(crash, "some writes")
