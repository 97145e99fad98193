"""The result as the document that `plan evaluate` prints: amounts are texts with two decimals."""

from typing import Any

from portal.margin.engine.components import ComponentResult
from portal.margin.engine.crediting import Credit
from portal.margin.engine.evaluation import Result
from portal.margin.engine.payment import Document
from portal.margin.engine.trace import named_components, outline, trace
from portal.money import plain, round_cents


def result_document(result: Result) -> dict[str, Any]:
    """The result with its trace, key by key in the order of the rules."""
    return _document_of(result, trace(result))


def outlined_document(result: Result) -> dict[str, Any]:
    """The result with the outline of its trace: what lists of results ask of it."""
    return _document_of(result, outline(result))


def _document_of(result: Result, steps: dict[str, Any]) -> dict[str, Any]:
    payment, target = result.payment, result.measure.target
    return {
        "plan": result.plan.code,
        "plan_version": result.plan.version,
        "partner": result.facts.partner,
        "period": str(result.plan.period),
        "claims": [_claim(credit) for part in result.parts for credit in part.credits],
        "credited": plain(result.credited),
        "target": None if target is None else plain(target),
        "attainment_display": result.measure.attainment_display,
        "gates": [{"type": gate.type, "passed": gate.passed} for gate in result.gates],
        "components": [_component(code, component) for code, component in named_components(result)],
        "gross": plain(payment.gross),
        "earnings": plain(payment.earnings),
        "adjustments": plain(payment.adjustments),
        "carry_in": plain(result.facts.carry_in),
        "balance": plain(payment.balance),
        "payable": plain(payment.payable),
        "carry_out": plain(payment.carry_out),
        "documents": [_document(document) for document in payment.documents],
        "net_to_pay": plain(payment.net_to_pay),
        "trace": steps,
    }


def _claim(credit: Credit) -> dict[str, Any]:
    reason = None if credit.reason is None else credit.reason.value
    return {"ref": credit.claim.ref, "credited": plain(credit.credited), "reason": reason}


def _component(code: str, component: ComponentResult) -> dict[str, Any]:
    return {
        "code": code,
        "base": plain(round_cents(component.base)),
        "amount": plain(component.amount),
        "passed": component.passed,
    }


def _document(document: Document) -> dict[str, Any]:
    return {
        "kind": document.kind.value,
        "net": plain(document.net),
        "vat": plain(document.vat),
        "total": plain(document.total),
    }
