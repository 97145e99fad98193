"""What is legal in a plan but odd: cliffs, tiers nobody reaches, floors above caps."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from portal.margin.engine.plan import (
    AttainmentMarginal,
    AttainmentRetroactive,
    Component,
    Interpolated,
    MinAttainment,
    Plan,
    Retroactive,
    Tier,
)
from portal.margin.engine.preview import tiers_of
from portal.money import exactly, plain, round_cents

_REFERENCE_TARGET = Decimal("100000.00")


@dataclass(frozen=True, slots=True)
class Oddity:
    """A warning, at the path of the plan document that gives rise to it."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def oddities(plan: Plan) -> tuple[Oddity, ...]:
    """All that somebody should look at before the plan is published."""
    with exactly():
        found = list(_of_plan(plan))
        for position, component in enumerate(plan.components):
            path = f"components[{position}]"
            for oddity in (
                *_bounds(component),
                *_families(component, plan),
                *_cliffs(component),
                *_unreachable(component, plan),
            ):
                found.append(Oddity(f"{path}.{oddity.path}", oddity.message))
    return tuple(found)


def _of_plan(plan: Plan) -> Iterator[Oddity]:
    if plan.partner_cap is not None and plan.partner_cap < plan.min_payout:
        yield Oddity("min_payout", f"is above partner_cap {plain(plan.partner_cap)}: no period pays alone")


def _bounds(component: Component) -> Iterator[Oddity]:
    if component.cap is not None and component.floor is not None and component.floor > component.cap:
        yield Oddity(
            "floor", f"{plain(component.floor)} is above the cap {plain(component.cap)}, and wins over it"
        )


def _families(component: Component, plan: Plan) -> Iterator[Oddity]:
    families = component.families
    if families is None:
        return
    if not families:
        yield Oddity("families", "is empty: the component takes no line")
    for position, family in enumerate(families):
        if family in families[:position]:
            yield Oddity(f"families[{position}]", f"repeats {family}")
        if plan.measure_weights.get(family) == 0:
            yield Oddity(f"families[{position}]", f"{family} weighs 0 in the measure and pays nothing")
    payout = getattr(component.scheme, "payout", None)
    for family in payout.multipliers if payout else ():
        if family not in families:
            yield Oddity(f"multipliers.{family}", "is not a family of the component")


def _cliffs(component: Component) -> Iterator[Oddity]:
    """Where one euro more changes the rate of all the others."""
    scheme = component.scheme
    if not isinstance(scheme, Retroactive | AttainmentRetroactive | Interpolated):
        return
    rate_below = Decimal(0)
    for position, tier in enumerate(scheme.tiers):
        if tier.start and tier.rate != rate_below and (position == 0 or not isinstance(scheme, Interpolated)):
            yield Oddity(f"tiers[{position}]", _cliff(scheme, tier, tier.rate - rate_below))
        rate_below = tier.rate


def _cliff(scheme: Retroactive | AttainmentRetroactive | Interpolated, tier: Tier, change: Decimal) -> str:
    kind = "cliff" if change > 0 else "fall: more pays less, a cliff"
    if isinstance(scheme, Retroactive):
        return f"{kind} of {plain(round_cents(abs(change) * tier.start))} EUR at {plain(tier.start)}"
    size = plain(round_cents(abs(change) * tier.start * _REFERENCE_TARGET))
    percent = plain((tier.start * 100).normalize())
    return f"{kind} of {size} EUR at {percent} % for a target of {plain(_REFERENCE_TARGET)}"


def _unreachable(component: Component, plan: Plan) -> Iterator[Oddity]:
    scheme, tiers = component.scheme, tiers_of(component)
    if isinstance(scheme, AttainmentMarginal) and scheme.attainment_cap is not None:
        for position, tier in enumerate(tiers):
            if tier.start >= scheme.attainment_cap:
                yield Oddity(
                    f"tiers[{position}]",
                    f"is never reached: attainment_cap is {plain(scheme.attainment_cap)}",
                )
    if isinstance(scheme, AttainmentRetroactive):
        gates = [g.value for g in (*plan.gates, *component.gates) if isinstance(g, MinAttainment)]
        gate = max(gates, default=Decimal(0))
        for position, above in enumerate(tiers[1:]):
            if above.start <= gate:
                yield Oddity(f"tiers[{position}]", f"is never paid: a gate asks for {plain(gate)}")
    yield from _above_cap(component)


def _above_cap(component: Component) -> Iterator[Oddity]:
    """Tiers of a scheme on amounts that start where the component's cap is reached already."""
    paid, below = Decimal(0), None
    if component.cap is None or isinstance(
        component.scheme, AttainmentMarginal | AttainmentRetroactive | Interpolated
    ):
        return
    for position, tier in enumerate(tiers_of(component)):
        if below is not None:
            reached = tier.start * below.rate
            paid = (
                reached
                if isinstance(component.scheme, Retroactive)
                else paid + reached - below.start * below.rate
            )
            if paid >= component.cap:
                yield Oddity(
                    f"tiers[{position}]", f"adds nothing: the cap {plain(component.cap)} is reached before"
                )
        below = tier
