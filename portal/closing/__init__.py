"""Closing a period: computed by one, approved by another, then stated to every partner."""

from portal.closing.checklist import OF_PARTNERS, Check, Progress, Stage, checklist, partners_of, stages_of
from portal.closing.failures import Failure, failures_of
from portal.closing.queries import IssueChunk, close_batch, get_period
from portal.closing.seal_verification import Broken, Sealed, verify_seals
from portal.closing.seals import list_seals, seal_closed_periods
from portal.closing.services import (
    NotYet,
    approve_close,
    finish_computing,
    finish_issuing,
    issue_of,
    issue_partner,
    propose_close,
    rehearse,
    reopen_period,
    return_close,
    start_closing,
)
from portal.closing.verification import Verified, verify_closed

__all__ = [
    "OF_PARTNERS",
    "Broken",
    "Check",
    "Failure",
    "IssueChunk",
    "NotYet",
    "Progress",
    "Sealed",
    "Stage",
    "Verified",
    "approve_close",
    "checklist",
    "close_batch",
    "failures_of",
    "finish_computing",
    "finish_issuing",
    "get_period",
    "issue_of",
    "issue_partner",
    "list_seals",
    "partners_of",
    "propose_close",
    "rehearse",
    "reopen_period",
    "return_close",
    "seal_closed_periods",
    "stages_of",
    "start_closing",
    "verify_closed",
    "verify_seals",
]
