"""What two versions of a plan say differently, as data for words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from portal.margin.engine import Component, Plan, Tier
from portal.margin.engine.plan import AttainmentMarginal, AttainmentRetroactive, Interpolated, Payout


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `what` names it, `of` is the component concerned (none for the plan itself).

    `before` or `after` is none where something appears or disappears; `which` tells tiers, families and
    gates of one kind apart.
    """

    what: str
    of: str | None
    before: Any
    after: Any
    which: Any = None


_PLAN = (
    "claim_cap", "partner_cap", "min_payout", "flush_at_fiscal_year_end", "true_up", "vat_rate",
)  # fmt: skip


def changes_between(old: Plan, new: Plan) -> tuple[Change, ...]:
    """All differences, those of the plan first, then component by component in the new order."""
    return tuple(_all(old, new))


def _all(old: Plan, new: Plan) -> Iterator[Change]:
    if old.period != new.period:
        yield Change("period", None, str(old.period), str(new.period))
    yield from _maps("role_weight", None, old.role_weights, new.role_weights)
    yield from _maps("measure_weight", None, old.measure_weights, new.measure_weights)
    yield from _values(_PLAN, None, old, new)
    yield from _gates(None, old.gates, new.gates)
    before = {component.code: component for component in old.components}
    after = {component.code: component for component in new.components}
    for code, component in before.items():
        if code not in after:
            yield Change("component", code, component, None)
    for code, component in after.items():
        if code not in before:
            yield Change("component", code, None, component)
        else:
            yield from _component(before[code], component)
    kept = [code for code in before if code in after], [code for code in after if code in before]
    if kept[0] != kept[1]:
        yield Change("order", None, tuple(kept[0]), tuple(kept[1]))


def _component(old: Component, new: Component) -> Iterator[Change]:
    code = new.code
    if set(old.families or ()) != set(new.families or ()):  # their order says nothing
        yield Change("families", code, old.families, new.families)
    yield from _values(("cap", "floor"), code, old, new)
    yield from _gates(code, old.gates, new.gates)
    if type(old.scheme) is not type(new.scheme):
        yield Change("scheme", code, old.scheme.NAME, new.scheme.NAME)
        return
    plain = [one.name for one in fields(new.scheme) if one.name not in ("tiers", "payout")]
    yield from _values(plain, code, old.scheme, new.scheme)
    on_attainment = isinstance(new.scheme, AttainmentMarginal | AttainmentRetroactive | Interpolated)
    what = "attainment_tier" if on_attainment else "tier"
    yield from _tiers(what, code, getattr(old.scheme, "tiers", ()), getattr(new.scheme, "tiers", ()))
    before, after = getattr(old.scheme, "payout", None), getattr(new.scheme, "payout", None)
    if isinstance(before, Payout) and isinstance(after, Payout):
        yield from _maps("multiplier", code, before.multipliers, after.multipliers)
        yield from _values(("rounding",), code, before, after)
        if before.claim_cap != after.claim_cap:
            yield Change("line_cap", code, before.claim_cap, after.claim_cap)


def _values(names: Any, of: str | None, old: object, new: object) -> Iterator[Change]:
    for name in names:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change(name, of, before, after)


def _maps(
    what: str, of: str | None, old: Mapping[Any, Decimal], new: Mapping[Any, Decimal]
) -> Iterator[Change]:
    """A weight that is not named is 1."""
    for key in sorted({*old, *new}):
        before, after = old.get(key, Decimal(1)), new.get(key, Decimal(1))
        if before != after:
            yield Change(what, of, before, after, str(key))


def _tiers(what: str, code: str, old: tuple[Tier, ...], new: tuple[Tier, ...]) -> Iterator[Change]:
    before = {tier.start: tier.rate for tier in old}
    after = {tier.start: tier.rate for tier in new}
    for start in sorted({*before, *after}):
        if before.get(start) != after.get(start):
            yield Change(what, code, before.get(start), after.get(start), start)


def _gates(of: str | None, old: tuple[Any, ...], new: tuple[Any, ...]) -> Iterator[Change]:
    for gate in old:
        if gate not in new:
            yield Change("gate", of, gate, None)
    for gate in new:
        if gate not in old:
            yield Change("gate", of, None, gate)
