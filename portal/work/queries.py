"""Counting what remains; progress is always computed from the rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from portal.db import AnyRow, db
from portal.work.models import WorkItem, WorkState, failing


def count_by_state(batch: str | None = None) -> dict[str, int]:
    """Number of items in each state, of one batch or of all: {"ready", "leased", "done", "dead"}."""
    query = select(WorkItem.state, func.count()).group_by(WorkItem.state)
    if batch is not None:
        query = query.where(WorkItem.batch == batch)
    found = {str(state): count for state, count in db.session.execute(query)}
    return {str(state): found.get(state, 0) for state in WorkState}


LATEST = 20  # items that say how fast a batch goes now


@dataclass(frozen=True)
class Pace:
    """When a batch began and last came on, on real time; `dead` ones of those `failing` wait for a person."""

    began_at: datetime | None
    last_at: datetime | None
    items: int  # done so far
    latest: int  # of these, the latest
    latest_since: datetime | None
    dead: int
    failing: int

    def share_per_second(self, at: datetime, *, over: bool) -> Decimal | None:
        """The part of what is done that a second brings: of late while it goes on, of all once it is over."""
        if self.began_at is None or self.last_at is None or self.latest_since is None:
            return None
        if over:
            return 1 / _seconds(self.began_at, self.last_at)
        if self.latest < LATEST:
            return 1 / _seconds(self.began_at, at)
        return Decimal(self.latest - 1) / self.items / _seconds(self.latest_since, at)


def _seconds(since: datetime, until: datetime) -> Decimal:
    return max(Decimal((until - since) / timedelta(milliseconds=1)) / 1000, Decimal("0.1"))


def pace(batch: str) -> Pace:
    """How fast a batch goes."""
    mine = WorkItem.batch == batch
    done_at = select(WorkItem.done_at).where(mine, WorkItem.done_at.is_not(None))
    latest = done_at.order_by(WorkItem.done_at.desc()).limit(LATEST).subquery().c.done_at
    query = select(
        *(func.min(WorkItem.created_at), func.max(WorkItem.done_at), func.count(WorkItem.done_at)),
        *(select(of(latest)).scalar_subquery() for of in (func.count, func.min)),
        *(func.count().filter(is_so) for is_so in (WorkItem.state == WorkState.DEAD, failing())),
    )
    return Pace(*db.session.execute(query.where(mine)).one())


def list_items(
    *, state: str = "", batch: str = "", page: int = 1, size: int = 50
) -> tuple[list[AnyRow], int]:
    """Items, newest first; and how many there are in all."""
    query = select(
        *(WorkItem.id, WorkItem.kind, WorkItem.subject, WorkItem.batch, WorkItem.state, WorkItem.attempt),
        *(WorkItem.last_error, WorkItem.created_at, WorkItem.run_after, WorkItem.done_at),
    )
    query = query.where(WorkItem.state == state) if state else query
    query = query.where(WorkItem.batch == batch) if batch else query
    total = db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    rows = query.order_by(WorkItem.created_at.desc(), WorkItem.id).limit(size).offset((page - 1) * size)
    return list(db.session.execute(rows)), total


def list_failing(batches: Sequence[str], *, limit: int = 100) -> list[AnyRow]:
    """What of these batches failed and is not done, the oldest first."""
    query = select(
        *(WorkItem.id, WorkItem.batch, WorkItem.subject, WorkItem.state, WorkItem.attempt),
        *(WorkItem.last_error, WorkItem.run_after),
    ).where(WorkItem.batch.in_(batches), failing())
    return list(db.session.execute(query.order_by(WorkItem.created_at, WorkItem.subject).limit(limit)))


def still_to_do(kind: str, subjects: Iterable[object]) -> frozenset[str]:
    """Those of these subjects that workers have, or will take."""
    wanted = [str(subject) for subject in subjects]
    alive = (WorkItem.state.in_((WorkState.READY, WorkState.LEASED)), WorkItem.kind == kind)
    found = db.session.execute(select(WorkItem.subject).where(*alive, WorkItem.subject.in_(wanted)))
    return frozenset(found.scalars())
