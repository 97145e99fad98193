"""Small claims approved together: each is still checked alone, and the report says which did not pass."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from portal.calendar import paris_date
from portal.claims.inputs import LineVerdict, Verdict
from portal.claims.models import Claim, ProjectRole
from portal.claims.queries import get_claim, grid_of, lines_of
from portal.claims.services.approval import approve_claim, check_makers, second_reasons
from portal.claims.services.behalf import within_limit
from portal.claims.services.review import take_claim
from portal.claims.workflow import RULES, ClaimState, Finding, Rules
from portal.db import AnyRow
from portal.errors import Refused
from portal.money import ZERO


def list_small(rows: Sequence[AnyRow], *, rules: Rules = RULES) -> list[AnyRow]:
    """Of a page of the queue, the claims small enough to be approved together."""
    return [
        row
        for row in rows
        if row.state in (ClaimState.SUBMITTED, ClaimState.IN_REVIEW)
        and (row.declared or ZERO) <= rules.bulk_limit
    ]


def approve_small(
    *, public_id: UUID, seen: int, weight: Decimal, actor_id: int, at: datetime, rules: Rules = RULES
) -> Claim:
    """Approve one small claim in full, checked as if it were alone; run it in a transaction of its own."""
    claim = get_claim(public_id)
    lines = lines_of(claim.id)
    verdict = _in_full(claim, lines, at, weight)
    rules = within_limit(claim.partner_id, actor_id, paris_date(at), rules)
    _check_small(claim, lines, verdict, actor_id, rules)
    if claim.state is ClaimState.SUBMITTED:
        take_claim(claim=claim, seen=seen, actor_id=actor_id, at=at)
        seen = claim.version
    approve_claim(claim=claim, seen=seen, verdict=verdict, actor_id=actor_id, at=at, rules=rules)
    return claim


def _in_full(claim: Claim, lines: Sequence[AnyRow], at: datetime, weight: Decimal) -> Verdict:
    """All that was declared; a check that the facts contradict is not ticked."""
    found = grid_of(claim, on=paris_date(at))
    return Verdict(
        lines={line.id: LineVerdict(line.declared) for line in lines},
        roles=tuple(ProjectRole(role) for role in claim.roles),
        ticks=frozenset(check.code for check, finding in found if finding is not Finding.MISSING),
        weight=weight,
    )


def _check_small(
    claim: Claim, lines: Sequence[AnyRow], verdict: Verdict, actor_id: int, rules: Rules
) -> None:
    """What one person may approve without reading it alone."""
    check_makers(claim, actor_id)
    if sum((line.declared for line in lines), ZERO) > rules.bulk_limit:
        raise Refused("bulk_too_large")
    if claim.duplicate_reason:
        raise Refused("bulk_look_alike")
    if second_reasons(claim=claim, lines=lines, verdict=verdict, rules=rules):
        raise Refused("bulk_second_person")
