"""Every operand of every step, as data: enough for a person to redo the result by hand."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from portal.margin.engine.components import ComponentResult, PrintedLine
from portal.margin.engine.crediting import Credit
from portal.margin.engine.evaluation import Result
from portal.margin.engine.facts import ZERO
from portal.margin.engine.gates import GateResult
from portal.money import plain


def trace(result: Result) -> dict[str, Any]:
    """The steps in the order they are done; keys that do not apply to a line are left out.

    A period in parts has the claims, projects and components of all, and says which `parts` there are.
    """
    plan, parts = result.plan, result.parts
    steps = {
        "period": {"from": written(plan.period.starts_on), "to": written(plan.period.last_day)},
        "role_weights": written(plan.role_weights),
        "claim_cap": written(plan.claim_cap),
        "claims": [_claim(credit) for part in parts for credit in part.credits],
        "projects": [
            {"project": code, "credited": plain(project.credited), "led": project.led}
            for part in parts
            for code, project in part.measure.projects.items()
        ],
        "attainment": _attainment(result),
        "gates": [_gate(gate) for gate in result.gates],
        "components": [_component(code, component) for code, component in named_components(result)],
        "payment": _payment(result),
    }
    return steps | {"parts": _parts(result)} if result.earlier else steps


def outline(result: Result) -> dict[str, Any]:
    """Of the trace only conditions and payment, as they stand in it."""
    return {
        "gates": [_gate(gate) for gate in result.gates],
        "components": [
            {"code": code, "gates": [_gate(gate) for gate in component.gates]}
            for code, component in named_components(result)
            if component.gates
        ],
        "payment": _payment(result),
    }


def outline_of(trace: Mapping[str, Any]) -> dict[str, Any]:
    """The outline of a trace that is already written."""
    components = [{"code": one["code"], "gates": one["gates"]} for one in trace["components"] if one["gates"]]
    return {"gates": trace["gates"], "components": components, "payment": trace["payment"]}


def named_components(result: Result) -> list[tuple[str, ComponentResult]]:
    """Each component with its code; those of a part under an earlier plan begin with that plan's."""
    before = [(f"{part.plan.code}/{one.code}", one) for part in result.earlier for one in part.components]
    return before + [(one.code, one) for one in result.components]


def _parts(result: Result) -> list[dict[str, Any]]:
    """From where to where each plan applied, and what the partner was measured by and earned under it."""
    period = result.plan.period
    starts = [period.starts_on, *(part.ends_before for part in result.facts.earlier)]
    last_days = [*(start - timedelta(days=1) for start in starts[1:]), period.last_day]
    return [
        {
            "plan": part.plan.code,
            "plan_version": part.plan.version,
            "from": written(start),
            "to": written(last_day),
            "attainment": _attainment(part),
            "gates": [_gate(gate) for gate in part.gates],
            "gross": plain(sum((one.amount for one in part.components), ZERO)),
            "partner_cap": written(part.plan.partner_cap),
        }
        for part, start, last_day in zip(result.parts, starts, last_days, strict=True)
    ]


def written(value: object) -> Any:
    """An operand as JSON holds it: decimals and days as texts, the rest as it is."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): written(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [written(item) for item in value]
    return value


def _claim(credit: Credit) -> dict[str, Any]:
    claim = credit.claim
    steps: dict[str, Any] = {
        "ref": claim.ref,
        "project": claim.project_code,
        "family": claim.family,
        "ordered_on": claim.ordered_on.isoformat(),
        "approved": plain(claim.approved),
        "roles": list(map(str, claim.roles)),
        "lead": claim.led,
    }
    if claim.ordered_at is not None:
        steps["ordered_at"] = claim.ordered_at
    if credit.reason is not None:
        steps["reason"] = credit.reason.value
    if claim.fx_rate is not None:
        steps |= {"currency": claim.currency, "fx_rate": plain(claim.fx_rate)}
    if credit.in_euros is None or credit.uncapped is None:
        return steps
    steps["in_euros"] = plain(credit.in_euros)
    if credit.weight is not None:
        steps["weight"] = plain(credit.weight)
    if credit.parts is not None:
        steps |= {"shares": written(claim.shares), "parts": written(credit.parts)}
    return steps | {
        "uncapped": plain(credit.uncapped),
        "credited": plain(credit.credited),
        "measure_weight": plain(credit.measure_weight),
        "measured": plain(credit.measured),
    }


def _attainment(result: Result) -> dict[str, Any]:
    facts, figures = result.facts, result.measure
    proration = facts.proration
    return {
        "measured": plain(figures.measured),
        "target_before_proration": written(facts.target),
        "days": proration and proration.days,
        "of": proration and proration.of,
        "target": written(figures.target),
        "display": figures.attainment_display,
    }


def _gate(gate: GateResult) -> dict[str, Any]:
    return {"type": gate.type, **written(gate.operands), "passed": gate.passed}


def _component(code: str, result: ComponentResult) -> dict[str, Any]:
    component = result.component
    return {
        "code": code,
        "scheme": component.scheme.NAME,
        "families": written(component.families),
        "claims": list(result.refs),
        "base": plain(result.base),
        "gates": [_gate(gate) for gate in result.gates],
        "passed": result.passed,
        "steps": written(result.computed.operands),
        "computed": plain(result.computed.amount),
        "cap": written(component.cap),
        "floor": written(component.floor),
        "lines": [_line(line) for line in result.lines],
        "amount": plain(result.amount),
    }


def _line(line: PrintedLine) -> dict[str, Any]:
    printed: dict[str, Any] = {"kind": line.kind.value}
    if line.ref is not None:
        printed["ref"] = line.ref
    if line.uncapped is not None:
        printed["uncapped"] = plain(line.uncapped)
    return printed | {"amount": plain(line.amount)}


def _payment(result: Result) -> dict[str, Any]:
    plan, facts, payment = result.plan, result.facts, result.payment
    return {
        "gross": plain(payment.gross),
        "partner_cap": written(plan.partner_cap),
        "capped": plain(payment.capped),
        "prior_earnings": plain(facts.prior_earnings),
        "true_up": plan.true_up.value,
        "earnings": plain(payment.earnings),
        "adjustments": [
            {"period": str(one.period), "amount": plain(one.amount), "reason": one.reason}
            for one in facts.adjustments
        ],
        "carry_in": plain(facts.carry_in),
        "balance": plain(payment.balance),
        "min_payout": plain(plan.min_payout),
        "flush_at_fiscal_year_end": plan.flush_at_fiscal_year_end,
        "closes_fiscal_year": facts.closes_fiscal_year,
        "payable": plain(payment.payable),
        "carry_out": plain(payment.carry_out),
        "vat_rate": plain(plan.vat_rate),
    }
