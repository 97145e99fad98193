"""Adding, leasing and finishing work items. Leases are on real time, never on the demo's calendar."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, CursorResult, Table, and_, case, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from portal import clock
from portal.db import after_commit, db
from portal.errors import NotFound
from portal.work.models import LOST, WorkItem, WorkState, failing
from portal.work.presence import abandoned

LEASE = timedelta(seconds=8)
HEARTBEAT = timedelta(seconds=2)
MAX_ATTEMPTS = 8
MISSED = timedelta(seconds=2)  # after this, an announcement is taken for lost

_items: Table = WorkItem.__table__  # type: ignore[assignment]
_bell: list["Bell"] = []


class Bell(Protocol):
    """Announces items to the workers; what it misses, the sweep finds."""

    def __call__(self, ids: Sequence[UUID], *, first: bool = False) -> None: ...


class LeaseLost(Exception):
    """Somebody else holds the item now: stop silently, write nothing."""


@dataclass(frozen=True)
class Lease:
    """An item held by this worker; `attempt` fences every later write."""

    id: UUID
    kind: str
    subject: str
    batch: str | None
    attempt: int
    priority: int


def ring_with(bell: Bell) -> None:
    """Tell where to announce new items (RQ); without a bell the sweep finds them."""
    _bell[:] = [bell]


def ring(ids: Sequence[UUID], *, first: bool = False) -> None:
    """Announce items, ahead of all others if `first`."""
    if _bell and ids:
        _bell[0](ids, first=first)


def add(
    kind: str,
    *,
    subject: object,
    dedup: str | None = None,
    batch: str | None = None,
    after: datetime | None = None,
    priority: int = 0,
) -> None:
    """Queue one thing to do in the current transaction; the same (kind, dedup) is queued once, ever."""
    add_many(kind, [(str(subject), dedup or str(subject))], batch=batch, after=after, priority=priority)


def add_many(
    kind: str,
    subjects: Iterable[tuple[str, str]],
    *,
    batch: str | None = None,
    after: datetime | None = None,
    priority: int = 0,
) -> None:
    """Queue many (subject, dedup) of a kind; after the commit the bell rings, best effort."""
    real = clock.real_now()
    rows: list[dict[str, Any]] = [
        {
            "id": uuid4(),
            "kind": kind,
            "subject": subject,
            "dedup": dedup,
            "batch": batch,
            "state": "ready",
            "attempt": 0,
            "priority": priority,
            "run_after": after or real,
            "created_at": real,
        }
        for subject, dedup in subjects
    ]
    if not rows:
        return
    db.session.execute(upsert(_items).on_conflict_do_nothing().inline(), rows)
    if after is None:
        ids = [row["id"] for row in rows]
        after_commit(lambda: ring(ids, first=priority > 0))


def lease(item_id: UUID, *, at: datetime, hold: timedelta = LEASE) -> Lease | None:
    """Take a ready item; None when it is taken, done, or not due."""
    return _lease(_items.c.id == item_id, at, hold)


def lease_next(*, at: datetime, hold: timedelta = LEASE) -> Lease | None:
    """Take the most urgent item that is due; None when there is none."""
    first = (
        select(_items.c.id)
        .where(*_due(at))
        .order_by(_items.c.priority.desc(), _items.c.run_after)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return _lease(_items.c.id == first.scalar_subquery(), at, hold)


def _due(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return _items.c.state == "ready", _items.c.run_after <= at


def _lease(chosen: ColumnElement[bool], at: datetime, hold: timedelta) -> Lease | None:
    taken = update(_items).where(chosen, *_due(at))
    row = db.session.execute(
        taken.values(state="leased", attempt=_items.c.attempt + 1, lease_until=at + hold).returning(
            *(_items.c[field.name] for field in fields(Lease))
        )
    ).one_or_none()
    return Lease(*row) if row else None


def heartbeat(held: Lease, *, at: datetime, hold: timedelta = LEASE) -> None:
    """Keep the lease; raise LeaseLost when it has been given to somebody else."""
    _write(held, lease_until=at + hold)


def finish(held: Lease, *, at: datetime) -> None:
    """Done, in the same transaction as the work itself; raise LeaseLost when it is no longer ours."""
    _write(held, state="done", done_at=at, lease_until=None, last_error=None)


def fail(held: Lease, *, error: str, at: datetime, attempts: int = MAX_ATTEMPTS) -> None:
    """Put it back with a growing, jittered delay; after the last attempt it waits for a person."""
    delay = min(2.0 ** min(held.attempt, 9), 300.0) * random.uniform(0.5, 1.0)
    final = held.attempt >= attempts
    _write(
        held,
        state="dead" if final else "ready",
        lease_until=None,
        rung_at=None,
        last_error=error[:2000],
        run_after=at + timedelta(seconds=delay),
    )


def _write(held: Lease, **values: object) -> None:
    done: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]  # what an UPDATE answers
        update(_items)
        .where(_items.c.id == held.id, _items.c.attempt == held.attempt, _items.c.state == "leased")
        .values(**values)
    )
    if done.rowcount != 1:
        raise LeaseLost(held.id)


def retry(item_id: UUID, *, at: datetime) -> None:
    """A person asks for another round of attempts at what failed; NotFound for anything else."""
    again = db.session.execute(
        update(_items)
        .where(_items.c.id == item_id, _items.c.state != "leased", failing())
        .values(state="ready", attempt=0, run_after=at, rung_at=None)
        .returning(_items.c.id)
    )
    if again.first() is None:
        raise NotFound
    after_commit(lambda: ring([item_id], first=True))


def hasten(kind: str, subject: object) -> None:
    """What waits for another attempt is due at once: what it waited for has come."""
    waiting = (_items.c.kind == kind, _items.c.subject == str(subject), _items.c.state == "ready")
    db.session.execute(update(_items).where(*waiting).values(run_after=clock.real_now(), rung_at=None))


def postpone(kind: str, *, until: datetime) -> None:
    """What is due of a kind waits until then: what it needs is away, and trying keeps other work waiting."""
    due = select(_items.c.id).where(
        _items.c.kind == kind, _items.c.state == "ready", _items.c.run_after < until
    )
    waiting = _items.c.id.in_(due.with_for_update(skip_locked=True))
    db.session.execute(update(_items).where(waiting).values(run_after=until, rung_at=None))


def sweep(*, at: datetime, rung_before: datetime, most: int = 500) -> list[UUID]:
    """Give back what was leased and lost, and return the due items to ring for, the most urgent first.

    An item is rung for when it was announced before `rung_before`, or missed for two seconds.
    """
    _give_back_lost(at)
    never_rung = and_(_items.c.rung_at.is_(None), _items.c.created_at < at - MISSED)
    due = (
        select(_items.c.id)
        .where(
            *_due(at),
            or_(_items.c.rung_at < rung_before, never_rung),
        )
        .order_by(_items.c.priority.desc(), _items.c.run_after)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rung = update(_items).where(_items.c.id.in_(due)).values(rung_at=at)
    rows = db.session.execute(rung.returning(_items.c.id, _items.c.priority, _items.c.run_after)).all()
    return [row.id for row in sorted(rows, key=lambda row: (-row.priority, row.run_after))]


def _give_back_lost(at: datetime) -> None:
    """What a crash left is ready again, in its old place; what crashes each time waits for a person."""
    crashes_again = (_items.c.attempt >= MAX_ATTEMPTS) & (_items.c.last_error == LOST)
    lost = abandoned(silent_before=at + LEASE - HEARTBEAT)
    db.session.execute(
        update(_items)
        .where(_items.c.state == "leased", or_(_items.c.lease_until < at, _items.c.id.in_(lost)))
        .values(
            state=case((crashes_again, WorkState.DEAD), else_=WorkState.READY),
            lease_until=None,
            rung_at=None,
            last_error=LOST,
        )
    )
