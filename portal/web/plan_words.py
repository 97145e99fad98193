"""How plans are told: schemes, gates, states and differences, in the reader's language."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from portal.i18n import format_money, format_number, format_percent
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.margin.differences import Change
from portal.margin.engine import Component
from portal.margin.engine.plan import CompetencyHeld, MinAttainment, MinCsat, MinProjects
from portal.margin.models import PlanState

STATES: dict[PlanState, tuple[str, Any]] = {
    PlanState.DRAFT: ("quiet", _l("draft")),
    PlanState.PROPOSED: ("wait", _l("proposed, to be published by another person")),
    PlanState.PUBLISHED: ("ok", _l("published")),
}
SCHEMES: dict[str, tuple[Any, Any]] = {
    "FLAT": (_l("One rate"), _l("the same rate on everything credited")),
    "MARGINAL": (_l("By slices of amount"), _l("each slice of the amount at its own rate")),
    "RETROACTIVE": (
        _l("From the first euro, by amount"),
        _l("the rate of the tier reached applies to the whole amount"),
    ),
    "ATTAINMENT_MARGINAL": (
        _l("By slices of the objective"),
        _l("each slice of the objective at its own rate"),
    ),
    "ATTAINMENT_RETROACTIVE": (
        _l("From the first euro, by attainment"),
        _l("the rate of the attainment reached applies to the whole amount"),
    ),
    "INTERPOLATED": (
        _l("Rate that rises with attainment"),
        _l("between two points the rate follows a straight line"),
    ),
    "PER_PROJECT": (_l("Per project"), _l("a fixed amount for each project that qualifies")),
    "GROWTH": (_l("On growth"), _l("a rate on what exceeds the baseline")),
}
GATES: dict[str, Any] = {
    "MIN_ATTAINMENT": _l("Attainment of at least"),
    "COMPETENCY_HELD": _l("Competency held"),
    "MIN_PROJECTS": _l("Number of projects"),
    "MIN_CSAT": _l("Customer satisfaction of at least"),
}
NAMES: dict[str, Any] = {
    "code": _l("Code"),
    "rate": _l("Rate"),
    "amount": _l("Amount per project"),
    "cap": _l("Cap"),
    "floor": _l("Floor"),
    "attainment_cap": _l("Attainment counted up to"),
    "min_growth": _l("Growth of at least"),
    "lead_only": _l("Only projects led by the partner"),
    "min_credited": _l("Project credited at least"),
    "max_projects": _l("Projects at most"),
    "count": _l("Projects"),
    "value": _l("Attainment"),
    "score": _l("Score"),
    "continuous": _l("On every day of the period"),
    "from": _l("From"),
    "claim_cap": _l("Most that one claim is credited"),
    "partner_cap": _l("Most that one partner earns"),
    "min_payout": _l("Smallest payment"),
    "vat_rate": _l("VAT rate"),
    "true_up": _l("Advances paid"),
    "flush_at_fiscal_year_end": _l("Pay any balance when the fiscal year closes"),
    "rounding": _l("Rounding"),
    "line_cap": _l("Most that one claim pays"),
    "scheme": _l("Scheme"),
    "period": _l("Period"),
    "PRESCRIBE": _l("Prescription"),
    "DESIGN": _l("Design"),
    "INTEGRATE": _l("Integration"),
    "DEPLOY": _l("Deployment"),
}


def change_words(change: Change, families: Mapping[str, str]) -> str:
    """One difference between two versions, as a sentence; `families` names their codes."""
    what = _what(change, families)
    before, after = _shown(change, change.before, families), _shown(change, change.after, families)
    if change.what == "order":
        return _("The components are computed in another order.")
    if change.before is None or change.before is False:
        return _("%(what)s: new, %(after)s.", what=what, after=after)
    if change.after is None or change.after is False:
        return _("%(what)s: no longer, it was %(before)s.", what=what, before=before)
    return _("%(what)s: %(after)s instead of %(before)s.", what=what, before=before, after=after)


def _what(change: Change, families: Mapping[str, str]) -> str:
    family = families.get(str(change.which), change.which)
    match change.what:
        case "tier":
            return str(_("Tier from %(bound)s", bound=format_money(change.which)))
        case "attainment_tier":
            return str(_("Tier from %(bound)s", bound=format_percent(change.which)))
        case "gate":
            return str(_("Gate"))
        case "component":
            return str(_("Component %(code)s", code=change.of))
        case "families":
            return str(_("Product families"))
        case "role_weight":
            return str(NAMES[str(change.which)])
        case "measure_weight":
            return str(_("Weight of %(family)s in the measure", family=family))
        case "multiplier":
            return str(_("Multiplier of %(family)s", family=family))
        case _:
            return str(NAMES.get(change.what, change.what))


def _shown(change: Change, value: Any, families: Mapping[str, str]) -> str:
    if isinstance(value, Component):
        return scheme_words(value)
    if change.what == "gate" and value is not None:
        return gate_words(value)
    if change.what == "families":
        return family_words(value, families)
    if change.what == "scheme":
        return str(SCHEMES[value][0])
    if change.what in (
        "tier",
        "attainment_tier",
        "rate",
        "attainment_cap",
        "min_growth",
        "vat_rate",
        "role_weight",
    ):
        return format_percent(value) if value is not None else ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if change.what in ("measure_weight", "multiplier"):
        return format_number(value)
    return format_money(value) if isinstance(value, Decimal) else str(value)


def family_words(codes: Iterable[str] | None, families: Mapping[str, str]) -> str:
    """The families of a component by their names; all where none is chosen."""
    return ", ".join(families.get(one, one) for one in codes) if codes is not None else str(_("all families"))


def scheme_words(component: Component) -> str:
    """What a component is, in a few words."""
    name, does = SCHEMES[component.scheme.NAME]
    return f"{name} ({does})"


def gate_words(gate: Any) -> str:
    """What a gate asks for."""
    match gate:
        case MinAttainment():
            return str(_("attainment of at least %(value)s", value=format_percent(gate.value)))
        case CompetencyHeld(continuous=True):
            return str(_("competency %(code)s held on every day of the period", code=gate.code))
        case CompetencyHeld():
            return str(_("competency %(code)s held on the last day", code=gate.code))
        case MinProjects():
            return str(
                _(
                    "%(count)s projects credited at least %(least)s each",
                    count=gate.count,
                    least=format_money(gate.min_credited),
                )
            )
        case MinCsat():
            return str(_("customer satisfaction of at least %(score)s", score=format_number(gate.score)))
    return str(gate)
