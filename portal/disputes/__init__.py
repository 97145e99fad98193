"""Disputes: a firm contests a line of its statement; somebody who did not make the line decides."""

from portal.disputes.lines import DisputedKind, StatementLine, find_line, lines_of
from portal.disputes.models import (
    Cause,
    Dispute,
    DisputedLine,
    DisputeReason,
    DisputeState,
    LineState,
    Reconciliation,
    ReconciliationLine,
)
from portal.disputes.queries import (
    Clock,
    clock_of,
    count_open,
    get_dispute,
    list_disputed,
    list_disputes,
    list_lines,
    list_messages,
    suspended_amount,
    suspended_amounts,
    who_cannot_judge,
)
from portal.disputes.services import (
    answer_dispute,
    decide_dispute,
    open_dispute,
    withdraw_dispute,
)

__all__ = [
    "Cause",
    "Clock",
    "Dispute",
    "DisputeReason",
    "DisputeState",
    "DisputedKind",
    "DisputedLine",
    "LineState",
    "Reconciliation",
    "ReconciliationLine",
    "StatementLine",
    "answer_dispute",
    "clock_of",
    "count_open",
    "decide_dispute",
    "find_line",
    "get_dispute",
    "lines_of",
    "list_disputed",
    "list_disputes",
    "list_lines",
    "list_messages",
    "open_dispute",
    "suspended_amount",
    "suspended_amounts",
    "who_cannot_judge",
    "withdraw_dispute",
]
