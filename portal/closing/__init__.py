"""Closing a period: computed by one, approved by another, then stated to every partner."""

from portal.closing.queries import IssueChunk, close_batch, get_period
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

__all__ = [
    "IssueChunk",
    "NotYet",
    "approve_close",
    "close_batch",
    "finish_computing",
    "finish_issuing",
    "get_period",
    "issue_of",
    "issue_partner",
    "propose_close",
    "rehearse",
    "reopen_period",
    "return_close",
    "start_closing",
]
