"""Claims: what partners declare, the evidence, the decisions."""

from portal.claims.inputs import LineInput, LineVerdict, Verdict
from portal.claims.models import Claim, Decision, ProjectRole
from portal.claims.queries import (
    ClaimFilter,
    ClaimPage,
    Matching,
    Standing,
    draft_of,
    evidence_of,
    get_claim,
    get_evidence,
    grid_of,
    lines_of,
    list_claims,
    matches_of,
    median_days,
    own_duplicates,
    standing_of,
    ticks_of,
    timeline_of,
)
from portal.claims.services import (
    CUT_KINDS,
    OPEN_TO_EVIDENCE,
    OwnDuplicate,
    add_evidence,
    answer_request,
    approve_claim,
    approve_second,
    discard_draft,
    expire_claims,
    faults_of,
    reject_claim,
    remind_claims,
    request_info,
    save_draft,
    second_reasons,
    start_draft,
    submit_claim,
    take_claim,
    withdraw_claim,
    withdraw_evidence,
)
from portal.claims.workflow import OPEN, RULES, Action, ClaimState, Clock, Finding, clock

__all__ = [
    "CUT_KINDS", "OPEN", "OPEN_TO_EVIDENCE", "RULES", "Action", "Claim", "ClaimFilter", "ClaimPage",
    "ClaimState",
    "Clock", "Decision", "Finding", "LineInput", "LineVerdict", "Matching", "OwnDuplicate", "ProjectRole",
    "Standing", "Verdict", "add_evidence", "answer_request", "approve_claim", "approve_second", "clock",
    "discard_draft", "draft_of", "evidence_of", "expire_claims", "faults_of", "get_claim", "get_evidence",
    "grid_of",
    "lines_of", "list_claims", "matches_of", "median_days", "own_duplicates", "reject_claim", "remind_claims",
    "request_info", "save_draft", "second_reasons", "standing_of", "start_draft", "submit_claim",
    "take_claim",
    "ticks_of", "timeline_of", "withdraw_claim", "withdraw_evidence",
]  # fmt: skip
