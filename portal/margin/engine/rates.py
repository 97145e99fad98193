"""The one rate that a whole base is paid at, as an exact fraction."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.margin.engine.crediting import Measure
from portal.margin.engine.plan import (
    AttainmentRetroactive,
    Flat,
    Interpolated,
    OneRate,
    Retroactive,
    Tier,
)

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Rate:
    """numerator / denominator, and the tiers it was read from (two where it lies between points)."""

    numerator: Decimal
    denominator: Decimal = _ONE
    tiers: tuple[Tier, ...] = ()


NO_RATE = Rate(Decimal(0))


def rate_of(scheme: OneRate, base: Decimal, measure: Measure) -> Rate:
    """The rate that a scheme reaches; zero below its first tier, or without an objective it needs."""
    match scheme:
        case Flat():
            return Rate(scheme.rate)
        case Retroactive():
            return _rate_reached(scheme.tiers, base, _ONE)
        case AttainmentRetroactive():
            if measure.objective is None:
                return NO_RATE
            return _rate_reached(scheme.tiers, measure.measured, measure.objective)
        case Interpolated():
            if measure.objective is None:
                return NO_RATE
            return _interpolated(scheme.tiers, measure.measured, measure.objective)


def _rate_reached(tiers: Sequence[Tier], value: Decimal, unit: Decimal) -> Rate:
    reached = _reached(tiers, value, unit)
    return Rate(reached[-1].rate, tiers=reached[-1:]) if reached else NO_RATE


def _interpolated(points: Sequence[Tier], measured: Decimal, objective: Decimal) -> Rate:
    reached = _reached(points, measured, objective)
    if not reached:
        return NO_RATE
    below = reached[-1]
    if len(reached) == len(points):
        return Rate(below.rate, tiers=(below,))
    above = points[len(reached)]
    width = (above.start - below.start) * objective
    beyond = measured - below.start * objective
    return Rate(below.rate * width + (above.rate - below.rate) * beyond, width, (below, above))


def _reached(tiers: Sequence[Tier], value: Decimal, unit: Decimal) -> tuple[Tier, ...]:
    """The tiers that start at or below value / unit, cross-multiplied so that no quotient is rounded."""
    return tuple(tier for tier in tiers if value >= tier.start * unit)
