"""Whether the holder of a lease still lives: PostgreSQL sees a process end before its lease runs out.

Who does an item holds an advisory lock of its session; the lock goes with the connection, and so with the
process. Where the end cannot be seen (a network that swallows it), the lease runs out a little later.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, literal, select
from sqlalchemy.exc import DBAPIError

from portal.db import db
from portal.work.models import WorkItem, WorkState


def _lock(item_id: Any) -> ColumnElement[int]:
    return func.hashtextextended(cast(item_id, Text), 0)


@contextmanager
def present(item_id: UUID) -> Iterator[None]:
    """Show that this process lives and does the item."""
    with db.engine.connect() as plain:
        connection = plain.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(select(func.pg_advisory_lock(_lock(literal(item_id)))))
        try:
            yield
        finally:
            with suppress(DBAPIError):  # a connection that was cut has left already
                connection.execute(select(func.pg_advisory_unlock(_lock(literal(item_id)))))


def abandoned(*, silent_before: datetime) -> list[UUID]:
    """Leased items that no living process does, among those whose lease ends before `silent_before`."""
    held = (
        select(WorkItem.id)
        .where(WorkItem.state == WorkState.LEASED, WorkItem.lease_until < silent_before)
        .cte("held")
        .prefix_with("materialized", dialect="postgresql")
    )
    free = select(held.c.id).where(func.pg_try_advisory_xact_lock(_lock(held.c.id)))
    return list(db.session.execute(free).scalars())
