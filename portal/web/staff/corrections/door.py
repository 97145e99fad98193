"""The area's blueprint, and the words of its codes."""

from typing import Any

from flask import Blueprint

from portal import catalogue
from portal.catalogue import ReasonKind
from portal.corrections import Outcome
from portal.i18n import lazy_gettext as _l
from portal.margin.models import SettlementManner

bp = Blueprint("corrections", __name__, url_prefix="/staff/corrections")
PAGE = 50

STATES: dict[str, tuple[str, Any]] = {
    "pending": ("wait", _l("to decide")),
    "approved": ("ok", _l("let through")),
    "refused": ("stop", _l("turned down")),
}
OUTCOMES: dict[Outcome, tuple[str, Any]] = {
    Outcome.UNCHANGED: ("quiet", _l("nothing changed")),
    Outcome.PROPOSED: ("wait", _l("proposed")),
    Outcome.REFUSED: ("stop", _l("refused before, unchanged since")),
    Outcome.ADJUSTED: ("ok", _l("already adjusted")),
    Outcome.PARTNER_CAP: ("info", _l("limit per partner reached anyway")),
    Outcome.GATE: ("info", _l("a condition is not met anyway")),
    Outcome.COMPONENT_CAP: ("info", _l("limit of the component reached anyway")),
    Outcome.NO_CREDIT: ("info", _l("credited as before")),
    Outcome.NO_RATE: ("info", _l("earns as much as before")),
}
MANNERS: dict[SettlementManner, Any] = {
    SettlementManner.PAID: _l("Paid"),
    SettlementManner.WRITTEN_OFF: _l("Written off"),
}


def reasons() -> dict[str, str]:
    """Reasons of adjustments in the reader's language, by code."""
    return {code: entry.label for code, entry in catalogue.list_reasons(ReasonKind.ADJUSTMENT).items()}
