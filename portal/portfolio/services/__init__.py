"""What is done about who follows whom, one function per use case."""

from portal.portfolio.services.absence import end_absence, set_absence
from portal.portfolio.services.handover import (
    Refusal,
    assign_pam,
    check_handover,
    hand_over,
    hand_over_portfolio,
)
from portal.portfolio.services.lives import change_last_day, join_programme, leave_programme
from portal.portfolio.services.notes import ask_for_notes
from portal.portfolio.services.promises import keep_promise, make_promise
from portal.portfolio.services.reorganisation import (
    ReorganisationRefused,
    check_reorganisation,
    reorganise,
)
from portal.portfolio.services.undoing import undo_reorganisation, why_not_undone

__all__ = [
    "Refusal", "ReorganisationRefused", "ask_for_notes", "assign_pam", "change_last_day",
    "check_handover",
    "check_reorganisation", "end_absence", "hand_over", "hand_over_portfolio", "join_programme",
    "keep_promise", "leave_programme", "make_promise", "reorganise", "set_absence", "undo_reorganisation",
    "why_not_undone",
]  # fmt: skip
