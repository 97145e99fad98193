"""The whole calculation: one partner's facts under one plan."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from portal.margin.engine.components import ComponentResult, settle_component
from portal.margin.engine.crediting import Credit, Measure, credit, measure
from portal.margin.engine.facts import ZERO, ClaimLine, Facts
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
    earlier: "tuple[Result, ...]" = ()

    @property
    def parts(self) -> "tuple[Result, ...]":
        """The parts of the period, one for each plan the partner was under; the last settles them all."""
        return (*self.earlier, self)

    @property
    def credited(self) -> Decimal:
        """The sum of what the claims are credited."""
        return sum((part.measure.credited for part in self.parts), ZERO)


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
    earlier = tuple(evaluate(part.plan, part.facts) for part in facts.earlier)
    payment = settle_payment(plan, facts, gross, earlier=[part.payment for part in earlier])
    return Result(plan, facts, credits, figures, gates, components, payment, earlier)


def with_line(result: Result, line: ClaimLine) -> Result:
    """The result with one more line, in the part of the period that its order is of."""
    facts = result.facts
    for place, part in enumerate(facts.earlier):
        if line.ordered_on < part.ends_before:
            known = replace(part.facts, claims=(*part.facts.claims, line))
            parts = (*facts.earlier[:place], replace(part, facts=known), *facts.earlier[place + 1 :])
            return evaluate(result.plan, replace(facts, earlier=parts))
    return evaluate(result.plan, replace(facts, claims=(*facts.claims, line)))


def plan_on(result: Result, day: date) -> Plan:
    """The plan that applies to an order of a day."""
    return next((part.plan for part in result.facts.earlier if day < part.ends_before), result.plan)
