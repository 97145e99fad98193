"""Conflicts, away from whoever declares: found, reminded of, carried out once signed."""

from portal import clock, conflicts, work
from portal.db import transaction


def detect(held: work.Lease) -> None:
    """Compare a claim with those of other firms; every open one, once a day."""
    claim_ids = [int(held.subject)] if held.subject.isdecimal() else None
    with transaction():
        conflicts.look_for_conflicts(claim_ids=claim_ids, at=clock.now())
        work.finish(held, at=clock.real_now())


def remind(held: work.Lease) -> None:
    """Write to firms whose time to answer runs out, and to leads when it has."""
    with transaction():
        conflicts.remind_of_conflicts(at=clock.now())
        work.finish(held, at=clock.real_now())


def settle(held: work.Lease) -> None:
    """Carry out a split that every firm has signed."""
    with transaction():
        conflicts.settle_signed(conflict_id=int(held.subject), at=clock.now())
        work.finish(held, at=clock.real_now())
