"""Approving a claim, in full or in part, alone or by two persons."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.calendar import paris_date
from portal.claims.emails import tell_the_firm, tell_the_leads
from portal.claims.inputs import Verdict
from portal.claims.models import Claim, ClaimLine, ClaimMatch, Decision, MatchKind
from portal.claims.queries import lines_of
from portal.claims.services.behalf import within_limit
from portal.claims.services.steps import side_of, take_step
from portal.claims.services.verdict import (
    check_verdict,
    decision_of,
    is_in_part,
    roles_declared,
    write_verdict,
)
from portal.claims.workflow import RULES, Action, Actor, ClaimState, Rules
from portal.db import AnyRow, db
from portal.errors import Forbidden
from portal.money import ZERO


def approve_claim(
    *, claim: Claim, seen: int, verdict: Verdict, actor_id: int, at: datetime, rules: Rules = RULES
) -> tuple[str, ...]:
    """Approve line by line; return why a second person must approve too (empty when nobody must)."""
    check_makers(claim, actor_id)
    check_stand_in(claim, actor_id)
    rules = within_limit(claim.partner_id, actor_id, paris_date(at), rules)
    lines = lines_of(claim.id)
    if claim.state is ClaimState.IN_REVIEW:  # else the table says it better
        check_verdict(claim, lines, verdict, declared=claim.roles)
    second = second_reasons(claim=claim, lines=lines, verdict=verdict, rules=rules)
    in_part = is_in_part(lines, verdict, declared=claim.roles)
    details = {
        "in_part": in_part, "second": list(second), "roles_declared": list(claim.roles),
        "role_reason": verdict.role_reason,
    }  # fmt: skip
    if second:
        decided: dict[str, Any] = {"first_decided_by_id": actor_id, "first_decided_at": at}
    else:
        decided = decision_of(in_part, actor_id, at)
    take_step(
        claim, Action.PASS_ON if second else Action.APPROVE, seen=seen, actor_id=actor_id, at=at,
        note=verdict.note, details=details, roles=[role.value for role in verdict.roles], **decided,
    )  # fmt: skip
    write_verdict(claim, verdict, actor_id, at)
    tell_approval(claim, at, verdict.note, second)
    return second


def approve_second(*, claim: Claim, seen: int, note: str, actor_id: int, at: datetime) -> None:
    """Confirm what another person approved first."""
    check_makers(claim, actor_id)
    if claim.first_decided_by_id == actor_id:
        raise Forbidden("four_eyes")
    lines = lines_of(claim.id)
    in_part = any(line.approved != line.declared for line in lines) or (
        set(roles_declared(claim)) != set(claim.roles)
    )
    take_step(
        claim, Action.APPROVE_SECOND, seen=seen, actor_id=actor_id, at=at, note=note,
        details={"in_part": in_part}, **decision_of(in_part, actor_id, at),
    )  # fmt: skip
    tell_approval(claim, at, note, ())


def second_reasons(
    *, claim: Claim, lines: Sequence[AnyRow], verdict: Verdict, rules: Rules = RULES
) -> tuple[str, ...]:
    """Why this approval needs a second person: codes, in the order they are told."""
    credited = sum((_counted(line, verdict) for line in lines), ZERO) * verdict.weight
    probable = (
        select(ClaimMatch.id)
        .join(ClaimLine, ClaimLine.id == ClaimMatch.claim_line_id)
        .where(ClaimLine.claim_id == claim.id, ClaimMatch.kind == MatchKind.PROBABLE)
    )
    asked = {
        "above_limit": credited > rules.second_approval_above,
        "public_customer": claim.customer_public,
        "made_by_pam": claim.on_behalf,
        "probable_match": db.session.execute(probable.limit(1)).first() is not None,
    }
    return tuple(reason for reason, needed in asked.items() if needed)


def check_makers(claim: Claim, actor_id: int) -> None:
    """Who made a claim never approves it."""
    if actor_id in (claim.created_by_id, claim.submitted_by_id):
        raise Forbidden("four_eyes")


def check_stand_in(claim: Claim, actor_id: int) -> None:
    """A lead begins nothing but what a PAM wrote, since that PAM may not decide it."""
    if not claim.on_behalf and side_of(actor_id) is Actor.LEAD:
        raise Forbidden


def _counted(line: AnyRow, verdict: Verdict) -> Decimal:
    approved: Decimal = verdict.lines[line.id].approved
    return approved if line.verified is None else min(approved, line.verified)


def tell_approval(claim: Claim, at: datetime, note: str, second: Sequence[str]) -> None:
    if second:
        tell_the_leads(claim, "claim.pending_second", at=at, second=list(second))
        return
    kind = "claim.approved_in_part" if claim.decision is Decision.APPROVED_IN_PART else "claim.approved"
    lines = lines_of(claim.id)
    words = {
        "declared": str(sum(line.declared for line in lines)),
        "approved": str(sum(line.approved for line in lines)),
        "appeal_by": RULES.appeal_by(paris_date(at)).isoformat(),
    }
    tell_the_firm(claim, kind, at=at, note=note, **words)
