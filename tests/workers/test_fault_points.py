"""Killed before and after every write of a close: child, worker or supervisor, at points that a first run finds."""

import pytest

from tests.workers.crashes import Crash, Tell, crash, in_rounds, key, reckoning, tell

__all__ = ["crash", "tell"]

VICTIMS = ("child", "worker", "supervisor")


class TestEveryWrite:
    @pytest.mark.storm
    @pytest.mark.parametrize("victim", VICTIMS)
    def test_may_be_the_last_of_its_process(self, crash: Crash, victim: str, tell: Tell) -> None:
        crash.close_period([])
        points = crash.points()
        assert len(points) >= 60
        for armed in in_rounds(points, victim):
            crash.close_period(armed)
        missed = [point for point in points if (*point, victim) not in set(map(key, crash.deaths))]
        for armed in in_rounds(dict.fromkeys(missed, 1), victim):
            crash.close_period(armed)
        reached = set(map(key, crash.deaths))
        tell(reckoning(crash, f"every write, the {victim} killed") + f"; {len(points)} points known")
        assert [point for point in missed if (*point, victim) not in reached] == []
