"""From a component or a gate of the plan document to what it says."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any

from portal.margin.engine import plan as model
from portal.margin.engine.faults import FaultAt
from portal.margin.engine.reading import Fields, list_of, map_of, table
from portal.margin.engine.values import (
    amount_from_zero,
    choice,
    flag,
    rate_from_zero,
    text,
    whole,
)
from portal.money import plain

_COMPONENT_KEYS = frozenset(["code", "scheme", "families", "gates", "cap", "floor"])
_PAYOUT_KEYS = frozenset(["multipliers", "rounding", "claim_cap"])
_SCHEME_KEYS: dict[str, frozenset[str]] = {
    "FLAT": frozenset({"rate"}) | _PAYOUT_KEYS,
    "MARGINAL": frozenset({"tiers"}),
    "RETROACTIVE": frozenset({"tiers"}) | _PAYOUT_KEYS,
    "ATTAINMENT_MARGINAL": frozenset({"tiers", "attainment_cap"}),
    "ATTAINMENT_RETROACTIVE": frozenset({"tiers"}) | _PAYOUT_KEYS,
    "INTERPOLATED": frozenset({"tiers"}) | _PAYOUT_KEYS,
    "PER_PROJECT": frozenset({"amount", "lead_only", "min_credited", "max_projects"}),
    "GROWTH": frozenset({"rate", "min_growth"}),
}
_GATE_KEYS: dict[str, frozenset[str]] = {
    "MIN_ATTAINMENT": frozenset({"type", "value"}),
    "COMPETENCY_HELD": frozenset({"type", "code", "continuous"}),
    "MIN_PROJECTS": frozenset({"type", "count", "min_credited"}),
    "MIN_CSAT": frozenset({"type", "score"}),
}
_SMALLEST = Decimal("0.01")
MOST_TIERS = 100


def read_component(value: object) -> model.Component:
    name = _kind_of("scheme", _SCHEME_KEYS, value)
    fields = Fields(value, _COMPONENT_KEYS | _SCHEME_KEYS[name], name)
    component = model.Component(
        code=fields.take("code", text),
        scheme=_SCHEMES[name](fields),
        families=fields.take("families", list_of(text), None),
        gates=fields.take("gates", list_of(read_gate), ()),
        cap=fields.take("cap", amount_from_zero, None),
        floor=fields.take("floor", amount_from_zero, None),
    )
    fields.end()
    return component


def _kind_of(key: str, kinds: Mapping[str, object], value: object) -> str:
    word = table(value).get(key)
    if word is None:
        raise FaultAt(key, "missing")
    if not isinstance(word, str) or word not in kinds:
        raise FaultAt(key, "not_among", words=", ".join(kinds))
    return word


def _payout(fields: Fields) -> model.Payout:
    payout = model.Payout(
        multipliers=fields.take("multipliers", map_of(rate_from_zero), dict[str, Decimal]()),
        rounding=fields.take("rounding", choice(model.Rounding), model.Rounding.TOTAL),
        claim_cap=fields.take("claim_cap", amount_from_zero, None),
    )
    if fields.sound and payout.claim_cap is not None and payout.rounding is not model.Rounding.LINE:
        fields.fault("claim_cap", "cap_without_line")
    return payout


def _per_project(fields: Fields) -> model.PerProject:
    return model.PerProject(
        amount=fields.take("amount", amount_from_zero),
        lead_only=fields.take("lead_only", flag, False),
        min_credited=fields.take("min_credited", amount_from_zero, _SMALLEST),
        max_projects=fields.take("max_projects", whole, None),
    )


def _read_tier(start: Callable[[Any], Decimal], value: object) -> model.Tier:
    fields = Fields(value, {"from", "rate"}, "a tier")
    tier = model.Tier(start=fields.take("from", start), rate=fields.take("rate", rate_from_zero))
    fields.end()
    return tier


def _read_tiers(
    start: Callable[[Any], Decimal], value: object, *, first_at_zero: bool
) -> tuple[model.Tier, ...]:
    if isinstance(value, list) and len(value) > MOST_TIERS:
        raise FaultAt("", "too_many_tiers", most=MOST_TIERS)
    tiers = list_of(partial(_read_tier, start))(value)
    if not tiers:
        raise FaultAt("", "no_tier")
    if first_at_zero and tiers[0].start:
        raise FaultAt("[0].from", "not_zero")
    for position, (below, above) in enumerate(pairwise(tiers), start=1):
        if above.start <= below.start:
            raise FaultAt(f"[{position}].from", "not_above", bound=plain(below.start))
    return tiers


_FROM_ZERO_ON_AMOUNT = partial(_read_tiers, amount_from_zero, first_at_zero=True)
_ON_AMOUNT = partial(_read_tiers, amount_from_zero, first_at_zero=False)
_FROM_ZERO_ON_ATTAINMENT = partial(_read_tiers, rate_from_zero, first_at_zero=True)
_ON_ATTAINMENT = partial(_read_tiers, rate_from_zero, first_at_zero=False)

_SCHEMES: dict[str, Callable[[Fields], model.Scheme]] = {
    "FLAT": lambda f: model.Flat(f.take("rate", rate_from_zero), _payout(f)),
    "MARGINAL": lambda f: model.Marginal(f.take("tiers", _FROM_ZERO_ON_AMOUNT)),
    "RETROACTIVE": lambda f: model.Retroactive(f.take("tiers", _ON_AMOUNT), _payout(f)),
    "ATTAINMENT_MARGINAL": lambda f: model.AttainmentMarginal(
        f.take("tiers", _FROM_ZERO_ON_ATTAINMENT), f.take("attainment_cap", rate_from_zero, None)
    ),
    "ATTAINMENT_RETROACTIVE": lambda f: model.AttainmentRetroactive(
        f.take("tiers", _ON_ATTAINMENT), _payout(f)
    ),
    "INTERPOLATED": lambda f: model.Interpolated(f.take("tiers", _ON_ATTAINMENT), _payout(f)),
    "PER_PROJECT": _per_project,
    "GROWTH": lambda f: model.Growth(f.take("rate", rate_from_zero), f.take("min_growth", rate_from_zero)),
}


def read_gate(value: object) -> model.Gate:
    name = _kind_of("type", _GATE_KEYS, value)
    fields = Fields(value, _GATE_KEYS[name], name)
    gate = _GATES[name](fields)
    fields.end()
    return gate


_GATES: dict[str, Callable[[Fields], model.Gate]] = {
    "MIN_ATTAINMENT": lambda f: model.MinAttainment(f.take("value", rate_from_zero)),
    "COMPETENCY_HELD": lambda f: model.CompetencyHeld(
        f.take("code", text), f.take("continuous", flag, False)
    ),
    "MIN_PROJECTS": lambda f: model.MinProjects(
        f.take("count", whole), f.take("min_credited", amount_from_zero, _SMALLEST)
    ),
    "MIN_CSAT": lambda f: model.MinCsat(f.take("score", rate_from_zero)),
}
