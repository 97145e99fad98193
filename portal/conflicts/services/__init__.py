"""What is done to conflicts, one function per use case."""

from portal.conflicts.services.answering import Answers, answer_questionnaire, decline_split, sign_split
from portal.conflicts.services.opening import (
    confirm_suspicion,
    dismiss_suspicion,
    look_for_conflicts,
    remind_of_conflicts,
)
from portal.conflicts.services.policies import set_policy
from portal.conflicts.services.settling import (
    apply_rule,
    arbitrate,
    case_of,
    find_unfounded,
    has_decided,
    offer_split,
    part_roles,
    settle_signed,
)

__all__ = [
    "Answers", "answer_questionnaire", "apply_rule", "arbitrate", "case_of", "confirm_suspicion",
    "decline_split", "dismiss_suspicion", "find_unfounded", "has_decided", "look_for_conflicts",
    "offer_split", "part_roles", "remind_of_conflicts", "set_policy", "settle_signed", "sign_split",
]  # fmt: skip
