"""The record of who did what: append-only, written by every use case."""

from portal.audit.queries import list_records
from portal.audit.services import record

__all__ = ["list_records", "record"]
