"""The exits of a conflict: unfounded, disjoint roles, an agreed split, the published rule, arbitration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import update

from portal import audit, claims, margin
from portal.calendar import paris_date
from portal.claims import RULES, Action, Claim, ClaimState, Decision, ProjectRole
from portal.claims.models import ClaimLine
from portal.claims.workflow import resume
from portal.conflicts.emails import tell_the_arbiters, tell_the_party
from portal.conflicts.models import Conflict, ConflictPolicy, ConflictState, Outcome
from portal.conflicts.queries import Side, policy_of, sides_of
from portal.conflicts.rules import NOTHING, ONE, Case, shares_by_rule
from portal.db import db
from portal.errors import Forbidden, Invalid, Refused

LOST = "CONFLICT_LOST"


@dataclass(frozen=True)
class Exit:
    """How a conflict ends: the share of each side, or its roles, by the side's id; words both firms read."""

    outcome: Outcome
    shares: Mapping[int, Decimal] = field(default_factory=dict)
    roles: Mapping[int, Sequence[str]] = field(default_factory=dict)
    reasons: str = ""
    policy: ConflictPolicy | None = None


def offer_split(*, conflict: Conflict, shares: Mapping[int, Decimal], actor_id: int, at: datetime) -> None:
    """Put a split before the firms: each reads its own part and signs or declines."""
    sides = _open_sides(conflict, actor_id)
    _check_shares(sides, shares, least=Decimal("0.0001"))
    for side in sides:
        party = side.party
        party.offered_share, party.offered_at = shares[party.id], at
        party.signed_at = party.signed_by_id = party.declined_at = party.declined_by_id = None
        tell_the_party(party, side.claim, "conflict.offered", at=at, share=str(shares[party.id]))
    audit.record("conflict.offered", subject=("conflict", conflict.id), at=at, actor_id=actor_id)


def apply_rule(*, conflict: Conflict, actor_id: int, at: datetime) -> ConflictPolicy:
    """Settle by the published rule of the plans; which one it was."""
    sides, policy = _open_sides(conflict, actor_id), policy_of(conflict.id)
    shares = shares_by_rule(policy, [case_of(side) for side in sides])
    _settle(conflict, sides, Exit(Outcome.RULE, shares, policy=policy), actor_id, at)
    return policy


def arbitrate(
    *, conflict: Conflict, shares: Mapping[int, Decimal], reasons: str, actor_id: int, at: datetime
) -> None:
    """Settle by a judgement with its reasons, which both firms read and which name neither."""
    sides = _open_sides(conflict, actor_id)
    _check_shares(sides, shares, least=NOTHING)
    _check_reasons(sides, reasons)
    _settle(conflict, sides, Exit(Outcome.ARBITRATED, shares, reasons=reasons.strip()), actor_id, at)


def part_roles(
    *, conflict: Conflict, roles: Mapping[int, Sequence[str]], reasons: str, actor_id: int, at: datetime
) -> None:
    """Settle by roles that do not overlap: each firm keeps those it held, credited by their weights."""
    sides = _open_sides(conflict, actor_id)
    faults = {}
    for side in sides:
        given = set(roles.get(side.party.id, ()))
        if not given or given - set(side.claim.roles):
            faults[f"roles-{side.party.id}"] = "roles_not_declared" if given else "required"
    held = [role for side in sides for role in roles.get(side.party.id, ())]
    if len(held) != len(set(held)):
        faults[f"roles-{sides[-1].party.id}"] = "roles_overlap"
    if faults:
        raise Invalid(faults)
    _check_reasons(sides, reasons, required=False)
    _settle(conflict, sides, Exit(Outcome.DISJOINT, roles=roles, reasons=reasons.strip()), actor_id, at)


def find_unfounded(*, conflict: Conflict, reasons: str, actor_id: int, at: datetime) -> None:
    """These are different projects after all: both claims go on as they were."""
    sides = _open_sides(conflict, actor_id)
    _check_reasons(sides, reasons, required=False)
    _settle(conflict, sides, Exit(Outcome.UNFOUNDED, reasons=reasons.strip()), actor_id, at)


def settle_signed(*, conflict_id: int, at: datetime) -> bool:
    """Carry out a split once every firm has signed it; tell the leads when one declined. By the workers."""
    conflict = db.session.get_one(Conflict, conflict_id, with_for_update=True)
    if conflict.state is not ConflictState.OPEN:
        return False
    sides = sides_of(conflict)
    if any(side.party.declined_at for side in sides):
        tell_the_arbiters(conflict, sides[0].claim, "conflict.declined", at=at)
        return False
    if any(side.party.signed_at is None for side in sides):
        return False
    shares = {side.party.id: side.party.offered_share or NOTHING for side in sides}
    _settle(conflict, sides, Exit(Outcome.SPLIT, shares), None, at)
    return True


def case_of(side: Side) -> Case:
    """What the published rules look at of one side."""
    day = side.claim.ordered_on or side.claim.signed_on
    proofs = [row.dated_on for row in side.proofs if row.dated_on and day and row.dated_on <= day]
    assert side.claim.submitted_at is not None
    return Case(side.party.id, side.claim.submitted_at, proofs)


def has_decided(side: Side, person_id: int) -> bool:
    """Whether the person made or decided this claim before: it then settles no conflict about it."""
    claim = side.claim
    return person_id in (
        claim.created_by_id, claim.submitted_by_id, claim.first_decided_by_id, claim.decided_by_id
    )  # fmt: skip


def _open_sides(conflict: Conflict, actor_id: int) -> list[Side]:
    if conflict.state is not ConflictState.OPEN:
        raise Refused("conflict_moved_on")
    sides = sides_of(conflict)
    if any(has_decided(side, actor_id) for side in sides):
        raise Forbidden("four_eyes")
    return sides


def _check_shares(sides: Sequence[Side], shares: Mapping[int, Decimal], *, least: Decimal) -> None:
    faults = {
        f"share-{side.party.id}": "share_out_of_bounds"
        for side in sides
        if not least <= shares.get(side.party.id, Decimal(-1)) <= ONE
    }
    if not faults and sum(shares.values()) != ONE:
        faults[f"share-{sides[-1].party.id}"] = "shares_uneven"
    if faults:
        raise Invalid(faults)


def _check_reasons(sides: Sequence[Side], reasons: str, *, required: bool = True) -> None:
    """Reasons are read by both firms: they say why, and name nobody."""
    if required and not reasons.strip():
        raise Invalid({"reasons": "required"})
    said = reasons.casefold()
    for side in sides:
        marks = (side.partner.legal_name, side.partner.code, side.claim.reference)
        if any(mark.casefold() in said for mark in marks):
            raise Invalid({"reasons": "names_the_other"})


def _settle(conflict: Conflict, sides: Sequence[Side], end: Exit, actor_id: int | None, at: datetime) -> None:
    """Write the exit on the conflict, on each side, on the claims; then credit what follows from it."""
    conflict.state, conflict.outcome, conflict.policy = ConflictState.SETTLED, end.outcome, end.policy
    conflict.reasons, conflict.decided_by_id, conflict.decided_at = end.reasons, actor_id, at
    db.session.flush()
    for side in sides:
        party, share = side.party, end.shares.get(side.party.id)
        party.share, party.outcome, party.settled_at, party.told = share, end.outcome, at, end.reasons
        _move(side, end, actor_id, at)
        if share is not None:
            _share_lines(side.claim, conflict.families, share)
    db.session.flush()
    audit.record(
        "conflict.settled", subject=("conflict", conflict.id), at=at, actor_id=actor_id,
        outcome=end.outcome, policy=end.policy, reasons=end.reasons,
        shares={str(party_id): str(share) for party_id, share in end.shares.items()},
    )  # fmt: skip
    margin.match_and_credit(claim_ids=[side.claim.id for side in sides], at=at)
    for side in sides:
        told = None if side.party.share is None else str(side.party.share)
        tell_the_party(
            side.party, side.claim, "conflict.settled", at=at, outcome=end.outcome.value, share=told,
            words=end.reasons,
        )  # fmt: skip


def _move(side: Side, end: Exit, actor_id: int | None, at: datetime) -> None:
    """The claim's next step: refused without a share, approved again where it was, else read on."""
    claim, on = side.claim, paris_date(at)
    details = {"outcome": end.outcome.value, **({"policy": end.policy.value} if end.policy else {})}
    if end.shares.get(side.party.id) == NOTHING:
        claims.take_step(
            claim, Action.DENY, seen=claim.version, actor_id=actor_id, at=at, reason=LOST, note=end.reasons,
            details=details, decision=Decision.REJECTED, decided_by_id=actor_id, decided_at=at,
            reason_code=LOST, cure_by=RULES.cure_by(on), clock_left=None,
        )  # fmt: skip
        nothing = {"approved_amount": None, "cut_reason_code": None, "share": None}
        db.session.execute(update(ClaimLine).where(ClaimLine.claim_id == claim.id).values(nothing))
        return
    kept = end.roles.get(side.party.id)
    values: dict[str, Any] = {"roles": [role.value for role in ProjectRole if role in kept]} if kept else {}
    if side.party.found_in == ClaimState.APPROVED:
        claims.take_step(
            claim, Action.GRANT, seen=claim.version, actor_id=actor_id, at=at, note=end.reasons,
            details=details, **values,
        )  # fmt: skip
        return
    claims.take_step(
        claim, Action.RESUME, seen=claim.version, actor_id=actor_id, at=at, note=end.reasons, details=details,
        decide_by=resume(claim.clock_left or 0, on), clock_left=None, first_decided_by_id=None,
        first_decided_at=None, **values,
    )  # fmt: skip


def _share_lines(claim: Claim, families: Sequence[str], share: Decimal) -> None:
    """A part of the order stands on the lines in question; a whole or nothing needs no share."""
    part = share if NOTHING < share < ONE else None
    db.session.execute(
        update(ClaimLine)
        .where(ClaimLine.claim_id == claim.id, ClaimLine.family.in_(families))
        .values(share=part)
    )
