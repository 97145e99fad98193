"""What approving a claim would change for the firm: credit, attainment, margin."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce

from portal import periods
from portal.claims import Claim
from portal.db import AnyRow
from portal.margin.engine import ClaimLine, Plan, Role, with_line
from portal.margin.provisional import Provisional, find_provisional
from portal.money import ZERO
from portal.periods import PeriodState

WHOLE = Decimal(1)


@dataclass(frozen=True)
class Effect:
    """Figures of the claim's period before and after, attainment in percent points."""

    credited: Decimal
    earnings: Decimal
    before: str | None
    after: str | None
    weight: Decimal


def effect_of(claim: Claim, lines: Sequence[AnyRow]) -> Effect | None:
    """The effect of approving all that was declared; None without a plan or once the period is closed."""
    on = claim.ordered_on or claim.signed_on
    period = periods.current_period(on) if on else None
    if period is None or period.state is PeriodState.CLOSED or not lines:
        return None
    found = find_provisional(period, claim.partner_id)
    if found is None or found.result is None or found.plan is None:
        return None
    now = found.result
    then = reduce(with_line, (_as_fact(claim, line) for line in lines), now)
    return Effect(
        credited=then.credited - now.credited,
        earnings=then.payment.earnings - now.payment.earnings,
        before=now.measure.attainment_display,
        after=then.measure.attainment_display,
        weight=weight_of(found, claim.roles),
    )


def weight_of(found: Provisional | None, roles: Sequence[str]) -> Decimal:
    """The part of an approved amount that the plan credits for these roles; all of it without a plan."""
    plan: Plan | None = found.plan if found else None
    return sum((plan.role_weights[Role(role)] for role in roles), ZERO) if plan else WHOLE


def credit_weight(claim: Claim, roles: Sequence[str]) -> Decimal:
    """The same for a claim, by the plan of its period."""
    period = periods.current_period(claim.ordered_on or claim.signed_on)  # type: ignore[arg-type]
    return weight_of(find_provisional(period, claim.partner_id) if period else None, roles)


def _as_fact(claim: Claim, line: AnyRow) -> ClaimLine:
    amount = line.declared if line.verified is None else min(line.declared, line.verified)
    on = claim.ordered_on or claim.signed_on
    assert on is not None
    return ClaimLine(
        ref=f"{claim.reference} {line.position}", family=line.family, ordered_on=on, approved=amount,
        roles=tuple(Role(role) for role in claim.roles), project=claim.reference,
    )  # fmt: skip
