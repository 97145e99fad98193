"""Disputes: a firm contests a line of its statement; somebody who did not make the line decides."""

from portal.disputes.correction import correction_of
from portal.disputes.expected import Expected, read_expected
from portal.disputes.lines import StatementLine, find_line, lines_of
from portal.disputes.models import (
    Cause,
    Dispute,
    DisputeReason,
    DisputeState,
    Reconciliation,
    ReconciliationLine,
)
from portal.disputes.queries import (
    Clock,
    clock_of,
    count_open,
    dispute_of_line,
    get_accepted,
    get_dispute,
    list_adjusted,
    list_disputed,
    list_disputes,
    list_lines,
    list_messages,
    open_by_statement,
    who_cannot_judge,
)
from portal.disputes.reconciliation import (
    CONTESTED,
    dispute_differences,
    get_reconciliation,
    list_differences,
    reconcile,
)
from portal.disputes.services import (
    answer_dispute,
    decide_dispute,
    open_dispute,
    suspend_again,
    withdraw_dispute,
)
from portal.statements.models import DisputedKind, DisputedLine, LineState

__all__ = [
    "CONTESTED",
    "Cause",
    "Clock",
    "Dispute",
    "DisputeReason",
    "DisputeState",
    "DisputedKind",
    "DisputedLine",
    "Expected",
    "LineState",
    "Reconciliation",
    "ReconciliationLine",
    "StatementLine",
    "answer_dispute",
    "clock_of",
    "correction_of",
    "count_open",
    "decide_dispute",
    "dispute_differences",
    "dispute_of_line",
    "find_line",
    "get_accepted",
    "get_dispute",
    "get_reconciliation",
    "lines_of",
    "list_adjusted",
    "list_differences",
    "list_disputed",
    "list_disputes",
    "list_lines",
    "list_messages",
    "open_by_statement",
    "open_dispute",
    "read_expected",
    "reconcile",
    "suspend_again",
    "who_cannot_judge",
    "withdraw_dispute",
]
