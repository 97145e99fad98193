"""How the steps, checks and stages of a close are called on pages."""

import re
from typing import Any

from flask import url_for

from portal import clock
from portal.closing import OF_PARTNERS, Check, Failure, Progress, Stage
from portal.i18n import format_number, ngettext
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.margin.models import RunState
from portal.periods import PeriodState
from portal.web.words import known, words

PERIOD_STATES: dict[PeriodState, tuple[str, Any]] = {
    PeriodState.OPEN: ("info", _l("open")),
    PeriodState.CLOSING: ("wait", _l("closing")),
    PeriodState.COMPUTED: ("wait", _l("computed")),
    PeriodState.APPROVED: ("wait", _l("being issued")),
    PeriodState.CLOSED: ("ok", _l("closed")),
}
RUN_STATES: dict[RunState, tuple[str, Any]] = {
    RunState.COMPUTING: ("info", _l("computing")),
    RunState.COMPUTED: ("info", _l("ready")),
    RunState.PROPOSED: ("wait", _l("proposed")),
    RunState.APPROVED: ("ok", _l("approved")),
    RunState.CANCELLED: ("quiet", _l("cancelled")),
}


def state_of(period: PeriodState, run: RunState | None) -> tuple[str, Any]:
    """The badge of a period: while a run is proposed, that is where it stands."""
    if period is PeriodState.COMPUTED and run is RunState.PROPOSED:
        return RUN_STATES[RunState.PROPOSED]
    return PERIOD_STATES[period]


STAGES: dict[Stage, Any] = {
    Stage.COMPUTING: _l("Partners computed"),
    Stage.ISSUING: _l("Statements issued"),
    Stage.PRINTING: _l("Statements printed"),
    Stage.MAILING: _l("Mails sent"),
}
STEPS: dict[Stage, Any] = {
    Stage.COMPUTING: _l("Computing"),
    Stage.ISSUING: _l("Issuing"),
    Stage.PRINTING: _l("Printing"),
}
# What is looked at, whether it stops the close, and where it is mended.
CHECKS: dict[Check, dict[str, Any]] = {
    Check.NO_PLAN: {"words": _l("Partners whose segment has no published plan"), "stops": True},
    Check.PENDING: {"words": _l("Claims waiting for a decision"), "stops": False},
    Check.CONFLICTS: {"words": _l("Claims in conflict"), "stops": False},
    Check.APPEALS: {"words": _l("Claims under appeal"), "stops": False},
    Check.UNMATCHED: {"words": _l("Approved claims without an order"), "stops": False},
    Check.ADJUSTMENTS: {"words": _l("Adjustments waiting for approval"), "stops": False},
    Check.NO_OBJECTIVE: {"words": _l("Partners without an objective"), "stops": False},
    Check.NOT_ACCEPTED: {"words": _l("Objectives not accepted"), "stops": False},
    Check.NO_BANK: {"words": _l("Partners without a bank account"), "stops": False},
}
_PLACES: dict[Check, tuple[str, dict[str, Any]]] = {
    Check.ADJUSTMENTS: ("corrections.index", {"state": "pending"}),
    Check.PENDING: ("staff_claims.index", {"state": "open"}),
    Check.CONFLICTS: ("staff_claims.index", {"state": "open"}),
    Check.APPEALS: ("staff_claims.index", {"state": "open"}),
    Check.UNMATCHED: ("staff_claims.index", {"state": "approved", "unmatched": "1"}),
}


def place_of(check: Check, period: str) -> str | None:
    """Where a thing of the checklist is mended; None where the partner itself does."""
    if check in OF_PARTNERS:
        return url_for("closing.check", code=period, check=check.value)
    if check not in _PLACES:
        return None
    endpoint, arguments = _PLACES[check]
    return url_for(endpoint, **arguments, period=period)


_CAUSE = re.compile(r"\w+: (\w+) \((.*)\)")


def cause_of(error: str) -> str:
    """Why an item failed: in the reader's words where it is a rule of the portal, else as it was said."""
    found = _CAUSE.fullmatch(error)
    if found is None or not known(found[1]):
        return error
    return words(found[1], **dict(part.split("=", 1) for part in found[2].split(", ")))


def next_try_of(failure: Failure) -> str:
    """When what failed is tried again."""
    if failure.next_at is None:
        return _("Given up: waits for a person")
    seconds = max(1, int((failure.next_at - clock.real_now()).total_seconds()))
    if seconds < 60:
        return ngettext("In %(num)s second", "In %(num)s seconds", seconds)
    return ngettext("In %(num)s minute", "In %(num)s minutes", -(-seconds // 60))


def said_of(progress: Progress) -> dict[str, str]:
    """The count, the rate and the time left of a stage, in the reader's words."""
    at = clock.real_now()
    count = _("%(done)s of %(total)s", done=format_number(progress.done), total=format_number(progress.total))
    rate, left = progress.per_second(at), progress.seconds_left(at)
    parts = [_("Finished.")] if progress.finished else [_("You may leave this page: the work goes on.")]
    if progress.stuck:
        parts = [_("All that can be done is done: what failed is named below.")]
    elif rate is not None:
        parts.append(_("%(rate)s a second.", rate=format_number(round(rate, 1))))
    if left is not None:
        parts.append(_about(left))
    return {"count": count, "say": " ".join(parts)}


def _about(seconds: int) -> str:
    if seconds < 60:
        return ngettext("About %(num)s second left.", "About %(num)s seconds left.", seconds)
    return ngettext("About %(num)s minute left.", "About %(num)s minutes left.", -(-seconds // 60))
