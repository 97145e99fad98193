"""Gates of a plan told to those who must pass them."""

from collections.abc import Iterator
from decimal import Decimal

from portal.i18n import format_number, format_percent, ngettext
from portal.i18n import gettext as _
from portal.margin.engine import GateResult, Result


def open_gates(result: Result) -> list[str]:
    """What is still missing for the plan to pay, and for each component, in words."""
    plan = [_told(gate) for gate in result.gates if not gate.passed]
    return plan + list(_of_components(result))


def _of_components(result: Result) -> Iterator[str]:
    for component in result.components:
        for gate in component.gates:
            if not gate.passed:
                yield _("component %(code)s: %(gate)s", code=component.code, gate=_told(gate))


def _told(gate: GateResult) -> str:
    given = gate.operands
    match gate.type:
        case "MIN_ATTAINMENT":
            return _("an attainment of %(value)s", value=format_percent(Decimal(str(given["value"]))))
        case "COMPETENCY_HELD":
            return _("the competency %(code)s held", code=given["code"])
        case "MIN_PROJECTS":
            count = int(str(given["count"]))
            return ngettext("%(num)s credited project", "%(num)s credited projects", count)
        case _:
            return _(
                "a customer satisfaction of %(score)s", score=format_number(Decimal(str(given["score"])))
            )
