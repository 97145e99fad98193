"""A partner's figures before the close, from the engine that will make the final ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.margin.engine import (
    AttainmentBar,
    NextTier,
    Plan,
    Result,
    attainment_bar,
    evaluate,
    next_tier,
    parse_period_facts,
    with_line,
)
from portal.margin.engine import ClaimLine as EngineLine
from portal.margin.facts import PartnerFacts, facts_of
from portal.money import exactly
from portal.periods.models import Period


@dataclass(frozen=True)
class Provisional:
    """What a partner would be stated if the period were closed now; no result where no plan is published."""

    facts: PartnerFacts
    result: Result | None

    @property
    def plan(self) -> Plan | None:
        """The plan its figures come from."""
        return self.result.plan if self.result else None

    @property
    def attained(self) -> Decimal | None:
        """Attainment in percent, cut to two decimals; none without an objective."""
        shown = self.result and self.result.measure.attainment_display
        return Decimal(shown) if shown else None

    @property
    def next_tier(self) -> NextTier | None:
        """The step above, what is missing to it and what it is worth in euros."""
        return next_tier(self.result) if self.result else None

    @property
    def bar(self) -> AttainmentBar | None:
        """The tiers to draw along the attainment."""
        return attainment_bar(self.result.plan) if self.result else None

    def worth_of(self, line: EngineLine) -> Decimal | None:
        """What one more line would add to the payment's balance, caps and gates included."""
        if self.result is None:
            return None
        with exactly():
            return with_line(self.result, line).payment.earnings - self.result.payment.earnings


def provisional_of(period: Period, partner_ids: Sequence[int]) -> Iterable[Provisional]:
    """The figures of these partners, in the order of the codes."""
    for found in facts_of(period, partner_ids=partner_ids):
        plan = found.plan
        yield Provisional(found, evaluate(plan.plan, parse_period_facts(found.document)) if plan else None)


def find_provisional(period: Period, partner_id: int) -> Provisional | None:
    """One partner's figures; none where the period does not concern it."""
    return next(iter(provisional_of(period, [partner_id])), None)
