"""Stored files: recognised by content, written once, named by hash, every reading noted."""

from portal.files.content import EXTENSIONS, MAX_BYTES, VIEWABLE, Unacceptable, recognise, safe_name
from portal.files.queries import get_file, open_file
from portal.files.scanner import configure as configure_scanner
from portal.files.services import record_reading, scan_quarantine, store_file
from portal.files.sheets import Cell, is_workbook, sheet_rows
from portal.files.storage import configure, get, get_large, hash_of, put, put_large

__all__ = [
    "EXTENSIONS",
    "MAX_BYTES",
    "VIEWABLE",
    "Cell",
    "Unacceptable",
    "configure",
    "configure_scanner",
    "get",
    "get_file",
    "get_large",
    "hash_of",
    "is_workbook",
    "open_file",
    "put",
    "put_large",
    "recognise",
    "record_reading",
    "safe_name",
    "scan_quarantine",
    "sheet_rows",
    "store_file",
]  # fmt: skip
