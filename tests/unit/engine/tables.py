"""Short ways to write a plan, facts and figures in tables that finance can read."""

from typing import Any

from portal.margin.engine import Result, evaluate, parse_facts, parse_plan, result_document

ALL_ROLES = ["PRESCRIBE", "DESIGN", "INTEGRATE", "DEPLOY"]
PLAN = {"code": "P", "version": 1, "segment": "SSII", "period": "FY26-H2", "currency": "EUR"}


def tiers(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    """[(from, rate), …] as a plan document writes them."""
    return [{"from": start, "rate": rate} for start, rate in pairs]


def component(scheme: str, **keys: Any) -> dict[str, Any]:
    """A component of a plan document."""
    return {"code": "C1", "scheme": scheme} | keys


def plan(*components: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A plan document for FY26-H2."""
    return PLAN | {"components": list(components) or [component("FLAT", rate="0.02")]} | keys


def claim(approved: str, ref: str = "1", **keys: Any) -> dict[str, Any]:
    """A claim with all roles held, ordered on 10 March 2026."""
    shared = {} if "shares" in keys else {"roles": ALL_ROLES}
    return {"ref": ref, "family": "M365", "ordered_at": "2026-03-10", "approved": approved} | shared | keys


def facts(*claims: dict[str, Any] | str, **keys: Any) -> dict[str, Any]:
    """The facts of P-00042; a claim given as an amount has all roles."""
    written = [claim(one, str(n)) if isinstance(one, str) else one for n, one in enumerate(claims, 1)]
    return {"partner": "P-00042", "claims": written} | keys


def computed(plan_document: dict[str, Any], facts_document: dict[str, Any]) -> Result:
    """The result of two documents."""
    return evaluate(parse_plan(plan_document), parse_facts(facts_document))


def answered(plan_document: dict[str, Any], facts_document: dict[str, Any]) -> dict[str, Any]:
    """The answer of `plan evaluate` to two documents."""
    return result_document(computed(plan_document, facts_document))
