"""What is done to claims, one function per use case."""

from portal.claims.services.appeals import appeal_claim, find_level, judge_appeal
from portal.claims.services.approval import approve_claim, approve_second, second_reasons
from portal.claims.services.bulk import approve_small, list_small
from portal.claims.services.deadlines import expire_claims
from portal.claims.services.declaration import (
    discard_draft,
    offer_draft,
    save_draft,
    start_draft,
    start_draft_of_order,
)
from portal.claims.services.evidence import OPEN_TO_EVIDENCE, add_evidence, withdraw_evidence
from portal.claims.services.matches import confirm_match, refuse_match
from portal.claims.services.messages import post_message
from portal.claims.services.publishing import publish_times
from portal.claims.services.reminders import remind_claims
from portal.claims.services.review import answer_request, reject_claim, request_info, take_claim
from portal.claims.services.revocation import confirm_revocation, drop_revocation, propose_revocation
from portal.claims.services.steps import take_step
from portal.claims.services.submission import (
    OwnDuplicate,
    check_submission,
    faults_of,
    submit_claim,
    withdraw_claim,
)
from portal.claims.services.verdict import CUT_KINDS, roles_declared

__all__ = [
    "CUT_KINDS", "OPEN_TO_EVIDENCE", "OwnDuplicate", "add_evidence", "answer_request", "appeal_claim",
    "approve_claim", "approve_second", "approve_small", "check_submission", "confirm_match",
    "confirm_revocation", "discard_draft", "drop_revocation", "expire_claims", "faults_of", "find_level",
    "judge_appeal", "list_small", "offer_draft", "post_message", "propose_revocation", "publish_times",
    "refuse_match", "reject_claim", "remind_claims", "request_info", "roles_declared", "save_draft",
    "second_reasons", "start_draft", "start_draft_of_order", "submit_claim", "take_claim", "take_step",
    "withdraw_claim", "withdraw_evidence",
]  # fmt: skip
