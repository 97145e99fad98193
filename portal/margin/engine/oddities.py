"""What is legal in a plan but odd: cliffs, tiers nobody reaches, floors above caps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from portal.margin.engine.evaluation import Result
from portal.margin.engine.gates import GateResult
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


ODDITIES = {
    "adds_nothing": "adds nothing: the cap {cap} is reached before",
    "cliff": "cliff of {size} EUR at {at}",
    "cliff_on_attainment": "cliff of {size} EUR at {percent} % for a target of {target}",
    "fall": "fall: more pays less, a cliff of {size} EUR at {at}",
    "fall_on_attainment": (
        "fall: more pays less, a cliff of {size} EUR at {percent} % for a target of {target}"
    ),
    "floor_above_cap": "{floor} is above the cap {cap}, and wins over it",
    "gate_never_passed": "is passed by none of {partners} partners",
    "no_family": "is empty: the component takes no line",
    "not_its_family": "is not a family of the component",
    "payout_above_cap": "is above partner_cap {cap}: no period pays alone",
    "repeats": "repeats {family}",
    "tier_never_paid": "is never paid: a gate asks for {gate}",
    "tier_never_reached": "is never reached: attainment_cap is {cap}",
    "weighs_nothing": "{family} weighs 0 in the measure and pays nothing",
}


@dataclass(frozen=True, slots=True)
class Oddity:
    """A warning, at the path of the plan document that gives rise to it: its code and figures."""

    path: str
    code: str
    params: Mapping[str, Decimal | int | str]

    @property
    def message(self) -> str:
        """What is odd, in English."""
        said = {name: plain(one) if isinstance(one, Decimal) else one for name, one in self.params.items()}
        return ODDITIES[self.code].format(**said)

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
                *_cliffs(component, plan),
                *_unreachable(component, plan),
            ):
                found.append(replace(oddity, path=f"{path}.{oddity.path}"))
    return tuple(found)


def _odd(path: str, code: str, **params: Decimal | int | str) -> Oddity:
    return Oddity(path, code, params)


def _of_plan(plan: Plan) -> Iterator[Oddity]:
    if plan.partner_cap is not None and plan.partner_cap < plan.min_payout:
        yield _odd("min_payout", "payout_above_cap", cap=plan.partner_cap)


def _bounds(component: Component) -> Iterator[Oddity]:
    if component.cap is not None and component.floor is not None and component.floor > component.cap:
        yield _odd("floor", "floor_above_cap", floor=component.floor, cap=component.cap)


def _families(component: Component, plan: Plan) -> Iterator[Oddity]:
    families = component.families
    if families is None:
        return
    if not families:
        yield _odd("families", "no_family")
    for position, family in enumerate(families):
        if family in families[:position]:
            yield _odd(f"families[{position}]", "repeats", family=family)
        if plan.measure_weights.get(family) == 0:
            yield _odd(f"families[{position}]", "weighs_nothing", family=family)
    payout = getattr(component.scheme, "payout", None)
    for family in payout.multipliers if payout else ():
        if family not in families:
            yield _odd(f"multipliers.{family}", "not_its_family")


def _cliffs(component: Component, plan: Plan) -> Iterator[Oddity]:
    """Where one euro more changes the rate of all the others; below its gate nothing is paid."""
    scheme = component.scheme
    if not isinstance(scheme, Retroactive | AttainmentRetroactive | Interpolated):
        return
    gate = Decimal(0) if isinstance(scheme, Retroactive) else _least_attainment(component, plan)
    rate_below = Decimal(0)
    for position, tier in enumerate(scheme.tiers):
        change = tier.rate if tier.start == gate else tier.rate - rate_below
        jumps = position == 0 or not isinstance(scheme, Interpolated)
        if tier.start and tier.start >= gate and change and jumps:
            yield _cliff(f"tiers[{position}]", scheme, tier, change)
        rate_below = tier.rate


def _cliff(
    path: str, scheme: Retroactive | AttainmentRetroactive | Interpolated, tier: Tier, change: Decimal
) -> Oddity:
    kind = "cliff" if change > 0 else "fall"
    if isinstance(scheme, Retroactive):
        return _odd(path, kind, size=round_cents(abs(change) * tier.start), at=tier.start)
    size = round_cents(abs(change) * tier.start * _REFERENCE_TARGET)
    percent = (tier.start * 100).normalize()
    return _odd(path, f"{kind}_on_attainment", size=size, percent=percent, target=_REFERENCE_TARGET)


def _unreachable(component: Component, plan: Plan) -> Iterator[Oddity]:
    scheme, tiers = component.scheme, tiers_of(component)
    if isinstance(scheme, AttainmentMarginal) and scheme.attainment_cap is not None:
        for position, tier in enumerate(tiers):
            if tier.start >= scheme.attainment_cap:
                yield _odd(f"tiers[{position}]", "tier_never_reached", cap=scheme.attainment_cap)
    if isinstance(scheme, AttainmentRetroactive):
        gate = _least_attainment(component, plan)
        for position, above in enumerate(tiers[1:]):
            if above.start <= gate:
                yield _odd(f"tiers[{position}]", "tier_never_paid", gate=gate)
    yield from _above_cap(component)


def _least_attainment(component: Component, plan: Plan) -> Decimal:
    gates = (*plan.gates, *component.gates)
    return max((gate.value for gate in gates if isinstance(gate, MinAttainment)), default=Decimal(0))


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
                yield _odd(f"tiers[{position}]", "adds_nothing", cap=component.cap)
        below = tier


class GatesPassed:
    """How many partners pass each gate of a plan, as their facts come by."""

    def __init__(self) -> None:
        self._partners = 0
        self._passed: dict[str, bool] = {}

    def look_at(self, result: Result) -> None:
        """Count one partner's result."""
        self._partners += 1
        for path, gate in _gates_of(result):
            self._passed[path] = gate.passed or self._passed.get(path, False)

    @property
    def oddities(self) -> tuple[Oddity, ...]:
        """A warning for each gate that nobody passed."""
        return tuple(
            _odd(path, "gate_never_passed", partners=self._partners)
            for path, passed in self._passed.items()
            if not passed
        )


def _gates_of(result: Result) -> Iterator[tuple[str, GateResult]]:
    for place, gate in enumerate(result.gates):
        yield f"gates[{place}]", gate
    for number, component in enumerate(result.components):
        for place, gate in enumerate(component.gates):
            yield f"components[{number}].gates[{place}]", gate
