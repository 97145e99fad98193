"""From the plan document to the plan, refusing whatever the rules do not know."""

from decimal import Decimal

from portal.margin.engine import plan as model
from portal.margin.engine.component_document import read_component, read_gate
from portal.margin.engine.faults import FaultAt
from portal.margin.engine.reading import Fields, list_of, map_of
from portal.margin.engine.values import (
    amount_from_zero,
    choice,
    flag,
    period,
    rate_from_zero,
    text,
    whole_above_zero,
)
from portal.money import exactly

MOST_COMPONENTS = 100
_NO_MEASURE: tuple[Decimal | None, dict[str, Decimal]] = (None, {})

_PLAN_KEYS = frozenset(
    (
        "code",
        "version",
        "segment",
        "period",
        "currency",
        "role_weights",
        "measure",
        "gates",
        "components",
        "partner_cap",
        "min_payout",
        "flush_at_fiscal_year_end",
        "true_up",
        "vat_rate",
    )
)


def parse_plan(document: object) -> model.Plan:
    """The plan that a document tree describes; FaultAt carries every fault found."""
    fields = Fields(document, _PLAN_KEYS, "a plan")
    with exactly():
        measure_cap, measure_weights = fields.take("measure", _read_measure, _NO_MEASURE)
        plan = model.Plan(
            code=fields.take("code", text),
            version=fields.take("version", whole_above_zero),
            segment=fields.take("segment", text),
            period=fields.take("period", period),
            currency=fields.take("currency", _read_euro),
            role_weights=fields.take("role_weights", _read_role_weights, model.default_role_weights()),
            claim_cap=measure_cap,
            measure_weights=measure_weights,
            gates=fields.take("gates", list_of(read_gate), ()),
            components=fields.take("components", _read_components),
            partner_cap=fields.take("partner_cap", amount_from_zero, None),
            min_payout=fields.take("min_payout", amount_from_zero, Decimal("0.00")),
            flush_at_fiscal_year_end=fields.take("flush_at_fiscal_year_end", flag, False),
            true_up=fields.take("true_up", choice(model.TrueUp), model.TrueUp.SIGNED),
            vat_rate=fields.take("vat_rate", rate_from_zero, Decimal("0.20")),
        )
    fields.end()
    return plan


def _read_euro(value: object) -> str:
    if text(value) != "EUR":
        raise FaultAt("", "not_euro")
    return "EUR"


def _read_measure(value: object) -> tuple[Decimal | None, dict[str, Decimal]]:
    fields = Fields(value, {"claim_cap", "weights"}, "measure")
    cap = fields.take("claim_cap", amount_from_zero, None)
    weights = fields.take("weights", map_of(rate_from_zero), dict[str, Decimal]())
    fields.end()
    return cap, weights


def _read_role_weights(value: object) -> dict[model.Role, Decimal]:
    fields = Fields(value, set(model.Role), "role_weights")
    weights = {role: fields.take(role, rate_from_zero) for role in model.Role}
    fields.end()
    if sum(weights.values()) > 1:
        raise FaultAt("", "above_whole")
    return weights


def _read_components(value: object) -> tuple[model.Component, ...]:
    if isinstance(value, list) and len(value) > MOST_COMPONENTS:
        raise FaultAt("", "too_many_components", most=MOST_COMPONENTS)
    components = list_of(read_component)(value)
    if not components:
        raise FaultAt("", "no_component")
    met: set[str] = set()
    for position, component in enumerate(components):
        if component.code in met:
            raise FaultAt(f"[{position}].code", "code_taken", name=component.code)
        met.add(component.code)
    return components
