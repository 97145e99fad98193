"""What is done to claims, one function per use case."""

from portal.claims.services.approval import CUT_KINDS, approve_claim, approve_second, second_reasons
from portal.claims.services.deadlines import expire_claims, remind_claims
from portal.claims.services.declaration import discard_draft, save_draft, start_draft
from portal.claims.services.evidence import OPEN_TO_EVIDENCE, add_evidence, withdraw_evidence
from portal.claims.services.review import answer_request, reject_claim, request_info, take_claim
from portal.claims.services.steps import take_step
from portal.claims.services.submission import (
    OwnDuplicate,
    check_submission,
    faults_of,
    submit_claim,
    withdraw_claim,
)

__all__ = [
    "CUT_KINDS", "OPEN_TO_EVIDENCE", "OwnDuplicate", "add_evidence", "answer_request", "approve_claim",
    "approve_second",
    "check_submission", "discard_draft", "expire_claims", "faults_of", "reject_claim", "remind_claims",
    "request_info", "save_draft", "second_reasons", "start_draft", "submit_claim", "take_claim", "take_step",
    "withdraw_claim",
    "withdraw_evidence",
]  # fmt: skip
