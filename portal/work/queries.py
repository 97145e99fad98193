"""Counting what remains; progress is always computed from the rows."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select

from portal.db import db
from portal.work.models import WorkItem, WorkState


@dataclass(frozen=True)
class BatchProgress:
    """How far a batch has come; `dead` items wait for a person."""

    total: int
    done: int
    dead: int

    @property
    def finished(self) -> bool:
        """Whether everything of the batch is done."""
        return self.total > 0 and self.done == self.total


def count_by_state(batch: str | None = None) -> dict[str, int]:
    """Number of items in each state, of one batch or of all: {"ready", "leased", "done", "dead"}."""
    query = select(WorkItem.state, func.count()).group_by(WorkItem.state)
    if batch is not None:
        query = query.where(WorkItem.batch == batch)
    found = {str(state): count for state, count in db.session.execute(query)}
    return {str(state): found.get(state, 0) for state in WorkState}


def batch_progress(batch: str) -> BatchProgress:
    """Done and total of a batch."""
    counts = count_by_state(batch)
    return BatchProgress(sum(counts.values()), counts["done"], counts["dead"])


def list_dead(limit: int = 100) -> list[Row[Any]]:
    """What was given up, with its last error, newest first."""
    return list(
        db.session.execute(
            select(
                *(WorkItem.id, WorkItem.kind, WorkItem.subject, WorkItem.attempt),
                *(WorkItem.last_error, WorkItem.created_at),
            )
            .where(WorkItem.state == WorkState.DEAD)
            .order_by(WorkItem.created_at.desc())
            .limit(limit)
        )
    )
