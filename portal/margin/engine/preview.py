"""What comes next for a partner: the attainment bar, and what the next tier is worth."""

from dataclasses import dataclass
from decimal import Decimal

from portal.margin.engine.crediting import Credit
from portal.margin.engine.evaluation import Result, settle
from portal.margin.engine.facts import ClaimLine
from portal.margin.engine.plan import (
    AttainmentMarginal,
    AttainmentRetroactive,
    Component,
    Interpolated,
    Marginal,
    MinAttainment,
    Plan,
    Retroactive,
    Tier,
)
from portal.money import CENT, exactly, round_quotient

_ONE = Decimal(1)
_ON_ATTAINMENT = (AttainmentMarginal, AttainmentRetroactive, Interpolated)
_ON_AMOUNTS = (Marginal, Retroactive)


@dataclass(frozen=True, slots=True)
class BarTier:
    """A tier of the attainment bar: where it starts, in percent, and the rate from there on."""

    percent: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class AttainmentBar:
    """What to draw along the attainment of a partner, all bounds in percent."""

    component: str
    tiers: tuple[BarTier, ...]
    gates: tuple[Decimal, ...]
    cap: Decimal | None


@dataclass(frozen=True, slots=True)
class NextTier:
    """`more` credited reaches the tier at `start`, which is worth that much more earnings.

    `start` is an attainment (1.00 = 100 %) where `on_attainment`, else an amount.
    """

    component: str
    start: Decimal
    on_attainment: bool
    rate: Decimal
    more: Decimal
    worth: Decimal


def attainment_bar(plan: Plan) -> AttainmentBar | None:
    """The bar of the plan's first component on attainment; None where there is no such component."""
    component = _first(plan, _ON_ATTAINMENT)
    if component is None:
        return None
    gates = {gate.value for gate in (*plan.gates, *component.gates) if isinstance(gate, MinAttainment)}
    cap = _attainment_cap(component)
    with exactly():
        return AttainmentBar(
            component=component.code,
            tiers=tuple(BarTier(tier.start * 100, tier.rate) for tier in tiers_of(component)),
            gates=tuple(gate * 100 for gate in sorted(gates)),
            cap=None if cap is None else cap * 100,
        )


def next_tier(result: Result) -> NextTier | None:
    """The tier above, on attainment or else on amounts; None on the last, or where none can be reached."""
    component = _first(result.plan, _ON_ATTAINMENT) or _first(result.plan, _ON_AMOUNTS)
    if component is None:
        return None
    on_attainment = isinstance(component.scheme, _ON_ATTAINMENT)
    unit = result.measure.objective if on_attainment else _ONE
    family = _family_that_counts(component, result.plan)
    if unit is None or family is None:
        return None
    with exactly():
        reached = _figure(component, result)
        tier = next((tier for tier in tiers_of(component) if tier.start * unit > reached), None)
        cap = _attainment_cap(component)
        if tier is None or (cap is not None and tier.start >= cap):
            return None
        weight = result.plan.measure_weights.get(family, _ONE)
        more = _cents_up(tier.start * unit - reached, weight)
        imagined = _imagined(result, family, more, more * weight)
        then = settle(result.plan, result.facts, (*result.credits, imagined))
        worth = then.payment.earnings - result.payment.earnings
        return NextTier(component.code, tier.start, on_attainment, tier.rate, more, worth)


def _first(plan: Plan, schemes: tuple[type, ...]) -> Component | None:
    return next((one for one in plan.components if isinstance(one.scheme, schemes)), None)


def tiers_of(component: Component) -> tuple[Tier, ...]:
    """The tiers of a component's scheme; none where it has no such thing."""
    return getattr(component.scheme, "tiers", ())


def _attainment_cap(component: Component) -> Decimal | None:
    return getattr(component.scheme, "attainment_cap", None)


def _figure(component: Component, result: Result) -> Decimal:
    """What the tiers of a component are compared with: its own base, or the attainment of the plan."""
    if isinstance(component.scheme, AttainmentRetroactive | Interpolated):
        return result.measure.measured
    return next(one.base for one in result.components if one.component is component)


def _family_that_counts(component: Component, plan: Plan) -> str | None:
    """A family of which one more euro raises the measure; the empty name is any family of no weight."""
    if component.families is None:
        return ""
    return next((name for name in component.families if plan.measure_weights.get(name, _ONE) > 0), None)


def _cents_up(measured: Decimal, weight: Decimal) -> Decimal:
    """The least amount to the cent whose measure is at least so much."""
    rounded = round_quotient(measured, weight)
    return rounded if rounded * weight >= measured else rounded + CENT


def _imagined(result: Result, family: str, credited: Decimal, measured: Decimal) -> Credit:
    # Without ref and project it raises the measure alone, and no count of projects.
    return Credit(ClaimLine("", family, result.measure.first_day, credited), credited, measured=measured)
