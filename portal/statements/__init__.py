"""Statements: what each partner is owed for a period, issued once, never edited."""

from portal.statements.accrual import stream_accrual
from portal.statements.document import build_document, number_of
from portal.statements.figures import (
    canonical_json,
    fingerprint,
    read_short_code,
    short_code,
    statement_csv,
)
from portal.statements.latest import Stated, find_statements, latest_statements, stated_of
from portal.statements.payment_file import (
    PaymentReport,
    PaymentsRefused,
    check_payments,
    import_payments,
)
from portal.statements.queries import (
    Delivery,
    FileRef,
    count_delivery,
    count_statements,
    find_by_file,
    find_by_short_code,
    find_file,
    get_statement,
    list_statements,
    list_unprinted,
    public_id_of,
    render_batch,
)
from portal.statements.services import (
    DifferentBytes,
    attach_file,
    issue_statement,
    queue_rendering,
    queue_statement_mails,
)
from portal.statements.settlement import (
    Blocker,
    Transfer,
    blockers_of,
    get_due,
    hold_statement,
    list_open,
    pay_statement,
    release_hold,
    return_payment,
    stream_open,
)
from portal.statements.shown import statement_context, targets_by_component
from portal.statements.sources import Issue, Sources, load_sources

__all__ = [
    "Blocker",
    "Delivery",
    "DifferentBytes",
    "FileRef",
    "Issue",
    "PaymentReport",
    "PaymentsRefused",
    "Sources",
    "Stated",
    "Transfer",
    "attach_file",
    "blockers_of",
    "build_document",
    "canonical_json",
    "check_payments",
    "count_delivery",
    "count_statements",
    "find_by_file",
    "find_by_short_code",
    "find_file",
    "find_statements",
    "fingerprint",
    "get_due",
    "get_statement",
    "hold_statement",
    "import_payments",
    "issue_statement",
    "latest_statements",
    "list_open",
    "list_statements",
    "list_unprinted",
    "load_sources",
    "number_of",
    "pay_statement",
    "public_id_of",
    "queue_rendering",
    "queue_statement_mails",
    "read_short_code",
    "release_hold",
    "render_batch",
    "return_payment",
    "short_code",
    "stated_of",
    "statement_context",
    "statement_csv",
    "stream_accrual",
    "stream_open",
    "targets_by_component",
]
