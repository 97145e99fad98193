"""Closed periods computed again; differences adjusted in the next open one, by two persons."""

from portal.corrections.decisions import (
    approve_adjustment,
    choose_reason,
    get_adjustment,
    propose_by_hand,
    refuse_adjustment,
)
from portal.corrections.leaving import (
    approve_settlement,
    carried_balance,
    count_leaving,
    find_leaving,
    get_settlement,
    list_leaving,
    propose_settlement,
    refuse_settlement,
)
from portal.corrections.models import CorrectionFinding, CorrectionRun
from portal.corrections.queries import CorrectionChunk, correction_batch, count_findings, get_run
from portal.corrections.recount import Cause, Outcome
from portal.corrections.services import recompute_partners, start_recomputation

__all__ = [
    "Cause",
    "CorrectionChunk",
    "CorrectionFinding",
    "CorrectionRun",
    "Outcome",
    "approve_adjustment",
    "approve_settlement",
    "carried_balance",
    "choose_reason",
    "correction_batch",
    "count_findings",
    "count_leaving",
    "find_leaving",
    "get_adjustment",
    "get_run",
    "get_settlement",
    "list_leaving",
    "propose_by_hand",
    "propose_settlement",
    "recompute_partners",
    "refuse_adjustment",
    "refuse_settlement",
    "start_recomputation",
]
