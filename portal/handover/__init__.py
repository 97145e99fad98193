"""Handing a portfolio over: what the next account manager should know, as a page and on paper."""

from portal.handover.document import write_note
from portal.handover.notes import attach_note, find_unwritten, get_note, list_notes, open_note, renew_note

__all__ = [
    "attach_note", "find_unwritten", "get_note", "list_notes", "open_note", "renew_note", "write_note",
]  # fmt: skip
