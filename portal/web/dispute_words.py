"""How disputes are called on pages: reasons, states, causes, and the lines of a statement."""

from datetime import date
from typing import Any

from portal import disputes
from portal.disputes import Cause, DisputedKind, DisputeReason, DisputeState, LineState, StatementLine
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.i18n import ngettext

REASONS: dict[DisputeReason, Any] = {
    DisputeReason.AMOUNT: _l("The amount is not the right one"),
    DisputeReason.SHARE: _l("The share or the roles are not right"),
    DisputeReason.NOT_COUNTED: _l("A claim should have been counted"),
    DisputeReason.CALCULATION: _l("The calculation does not follow the plan"),
    DisputeReason.OBJECTIVE: _l("The objective or a condition is not right"),
    DisputeReason.ADJUSTMENT: _l("An adjustment or the carry-over is not right"),
    DisputeReason.OTHER: _l("Something else"),
    DisputeReason.RECONCILIATION: _l("Our own figures differ"),
}
STATES: dict[DisputeState, tuple[str, Any]] = {
    DisputeState.OPEN: ("wait", _l("to be decided")),
    DisputeState.DECIDED: ("ok", _l("decided")),
    DisputeState.WITHDRAWN: ("quiet", _l("withdrawn by the firm")),
}
LINE_STATES: dict[LineState, tuple[str, Any]] = {
    LineState.OPEN: ("wait", _l("to be decided")),
    LineState.UPHELD: ("quiet", _l("stays as stated")),
    LineState.ACCEPTED: ("ok", _l("accepted, to be corrected")),
    LineState.WITHDRAWN: ("quiet", _l("withdrawn by the firm")),
}
NOT_IN_FILE = ("info", _l("stated, and not in your file"))
CAUSES: dict[Cause, tuple[str, Any]] = {
    Cause.SAME: ("ok", _l("same amount")),
    Cause.NOT_DECLARED: ("stop", _l("not declared on the portal")),
    Cause.PENDING: ("wait", _l("not decided yet")),
    Cause.REJECTED: ("stop", _l("refused or left out")),
    Cause.CAPPED: ("info", _l("limited by the plan")),
    Cause.OTHER_PERIOD: ("info", _l("counts in another period")),
    Cause.SHARE: ("info", _l("agreed share")),
    Cause.WEIGHT: ("info", _l("weight of the roles held")),
    Cause.AMOUNT: ("wait", _l("approved for another amount")),
    Cause.UNKNOWN: ("stop", _l("not explained")),
}


def said_of_line(line: StatementLine | Any) -> str:
    """A line of a statement in words."""
    if line.kind is DisputedKind.OBJECTIVE:
        return _("Objective of the period")
    if line.kind is DisputedKind.CARRY_IN:
        return _("Carried over from the previous statement")
    if line.kind is DisputedKind.COMPONENT:
        return _("Component %(code)s of the calculation", code=line.reference)
    if line.kind is DisputedKind.ADJUSTMENT:
        return _("Adjustment, %(origin)s", origin=line.reference)
    return f"{line.reference} · {line.detail}" if line.detail else str(line.reference)


GROUPS: dict[DisputedKind, Any] = {
    DisputedKind.CLAIM: _l("Claims counted: the amount credited"),
    DisputedKind.NOT_COUNTED: _l("Claims not counted"),
    DisputedKind.COMPONENT: _l("The calculation: the margin of each component"),
    DisputedKind.ADJUSTMENT: _l("Adjustments of earlier periods"),
    DisputedKind.OBJECTIVE: _l("The objective"),
    DisputedKind.CARRY_IN: _l("The carry-over"),
}


def clock_words(decide_by: date, on: date) -> dict[str, Any]:
    """The pie of an open dispute's delay and the words beside it."""
    clock = disputes.clock_of(decide_by, on)
    if clock.left < 0:
        words = ngettext("%(num)s day late", "%(num)s days late", -clock.left)
    else:
        words = ngettext("%(num)s day", "%(num)s days", clock.left) if clock.left else _("today")
    state = "stop" if clock.left <= 0 else "wait" if clock.used >= 70 else "go"
    return {"used": clock.used, "words": words, "state": state}
