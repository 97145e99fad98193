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
from portal.corrections.listing import (
    VIEWS,
    AdjustmentFilter,
    corrections_of_statement,
    count_adjustments,
    count_found,
    describe_adjustment,
    list_adjustments,
    list_findings,
    list_runs,
    numbers_behind,
    stated_in,
    stream_adjustments,
    stream_findings,
    total_found,
)
from portal.corrections.models import CorrectionFinding, CorrectionRun
from portal.corrections.queries import CorrectionChunk, correction_batch, count_findings, get_run
from portal.corrections.recount import Cause, Outcome
from portal.corrections.services import recompute_partners, start_recomputation

__all__ = [
    "VIEWS",
    "AdjustmentFilter",
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
    "corrections_of_statement",
    "count_adjustments",
    "count_findings",
    "count_found",
    "count_leaving",
    "describe_adjustment",
    "find_leaving",
    "get_adjustment",
    "get_run",
    "get_settlement",
    "list_adjustments",
    "list_findings",
    "list_leaving",
    "list_runs",
    "numbers_behind",
    "propose_by_hand",
    "propose_settlement",
    "recompute_partners",
    "refuse_adjustment",
    "refuse_settlement",
    "start_recomputation",
    "stated_in",
    "stream_adjustments",
    "stream_findings",
    "total_found",
]
