"""What each scheme pays on the lines of its component, before cap and floor."""

from dataclasses import dataclass, field
from decimal import Decimal

from portal.margin.engine.crediting import Credit, Measure, projects_of
from portal.margin.engine.facts import ZERO
from portal.margin.engine.gates import Operands
from portal.margin.engine.one_rate import LineAmount, pay_lines
from portal.margin.engine.plan import (
    AttainmentMarginal,
    Flat,
    Growth,
    Marginal,
    OneRate,
    PerProject,
    Scheme,
    Tier,
)
from portal.margin.engine.rates import rate_of
from portal.money import round_cents

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Pay:
    """An amount to the cent, how it came about, and the lines it is printed on where there are any."""

    amount: Decimal
    operands: Operands = field(default_factory=dict)
    lines: tuple[LineAmount, ...] = ()


def pay(scheme: Scheme, lines: tuple[Credit, ...], base: Decimal, measure: Measure) -> Pay:
    """What a scheme pays for some lines of a plan, whose measured amounts sum to the base."""
    match scheme:
        case Marginal():
            return _slices(scheme.tiers, base, _ONE)
        case AttainmentMarginal():
            return _attainment_slices(scheme, base, measure)
        case PerProject():
            return _per_project(scheme, lines)
        case Growth():
            return _growth(scheme, base, measure)
        case _:
            return _one_rate(scheme, lines, base, measure)


def _slices(tiers: tuple[Tier, ...], base: Decimal, unit: Decimal) -> Pay:
    """Each part of the base at the rate of the tier it lies in, where tiers start at start × unit."""
    starts = [tier.start * unit for tier in tiers]
    ends = [*starts[1:], None]
    total = ZERO
    slices: list[Operands] = []
    for tier, start, end in zip(tiers, starts, ends, strict=True):
        part = max((base if end is None else min(base, end)) - start, ZERO)
        total += part * tier.rate
        slices.append({"from": start, "to": end, "part": part, "rate": tier.rate, "pays": part * tier.rate})
    return Pay(round_cents(total), {"slices": slices})


def _attainment_slices(scheme: AttainmentMarginal, base: Decimal, measure: Measure) -> Pay:
    objective = measure.objective
    if objective is None:
        return Pay(ZERO, {"target": None})
    limit = None if scheme.attainment_cap is None else scheme.attainment_cap * objective
    limited = base if limit is None else min(base, limit)
    sliced = _slices(scheme.tiers, limited, objective)
    return Pay(sliced.amount, {"attainment_cap": scheme.attainment_cap, "limit": limit, **sliced.operands})


def _per_project(scheme: PerProject, lines: tuple[Credit, ...]) -> Pay:
    projects = projects_of(lines)
    qualified = [
        code
        for code, project in projects.items()
        if project.credited >= scheme.min_credited and (project.led or not scheme.lead_only)
    ]
    most = scheme.max_projects
    counted = len(qualified) if most is None else min(len(qualified), most)
    operands = {
        "amount_per_project": scheme.amount,
        "lead_only": scheme.lead_only,
        "min_credited": scheme.min_credited,
        "max_projects": most,
        "among": [
            {"project": code, "credited": project.credited, "led": project.led}
            for code, project in projects.items()
        ],
        "projects": qualified,
        "counted": counted,
    }
    return Pay(scheme.amount * counted, operands)


def _growth(scheme: Growth, base: Decimal, measure: Measure) -> Pay:
    baseline = measure.facts.baseline
    operands = {"rate": scheme.rate, "min_growth": scheme.min_growth, "baseline": baseline}
    if baseline is None or baseline <= 0:
        return Pay(ZERO, operands)
    growth = base - baseline
    needed = scheme.min_growth * baseline
    earned = round_cents(scheme.rate * growth) if growth >= needed else ZERO
    return Pay(earned, operands | {"growth": growth, "needed": needed})


def _one_rate(scheme: OneRate, lines: tuple[Credit, ...], base: Decimal, measure: Measure) -> Pay:
    rate = rate_of(scheme, base, measure)
    amount, printed = pay_lines(lines, rate, scheme.payout)
    operands: Operands = {
        "tiers": _written(() if isinstance(scheme, Flat) else scheme.tiers),
        "applied": _written(rate.tiers),
        "rate": rate.numerator,
        "rate_divided_by": rate.denominator,
        "multipliers": scheme.payout.multipliers,
        "rounding": scheme.payout.rounding,
        "claim_cap": scheme.payout.claim_cap,
    }
    return Pay(amount, operands, printed)


def _written(tiers: tuple[Tier, ...]) -> list[Operands]:
    return [{"from": tier.start, "rate": tier.rate} for tier in tiers]
