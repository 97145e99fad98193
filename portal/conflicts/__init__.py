"""Conflicts: one project declared by several firms, settled without telling any of them of another."""

from portal.conflicts.models import (
    Cause,
    Conflict,
    ConflictParty,
    ConflictPolicy,
    ConflictState,
    Outcome,
)
from portal.conflicts.queries import (
    Side,
    count_waiting,
    find_party,
    get_conflict,
    get_party,
    list_conflicts,
    list_policies,
    names_of_others,
    policy_of,
    sides_of,
    waiting_for,
)
from portal.conflicts.rules import equal_shares, shares_by_rule
from portal.conflicts.services import (
    Answers,
    answer_questionnaire,
    apply_rule,
    arbitrate,
    case_of,
    confirm_suspicion,
    decline_split,
    dismiss_suspicion,
    find_unfounded,
    has_decided,
    look_for_conflicts,
    offer_split,
    part_roles,
    remind_of_conflicts,
    set_policy,
    settle_signed,
    sign_split,
)

__all__ = [
    "Answers", "Cause", "Conflict", "ConflictParty", "ConflictPolicy", "ConflictState", "Outcome", "Side",
    "answer_questionnaire", "apply_rule", "arbitrate", "case_of", "confirm_suspicion", "count_waiting",
    "decline_split", "dismiss_suspicion", "equal_shares", "find_party", "find_unfounded", "get_conflict",
    "get_party", "has_decided", "list_conflicts", "list_policies", "look_for_conflicts", "names_of_others",
    "offer_split", "part_roles", "policy_of", "remind_of_conflicts", "set_policy", "settle_signed",
    "shares_by_rule", "sides_of", "sign_split", "waiting_for",
]  # fmt: skip
