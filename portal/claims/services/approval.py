"""Approving a claim, in full or in part, alone or by two persons."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from portal import catalogue
from portal.catalogue import ReasonKind
from portal.claims.emails import tell_the_firm, tell_the_leads
from portal.claims.inputs import Verdict
from portal.claims.models import (
    Claim,
    ClaimGridTick,
    ClaimLine,
    ClaimMatch,
    Decision,
    MatchKind,
)
from portal.claims.queries import lines_of
from portal.claims.services.steps import take_step
from portal.claims.workflow import RULES, Action, ClaimState, Rules
from portal.db import AnyRow, db
from portal.errors import Forbidden, Invalid
from portal.money import ZERO
from portal.users.models import User

CUT_KINDS = (ReasonKind.REFUSAL, ReasonKind.ADJUSTMENT, ReasonKind.EXCLUSION)


def approve_claim(
    *, claim: Claim, seen: int, verdict: Verdict, actor_id: int, at: datetime, rules: Rules = RULES
) -> tuple[str, ...]:
    """Approve line by line; return why a second person must approve too (empty when nobody must)."""
    check_makers(claim, actor_id)
    lines = lines_of(claim.id)
    _check_verdict(claim, lines, verdict)
    second = second_reasons(claim=claim, lines=lines, verdict=verdict, rules=rules)
    in_part = _in_part(claim, lines, verdict)
    details = {
        "in_part": in_part, "second": list(second), "roles_declared": list(claim.roles),
        "role_reason": verdict.role_reason,
    }  # fmt: skip
    if second:
        decided: dict[str, Any] = {"first_decided_by_id": actor_id, "first_decided_at": at}
    else:
        decided = _decision(in_part, actor_id, at)
    take_step(
        claim, Action.PASS_ON if second else Action.APPROVE, seen=seen, actor_id=actor_id, at=at,
        note=verdict.note, details=details, roles=[role.value for role in verdict.roles], **decided,
    )  # fmt: skip
    _write_verdict(claim, verdict, actor_id, at)
    _tell(claim, at, verdict.note, second)
    return second


def approve_second(*, claim: Claim, seen: int, note: str, actor_id: int, at: datetime) -> None:
    """Confirm what another person approved first."""
    check_makers(claim, actor_id)
    if claim.first_decided_by_id == actor_id:
        raise Forbidden("four_eyes")
    lines = lines_of(claim.id)
    in_part = any(line.approved != line.declared for line in lines) or _roles_cut(claim)
    take_step(
        claim, Action.APPROVE_SECOND, seen=seen, actor_id=actor_id, at=at, note=note,
        details={"in_part": in_part}, **_decision(in_part, actor_id, at),
    )  # fmt: skip
    _tell(claim, at, note, ())


def second_reasons(
    *, claim: Claim, lines: Sequence[AnyRow], verdict: Verdict, rules: Rules = RULES
) -> tuple[str, ...]:
    """Why this approval needs a second person: codes, in the order they are told."""
    credited = sum((_counted(line, verdict) for line in lines), ZERO) * verdict.weight
    maker_is_staff = select(User.partner_id.is_(None)).where(User.id == claim.created_by_id)
    probable = (
        select(ClaimMatch.id)
        .join(ClaimLine, ClaimLine.id == ClaimMatch.claim_line_id)
        .where(ClaimLine.claim_id == claim.id, ClaimMatch.kind == MatchKind.PROBABLE)
    )
    asked = {
        "above_limit": credited > rules.second_approval_above,
        "public_customer": claim.customer_public,
        "made_by_pam": bool(db.session.execute(maker_is_staff).scalar()),
        "probable_match": db.session.execute(probable.limit(1)).first() is not None,
    }
    return tuple(reason for reason, needed in asked.items() if needed)


def check_makers(claim: Claim, actor_id: int) -> None:
    """Who made a claim never approves it."""
    if actor_id in (claim.created_by_id, claim.submitted_by_id):
        raise Forbidden("four_eyes")


def _counted(line: AnyRow, verdict: Verdict) -> Decimal:
    approved: Decimal = verdict.lines[line.id].approved
    return approved if line.verified is None else min(approved, line.verified)


def _check_verdict(claim: Claim, lines: Sequence[AnyRow], verdict: Verdict) -> None:
    """Guards of an approval: every line, role, cut and check answered, and an order to match."""
    if claim.state is not ClaimState.IN_REVIEW:
        return  # the table says it better
    faults: dict[str, str] = {}
    if not (claim.order_no or claim.enrolment_no):
        faults["order_no"] = "order_number_missing"
    checks = {check.code for check in catalogue.list_checks(claim.grid_id or 0)}
    if checks - verdict.ticks:
        faults["ticks"] = "grid_incomplete"
    if not verdict.roles or set(verdict.roles) - set(claim.roles):
        faults["roles"] = "roles_not_declared" if verdict.roles else "required"
    reasons = catalogue.list_reasons(*CUT_KINDS)
    if set(verdict.roles) != set(claim.roles) and verdict.role_reason not in reasons:
        faults["role_reason"] = "cut_not_coded"
    for line in lines:
        faults |= _line_faults(line, verdict, reasons)
    if faults:
        raise Invalid(faults)


def _line_faults(line: AnyRow, verdict: Verdict, reasons: dict[str, catalogue.Entry]) -> dict[str, str]:
    given = verdict.lines.get(line.id)
    if given is None:
        return {f"approved-{line.id}": "required"}
    if not ZERO <= given.approved <= line.declared:
        return {f"approved-{line.id}": "approved_above_declared"}
    if given.approved < line.declared and given.cut_reason not in reasons:
        return {f"cut-{line.id}": "cut_not_coded"}
    return {}


def _in_part(claim: Claim, lines: Sequence[AnyRow], verdict: Verdict) -> bool:
    cut = any(verdict.lines[line.id].approved < line.declared for line in lines)
    return cut or set(verdict.roles) != set(claim.roles)


def _roles_cut(claim: Claim) -> bool:
    """Whether the first person found fewer roles held than were declared, as the timeline says."""
    from portal.claims.queries import timeline_of

    passed_on = next(event for event in timeline_of(claim.id) if event.kind == Action.PASS_ON.value)
    return set(passed_on.details["roles_declared"]) != set(claim.roles)


def _decision(in_part: bool, actor_id: int, at: datetime) -> dict[str, Any]:
    decision = Decision.APPROVED_IN_PART if in_part else Decision.APPROVED
    return {"decision": decision, "decided_by_id": actor_id, "decided_at": at, "clock_left": None}


def _write_verdict(claim: Claim, verdict: Verdict, actor_id: int, at: datetime) -> None:
    rows = [
        {"id": line_id, "approved_amount": given.approved, "cut_reason_code": given.cut_reason}
        for line_id, given in verdict.lines.items()
    ]
    db.session.execute(update(ClaimLine), rows)
    ticks = [
        {
            "partner_id": claim.partner_id, "claim_id": claim.id, "grid_id": claim.grid_id,
            "check_code": code,
            "ticked_by_id": actor_id, "ticked_at": at, "note": "",
        }
        for code in sorted(verdict.ticks)
    ]  # fmt: skip
    db.session.execute(insert(ClaimGridTick).on_conflict_do_nothing(), ticks)


def _tell(claim: Claim, at: datetime, note: str, second: Sequence[str]) -> None:
    if second:
        tell_the_leads(claim, "claim.pending_second", at=at, second=list(second))
        return
    kind = "claim.approved_in_part" if claim.decision is Decision.APPROVED_IN_PART else "claim.approved"
    lines = lines_of(claim.id)
    amounts = {
        "declared": str(sum(line.declared for line in lines)),
        "approved": str(sum(line.approved for line in lines)),
    }
    tell_the_firm(claim, kind, at=at, note=note, **amounts)
