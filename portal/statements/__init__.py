"""Statements: what each partner is owed for a period, issued once, never edited."""

from portal.statements.document import build_document, number_of
from portal.statements.figures import (
    canonical_json,
    fingerprint,
    read_short_code,
    short_code,
    statement_csv,
)
from portal.statements.latest import Stated, find_statements, latest_statements
from portal.statements.queries import (
    Delivery,
    FileRef,
    count_delivery,
    count_statements,
    find_by_short_code,
    find_file,
    get_statement,
    list_statements,
    list_unprinted,
    render_batch,
)
from portal.statements.services import (
    DifferentBytes,
    attach_file,
    issue_statement,
    queue_rendering,
    queue_statement_mails,
)
from portal.statements.shown import statement_context, targets_by_component
from portal.statements.sources import Issue, Sources, load_sources

__all__ = [
    "Delivery",
    "DifferentBytes",
    "FileRef",
    "Issue",
    "Sources",
    "Stated",
    "attach_file",
    "build_document",
    "canonical_json",
    "count_delivery",
    "count_statements",
    "find_by_short_code",
    "find_file",
    "find_statements",
    "fingerprint",
    "get_statement",
    "issue_statement",
    "latest_statements",
    "list_statements",
    "list_unprinted",
    "load_sources",
    "number_of",
    "queue_rendering",
    "queue_statement_mails",
    "read_short_code",
    "render_batch",
    "short_code",
    "statement_context",
    "statement_csv",
    "targets_by_component",
]
