"""The whole calculation: one partner's facts under one plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from portal.margin.engine.components import ComponentResult, settle_component
from portal.margin.engine.crediting import Credit, Measure, credit, measure
from portal.margin.engine.facts import ZERO, Facts
from portal.margin.engine.gates import GateResult, check_gates
from portal.margin.engine.payment import Payment, settle_payment
from portal.margin.engine.plan import Plan
from portal.money import exactly


@dataclass(frozen=True, slots=True)
class Result:
    """One partner's period, computed, with all that led there."""

    plan: Plan
    facts: Facts
    credits: tuple[Credit, ...]
    measure: Measure
    gates: tuple[GateResult, ...]
    components: tuple[ComponentResult, ...]
    payment: Payment

    @property
    def credited(self) -> Decimal:
        """The sum of what the claims are credited."""
        return self.measure.credited


def evaluate(plan: Plan, facts: Facts) -> Result:
    """The result of one partner; the same facts give the same cents, in whatever order."""
    with exactly():
        return settle(plan, facts, tuple(credit(plan, claim, facts.partner) for claim in facts.claims))


def settle(plan: Plan, facts: Facts, credits: Iterable[Credit]) -> Result:
    """The result that some credits lead to."""
    credits = tuple(credits)
    figures = measure(plan, facts, credits)
    gates = check_gates(plan.gates, figures)
    passed = all(gate.passed for gate in gates)
    components = tuple(
        settle_component(component, figures, plan_passed=passed) for component in plan.components
    )
    gross = sum((component.amount for component in components), ZERO)
    return Result(plan, facts, credits, figures, gates, components, settle_payment(plan, facts, gross))
