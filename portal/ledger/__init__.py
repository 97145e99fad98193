"""The journal: what was earned, corrected, made payable and paid; written here and nowhere else."""

from portal.ledger.queries import (
    Balance,
    balances,
    get_entry,
    list_entries,
    list_entries_of_cause,
    list_postings,
    paid_on,
    public_id_of,
    sums_by_cause,
)
from portal.ledger.services import (
    Occasion,
    post_adjustment,
    post_earnings,
    post_settlement,
    record_payment,
    reverse_entry,
)

__all__ = [
    "Balance",
    "Occasion",
    "balances",
    "get_entry",
    "list_entries",
    "list_entries_of_cause",
    "list_postings",
    "paid_on",
    "post_adjustment",
    "post_earnings",
    "post_settlement",
    "public_id_of",
    "record_payment",
    "reverse_entry",
    "sums_by_cause",
]
