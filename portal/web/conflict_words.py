"""How conflicts, their causes and their exits are called."""

from typing import Any

from portal.conflicts import Cause, ConflictPolicy, ConflictState, Outcome
from portal.i18n import lazy_gettext as _l

CAUSES: dict[Cause, Any] = {
    Cause.ORDER: _l("same order"),
    Cause.ENROLMENT: _l("same enrolment"),
    Cause.CUSTOMER: _l("same customer, product and time"),
    Cause.NAME: _l("customers of a like name"),
}
STATES: dict[ConflictState, tuple[str, Any]] = {
    ConflictState.SUSPECTED: ("info", _l("to confirm")),
    ConflictState.OPEN: ("wait", _l("to settle")),
    ConflictState.SETTLED: ("ok", _l("settled")),
    ConflictState.DISMISSED: ("quiet", _l("different projects")),
}
OUTCOMES: dict[Outcome, Any] = {
    Outcome.UNFOUNDED: _l("different projects"),
    Outcome.DISJOINT: _l("roles that do not overlap"),
    Outcome.SPLIT: _l("split signed by all"),
    Outcome.RULE: _l("published rule"),
    Outcome.ARBITRATED: _l("arbitration"),
}
POLICIES: dict[ConflictPolicy, Any] = {
    ConflictPolicy.BEST_EVIDENCE: _l("best evidence: the oldest dated before the order, then the most of it"),
    ConflictPolicy.FIRST_COMPLETE: _l("first complete: who declared first"),
    ConflictPolicy.SPLIT: _l("equal shares"),
}
