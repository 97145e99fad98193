"""Exactly one PAM per partner on every day: assignments, handovers, reorganisations, absences, departures."""

from portal.portfolio.answering import AnswersAs, answered_for
from portal.portfolio.inputs import COLUMNS, Fault
from portal.portfolio.models import LineKind
from portal.portfolio.outcomes import Outcome, Report
from portal.portfolio.queries import (
    PamCard,
    followed_by,
    get_reorganisation,
    lines_of_reorganisation,
    list_as_file,
    list_assignments,
    list_delegations,
    list_followed,
    list_loads,
    list_pams,
    list_promises,
    list_reorganisations,
    next_code,
    pam_of,
)
from portal.portfolio.services import (
    Refusal,
    ReorganisationRefused,
    ask_for_notes,
    assign_pam,
    change_last_day,
    check_handover,
    check_reorganisation,
    end_absence,
    hand_over,
    hand_over_portfolio,
    join_programme,
    keep_promise,
    leave_programme,
    make_promise,
    reorganise,
    set_absence,
    undo_reorganisation,
    why_not_undone,
)

__all__ = [
    "COLUMNS", "AnswersAs", "Fault", "LineKind", "Outcome", "PamCard", "Refusal", "ReorganisationRefused",
    "Report", "answered_for", "ask_for_notes", "assign_pam", "change_last_day", "check_handover",
    "check_reorganisation", "end_absence", "followed_by", "get_reorganisation", "hand_over",
    "hand_over_portfolio", "join_programme", "keep_promise", "leave_programme", "lines_of_reorganisation",
    "list_as_file", "list_assignments", "list_delegations", "list_followed", "list_loads", "list_pams",
    "list_promises", "list_reorganisations", "make_promise", "next_code", "pam_of", "reorganise",
    "set_absence", "undo_reorganisation", "why_not_undone",
]  # fmt: skip
