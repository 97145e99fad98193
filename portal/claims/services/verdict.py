"""A verdict on a claim, looked at line by line and written down."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from portal import catalogue
from portal.catalogue import ReasonKind
from portal.claims.inputs import Verdict
from portal.claims.models import Claim, ClaimEvent, ClaimGridTick, ClaimLine, Decision
from portal.db import AnyRow, db
from portal.errors import Invalid
from portal.money import ZERO

CUT_KINDS = (ReasonKind.REFUSAL, ReasonKind.ADJUSTMENT, ReasonKind.EXCLUSION)


def check_verdict(
    claim: Claim, lines: Sequence[AnyRow], verdict: Verdict, *, declared: Sequence[str]
) -> None:
    """Guards of an approval: every line, role, cut and check answered, and an order to match."""
    faults: dict[str, str] = {}
    if not (claim.order_no or claim.enrolment_no):
        faults["order_no"] = "order_number_missing"
    checks = {check.code for check in catalogue.list_checks(claim.grid_id or 0)}
    if checks - verdict.ticks:
        faults["ticks"] = "grid_incomplete"
    if not verdict.roles or set(verdict.roles) - set(declared):
        faults["roles"] = "roles_not_declared" if verdict.roles else "required"
    reasons = catalogue.list_reasons(*CUT_KINDS)
    if set(verdict.roles) != set(declared) and verdict.role_reason not in reasons:
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


def is_in_part(lines: Sequence[AnyRow], verdict: Verdict, *, declared: Sequence[str]) -> bool:
    """Whether less is granted than was declared."""
    cut = any(verdict.lines[line.id].approved < line.declared for line in lines)
    return cut or set(verdict.roles) != set(declared)


def roles_declared(claim: Claim) -> list[str]:
    """The roles that the firm declared, of which an approval may have kept fewer."""
    found = db.session.execute(
        select(ClaimEvent.details["roles_declared"])
        .where(ClaimEvent.claim_id == claim.id, ClaimEvent.details.has_key("roles_declared"))
        .order_by(ClaimEvent.id)
        .limit(1)
    ).scalar()
    return list(found or claim.roles)


def decision_of(in_part: bool, actor_id: int, at: datetime) -> dict[str, Any]:
    """What an approval writes to the claim's row."""
    decision = Decision.APPROVED_IN_PART if in_part else Decision.APPROVED
    return {"decision": decision, "decided_by_id": actor_id, "decided_at": at, "clock_left": None}


def write_verdict(claim: Claim, verdict: Verdict, actor_id: int, at: datetime) -> None:
    """Keep what was granted of each line, and who ticked which check."""
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
