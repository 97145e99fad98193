"""Finding conflicts and opening them: at once when certain, by a person's word when not."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, text

from portal import audit, claims
from portal.calendar import add_working_days, paris_date
from portal.claims import OPEN, Action, Claim, ClaimState
from portal.claims.workflow import pause
from portal.conflicts.detection import Found, find_conflicts
from portal.conflicts.emails import tell_the_arbiters, tell_the_party
from portal.conflicts.models import Conflict, ConflictParty, ConflictState
from portal.conflicts.queries import claims_of, due_parties, overdue_conflicts, parties_of
from portal.db import db
from portal.errors import Refused
from portal.periods.models import Period
from portal.statements.models import Statement

ANSWER_DAYS = 10  # working days of the questionnaire
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('palier.conflicts'))")


def look_for_conflicts(*, claim_ids: Sequence[int] | None = None, at: datetime) -> int:
    """Compare these claims (or all that are open) with those of other firms; how many conflicts are new."""
    db.session.execute(_ONE_AT_A_TIME)
    if claim_ids is None:
        claim_ids = db.session.execute(select(Claim.id).where(Claim.state.in_(OPEN))).scalars().all()
    new = 0
    for found in find_conflicts(claim_ids=claim_ids, on=paris_date(at)):
        new += _certain(found, at) if found.cause.certain else _suspect(found, at)
    return new


def _certain(found: Found, at: datetime) -> int:
    """Open a conflict for the two, or let one join the conflict that the other is in."""
    both = (found.claim_id, found.other_id)
    query = select(ConflictParty).where(
        ConflictParty.claim_id.in_(both),
        ConflictParty.told_at.is_not(None),
        ConflictParty.settled_at.is_(None),
    )
    told = db.session.execute(query).scalars().all()
    if len(told) == len(both):
        return 0  # each is in a conflict already: the lead settles these first
    if told:
        conflict = db.session.get_one(Conflict, told[0].conflict_id)
        newcomers = [claim_id for claim_id in both if claim_id != told[0].claim_id]
    else:
        conflict, newcomers = _begin(found, ConflictState.OPEN, at), list(both)
    _join(conflict, newcomers)
    _open(conflict, newcomers, actor_id=None, at=at)
    return not told


def _suspect(found: Found, at: datetime) -> int:
    conflict = _begin(found, ConflictState.SUSPECTED, at)
    _join(conflict, [found.claim_id, found.other_id])
    audit.record(
        "conflict.suspected", subject=("conflict", conflict.id), at=at, actor_id=None, cause=found.cause
    )
    tell_the_arbiters(conflict, db.session.get_one(Claim, found.claim_id), "conflict.suspected", at=at)
    return 1


def _begin(found: Found, state: ConflictState, at: datetime) -> Conflict:
    opened_at = at if state is ConflictState.OPEN else None
    conflict = Conflict(
        state=state, cause=found.cause, families=list(found.families), found_at=at, opened_at=opened_at
    )
    db.session.add(conflict)
    db.session.flush()
    return conflict


def _join(conflict: Conflict, claim_ids: Sequence[int]) -> None:
    rows = db.session.execute(
        select(Claim.id, Claim.partner_id).where(Claim.id.in_(claim_ids)).order_by(Claim.id)
    )
    db.session.add_all(
        ConflictParty(conflict_id=conflict.id, partner_id=row.partner_id, claim_id=row.id) for row in rows
    )
    db.session.flush()


def confirm_suspicion(*, conflict: Conflict, actor_id: int, at: datetime) -> None:
    """A person says that these declarations are of one project: both firms are told the same thing."""
    if conflict.state is not ConflictState.SUSPECTED:
        raise Refused("conflict_moved_on")
    found = claims_of(conflict.id)
    if any(claim.state not in (*OPEN, ClaimState.APPROVED) for claim in found.values()):
        raise Refused("conflict_elsewhere")
    conflict.state, conflict.opened_at, conflict.opened_by_id = ConflictState.OPEN, at, actor_id
    db.session.flush()
    _open(conflict, list(found), actor_id=actor_id, at=at)


def dismiss_suspicion(*, conflict: Conflict, reasons: str, actor_id: int, at: datetime) -> None:
    """A person says that these are different projects; nobody was told, nobody is."""
    if conflict.state is not ConflictState.SUSPECTED:
        raise Refused("conflict_moved_on")
    conflict.state, conflict.reasons = ConflictState.DISMISSED, reasons.strip()
    conflict.decided_by_id, conflict.decided_at = actor_id, at
    audit.record("conflict.dismissed", subject=("conflict", conflict.id), at=at, actor_id=actor_id)


def _open(conflict: Conflict, claim_ids: Sequence[int], *, actor_id: int | None, at: datetime) -> None:
    """Stop the claims' clocks and tell each firm, in the same words, that another declaration exists."""
    on = paris_date(at)
    due_on, stated = add_working_days(on, ANSWER_DAYS), _stated(claim_ids)
    found = claims_of(conflict.id)
    for party in parties_of(conflict.id):
        if party.claim_id not in claim_ids:
            continue
        claim = found[party.claim_id]
        party.found_in, party.told_at, party.due_on = claim.state.value, at, due_on
        party.stated = claim.id in stated
        claims.take_step(
            claim, Action.FIND_CONFLICT, seen=claim.version, actor_id=actor_id, at=at, **_stopped(claim, on)
        )
        db.session.flush()
        tell_the_party(party, claim, "conflict.opened", at=at)
    audit.record(
        "conflict.opened", subject=("conflict", conflict.id), at=at, actor_id=actor_id,
        cause=conflict.cause, claims=list(claim_ids),
    )  # fmt: skip
    tell_the_arbiters(conflict, found[claim_ids[0]], "conflict.to_settle", at=at)


def _stopped(claim: Claim, on: date) -> dict[str, Any]:
    """The clock of a claim put aside: what was left of it waits for the exit."""
    left = pause(claim.decide_by, on) if claim.decide_by else claim.clock_left
    return {"decide_by": None, "clock_left": left, "info_due_on": None}


def _stated(claim_ids: Sequence[int]) -> set[int]:
    """Those of the claims whose period was stated to their firm already."""
    day = func.coalesce(Claim.ordered_on, Claim.signed_on)
    query = (
        select(Claim.id)
        .join(Period, (Period.starts_on <= day) & (Period.ends_before > day))
        .join(Statement, (Statement.period_id == Period.id) & (Statement.partner_id == Claim.partner_id))
        .where(Claim.id.in_(claim_ids), Claim.state == ClaimState.APPROVED)
    )
    return set(db.session.execute(query).scalars())


def remind_of_conflicts(*, at: datetime) -> int:
    """Write to firms two working days before their last one, and to the leads when it is over."""
    on = paris_date(at)
    late = due_parties(add_working_days(on, 2))
    for party in late:
        tell_the_party(party, db.session.get_one(Claim, party.claim_id), "conflict.reminder", at=at)
    for conflict in overdue_conflicts(on):
        first = next(iter(claims_of(conflict.id).values()))
        tell_the_arbiters(conflict, first, "conflict.overdue", at=at)
    return len(late)
