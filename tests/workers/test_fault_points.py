"""Killed before and after every write of a close: child, worker or supervisor, at points that a first run finds."""

from collections.abc import Iterable

import pytest

from tests.workers.crashes import Crash, Point, Tell, crash, in_rounds, key, reckoning, tell

__all__ = ["crash", "tell"]

VICTIMS = ("child", "worker", "supervisor")
A_DEATH = {"kind": "statement.render", "step": 5, "victim": "child"}


class TestEveryWrite:
    @pytest.mark.storm
    @pytest.mark.parametrize("victim", VICTIMS)
    def test_may_be_the_last_of_its_process(self, crash: Crash, victim: str, tell: Tell) -> None:
        crash.close_period([])
        points = crash.points()
        assert len(points) >= 60
        for armed in in_rounds(points, victim):
            crash.close_period(armed)
        # What the sweep writes only where a bell was missed or a child died is brought about again.
        for deaf in (False, True):
            for armed in in_rounds(dict.fromkeys(missed(crash, points, victim), 0), victim):
                crash.close_period([*armed, A_DEATH], deaf=deaf)
        tell(reckoning(crash, f"every write, the {victim} killed") + f"; {len(points)} points known")
        assert not (left := missed(crash, points, victim)), left


def missed(crash: Crash, points: Iterable[Point], victim: str) -> list[Point]:
    """The points at which nobody has died yet."""
    reached = set(map(key, crash.deaths))
    return [point for point in points if (*point, victim) not in reached]
