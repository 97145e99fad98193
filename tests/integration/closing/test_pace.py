"""The rate and the time left that a close tells."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from flask import Flask
from sqlalchemy.orm import Session

from portal import work
from portal.closing.checklist import Progress, Stage
from portal.work.models import WorkItem, WorkState
from tests.conftest import Acting

BEGAN = datetime(2027, 1, 20, 9, 0, tzinfo=UTC)


def progress(acting: Acting, owner: Session, *, done_after: list[int], waiting: int) -> Progress:
    """A stage of ten partners an item: some done so many seconds after the beginning, some still to do."""
    for number in range(len(done_after) + waiting):
        done = number < len(done_after)
        owner.add(
            WorkItem(
                id=uuid4(), kind="statement.render", subject=str(number), dedup=str(number), batch="b",
                state=WorkState.DONE if done else WorkState.READY, run_after=BEGAN, created_at=BEGAN,
                done_at=BEGAN + timedelta(seconds=done_after[number]) if done else None,
            )
        )  # fmt: skip
    owner.commit()
    with acting(None):
        return Progress(
            Stage.PRINTING, 10 * len(done_after), 10 * (len(done_after) + waiting), work.pace("b")
        )


class TestProgress:
    def test_tells_the_rate_of_late_so_that_an_hour_s_outage_is_not_held_against_it(
        self, acting: Acting, owner: Session, portal: Flask
    ) -> None:
        before, after = list(range(1, 31)), list(range(3601, 3622))
        found = progress(acting, owner, done_after=before + after, waiting=49)
        at = BEGAN + timedelta(seconds=3621)
        assert found.per_second(at) == Decimal(10)
        assert found.seconds_left(at) == 50

    def test_tells_the_rate_since_the_beginning_while_little_is_done(
        self, acting: Acting, owner: Session, portal: Flask
    ) -> None:
        found = progress(acting, owner, done_after=[2, 4], waiting=8)
        assert found.per_second(BEGAN + timedelta(seconds=5)) == Decimal(4)
        assert found.seconds_left(BEGAN + timedelta(seconds=5)) == 21

    def test_tells_the_rate_of_the_whole_once_it_is_over(
        self, acting: Acting, owner: Session, portal: Flask
    ) -> None:
        found = progress(acting, owner, done_after=list(range(1, 41)), waiting=0)
        later = BEGAN + timedelta(days=1)
        assert (found.per_second(later), found.seconds_left(later)) == (Decimal(10), None)

    def test_tells_no_rate_before_anything_is_done(
        self, acting: Acting, owner: Session, portal: Flask
    ) -> None:
        assert progress(acting, owner, done_after=[], waiting=3).per_second(BEGAN) is None
