"""Counting what remains; progress is always computed from the rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

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


@dataclass(frozen=True)
class Pace:
    """When a batch began and last came on, on real time; `dead` ones of those `failing` wait for a person."""

    began_at: datetime | None
    last_at: datetime | None
    dead: int
    failing: int

    def elapsed(self, at: datetime, *, over: bool) -> float:
        """Seconds since it began, until now or until it was over."""
        if self.began_at is None:
            return 0.0
        until = self.last_at if over and self.last_at else at
        return max((until - self.began_at).total_seconds(), 0.1)


def pace(batch: str) -> Pace:
    """How fast a batch goes."""
    dead = func.count().filter(WorkItem.state == WorkState.DEAD)
    span = func.min(WorkItem.created_at), func.max(WorkItem.done_at)
    query = select(*span, dead, func.count().filter(failing())).where(WorkItem.batch == batch)
    return Pace(*db.session.execute(query).one())


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
