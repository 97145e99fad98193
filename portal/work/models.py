"""Work items: what remains to be done. The row is the queue."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Instant, Model, words

LOST = "lease lost"  # the cause of an item whose worker died: nothing failed


class WorkState(StrEnum):
    """Ready to be taken, leased by a worker, done, or given up and waiting for a person."""

    READY = "ready"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"


class WorkItem(Model):
    """One thing to do; `attempt` is the fencing token of whoever holds the lease."""

    __tablename__ = "work_items"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    dedup: Mapped[str]
    batch: Mapped[str | None]
    state: Mapped[WorkState] = mapped_column(words(WorkState), default=WorkState.READY)
    attempt: Mapped[int] = mapped_column(default=0)
    priority: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    run_after: Mapped[datetime] = mapped_column(Instant)
    rung_at: Mapped[datetime | None] = mapped_column(Instant)
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)


def failing() -> ColumnElement[bool]:
    """Whether an item failed and is not done: tried again by itself, or given up."""
    again = WorkItem.state.in_((WorkState.READY, WorkState.LEASED))
    return or_(WorkItem.state == WorkState.DEAD, and_(again, WorkItem.last_error != LOST))
