"""Work items: the row is the queue, RQ is only the bell."""

from portal.work.queries import (
    BatchProgress,
    Pace,
    batch_progress,
    count_by_state,
    list_dead,
    list_items,
    pace,
)
from portal.work.services import (
    HEARTBEAT,
    Lease,
    LeaseLost,
    add,
    add_many,
    fail,
    finish,
    heartbeat,
    lease,
    retry,
    ring,
    ring_with,
    sweep,
)

__all__ = [
    "HEARTBEAT",
    "BatchProgress",
    "Lease",
    "LeaseLost",
    "Pace",
    "add",
    "add_many",
    "batch_progress",
    "count_by_state",
    "fail",
    "finish",
    "heartbeat",
    "lease",
    "list_dead",
    "list_items",
    "pace",
    "retry",
    "ring",
    "ring_with",
    "sweep",
]
