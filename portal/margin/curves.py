"""What each component of a plan pays, point by point, from the engine itself: for drawings and tables."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from portal.margin.engine import ClaimLine, Component, Facts, Plan, Rounding, Tier, evaluate
from portal.margin.engine.plan import (
    AttainmentMarginal,
    AttainmentRetroactive,
    Growth,
    Interpolated,
    MinAttainment,
    PerProject,
    default_role_weights,
)
from portal.money import CENT, ZERO, exactly, round_cents

REFERENCE = Decimal("100000.00")  # the objective, or the baseline, that a drawing stands on
_STEPS, _STEP = 50, Decimal("0.02")  # of the width, so that nothing is divided
_MOST_PROJECTS = 12
_ON_ATTAINMENT = (AttainmentMarginal, AttainmentRetroactive, Interpolated)


class Axis(StrEnum):
    """What a curve runs along."""

    AMOUNT = "amount"
    ATTAINMENT = "attainment"
    GROWTH = "growth"
    PROJECTS = "projects"


@dataclass(frozen=True, slots=True)
class Cliff:
    """One euro more at `x` changes what is paid from `below` to `reached`."""

    x: Decimal
    below: Decimal
    reached: Decimal


@dataclass(frozen=True, slots=True)
class Curve:
    """What a component pays along its axis: euros credited, or projects."""

    component: str
    axis: Axis
    points: tuple[tuple[Decimal, Decimal], ...]
    marks: tuple[tuple[Decimal, Decimal], ...]
    cliffs: tuple[Cliff, ...]

    @property
    def widest(self) -> Decimal:
        """Where the axis ends."""
        return self.points[-1][0]

    @property
    def highest(self) -> Decimal:
        """The most that is paid on the drawing."""
        return max(pays for _, pays in self.points)


def curves_of(plan: Plan) -> tuple[Curve, ...]:
    """The curve of each component, alone, behind no gate but those on attainment."""
    with exactly():
        return tuple(_curve(plan, component) for component in plan.components)


def _curve(plan: Plan, component: Component) -> Curve:
    alone = _alone(plan, component)
    bounds, end = _bounds(alone.components[0])
    xs = set(bounds) | {round_cents(end * step * _STEP) for step in range(_STEPS + 1)}
    xs |= {bound - CENT for bound in bounds if bound}
    if isinstance(component.scheme, PerProject):
        xs = {Decimal(count) for count in range(int(end) + 1)}
    pays = {x: _paid(alone, x) for x in sorted(xs)}
    cliffs = () if isinstance(component.scheme, PerProject) else tuple(_cliffs(bounds, pays))
    return Curve(component.code, _axis(component), tuple(pays.items()), _marks(bounds, end, pays), cliffs)


def _alone(plan: Plan, component: Component) -> Plan:
    """The same scheme, cap and floor on every line; what tells lines apart is left out."""
    gates = (*plan.gates, *component.gates)
    on_attainment = isinstance(component.scheme, _ON_ATTAINMENT)
    kept = tuple(gate for gate in gates if on_attainment and isinstance(gate, MinAttainment))
    scheme = component.scheme
    if payout := getattr(scheme, "payout", None):
        bare = replace(payout, multipliers={}, rounding=Rounding.TOTAL, claim_cap=None)
        scheme = replace(scheme, payout=bare)
    return replace(
        plan, components=(replace(component, scheme=scheme, families=None, gates=kept),), gates=(),
        claim_cap=None, measure_weights={}, role_weights=default_role_weights(), partner_cap=None,
    )  # fmt: skip


def _axis(component: Component) -> Axis:
    match component.scheme:
        case PerProject():
            return Axis.PROJECTS
        case Growth():
            return Axis.GROWTH
        case AttainmentMarginal() | AttainmentRetroactive() | Interpolated():
            return Axis.ATTAINMENT
        case _:
            return Axis.AMOUNT


def _bounds(component: Component) -> tuple[list[Decimal], Decimal]:
    """Where the curve bends, in euros, and where the drawing ends."""
    scheme = component.scheme
    if isinstance(scheme, PerProject):
        most = scheme.max_projects
        return [], Decimal(_MOST_PROJECTS if most is None else min(most + 2, _MOST_PROJECTS))
    if isinstance(scheme, Growth):
        start = round_cents(REFERENCE * (1 + scheme.min_growth))
        return [REFERENCE, start], max(2 * REFERENCE, start * 2 - REFERENCE)
    unit = REFERENCE if isinstance(scheme, _ON_ATTAINMENT) else Decimal(1)
    tiers: tuple[Tier, ...] = getattr(scheme, "tiers", ())
    bounds = [round_cents(tier.start * unit) for tier in tiers]
    bounds += [round_cents(gate.value * unit) for gate in component.gates if isinstance(gate, MinAttainment)]
    limit = getattr(scheme, "attainment_cap", None)
    bounds += [] if limit is None else [round_cents(limit * unit)]
    last = max(bounds, default=ZERO)
    widest = last * Decimal("1.25")
    return sorted(set(bounds)), max(widest, REFERENCE * Decimal("1.2") if unit != 1 else widest) or REFERENCE


def _paid(alone: Plan, x: Decimal) -> Decimal:
    scheme = alone.components[0].scheme
    if isinstance(scheme, PerProject):
        claims = tuple(_line(alone, str(n), max(scheme.min_credited, CENT)) for n in range(int(x)))
    else:
        claims = (_line(alone, "1", x),)
    facts = Facts(partner="-", claims=claims, target=REFERENCE, baseline=REFERENCE)
    return evaluate(alone, facts).components[0].amount


def _line(plan: Plan, ref: str, amount: Decimal) -> ClaimLine:
    whole = {"-": Decimal(1)}
    return ClaimLine(ref, "", plan.period.starts_on, amount, shares=whole, project=ref, lead=True)


def _cliffs(bounds: list[Decimal], pays: dict[Decimal, Decimal]) -> Iterator[Cliff]:
    for bound in bounds:
        below, reached = pays.get(bound - CENT), pays[bound]
        if below is not None and abs(reached - below) >= 1:
            yield Cliff(bound, below, reached)


def _marks(
    bounds: list[Decimal], end: Decimal, pays: dict[Decimal, Decimal]
) -> tuple[tuple[Decimal, Decimal], ...]:
    """The few points that a table shows: where it bends, the euro before, half of the way and the end."""
    chosen = {x for x in pays if x in bounds or x + CENT in bounds}
    chosen |= {x for place, x in enumerate(pays) if place % max(len(pays) // 5, 1) == 0}
    return tuple((x, pays[x]) for x in sorted(chosen | {max(pays)}))
