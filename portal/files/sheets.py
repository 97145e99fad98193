"""Workbooks that somebody gave, read row by row once reading is sure to cost no more than they hold."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook

from portal.files import archives
from portal.files.content import XLSX, Unacceptable, recognise

MAX_TEXT = 256 * 1024
_BLOCK = 1 << 20
# A cell beyond column AZ or row 199 999: the reader keeps a place for every cell up to the last one.
_FAR = re.compile(
    rb"""r(?<=[\s"']r)\s*=\s*["']\s*([A-Za-z]{3}|[B-Zb-z][A-Za-z][0-9]|[A-Za-z]*([0-9]{7}|[2-9][0-9]{5}))"""
)
_LONGEST_PLACE = 64
_ENDS = (b"</si>", b"</c>", b"</row>")

Cell = str | float | int | bool | time | date | datetime | timedelta


def is_workbook(content: bytes) -> bool:
    """Whether the content is an archive, as XLSX files are, rather than text."""
    return content.startswith(b"PK\x03\x04")


def sheet_rows(content: bytes, name: str = "XLSX") -> Iterator[list[Cell]]:
    """Rows of the first sheet; raise Unacceptable for what is no workbook, is damaged, or is a trap."""
    if recognise(content, "") != XLSX:
        raise Unacceptable("file_kind", name=name)
    try:
        _check(content)
        yield from CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).iter_rows()
    except archives.Refused as refusal:
        raise Unacceptable(refusal.fault, name=name) from refusal
    except (CalamineError, IndexError, ValueError) as error:
        raise Unacceptable("file_damaged", name=name) from error


def _check(content: bytes) -> None:
    """No cell far away, no text without end: either would be kept in memory many times over."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.lower().endswith(".xml"):
                with archive.open(name) as part:
                    _check_part(part)


def _check_part(part: IO[bytes]) -> None:
    edge, open_since = b"", 0
    while block := part.read(_BLOCK):
        if b"\0" in block:
            raise archives.Refused("file_damaged")  # another encoding, in which nothing would be found
        open_since = _text_left_open(block, open_since)
        if _FAR.search(edge + block):
            raise archives.Refused("file_bomb")
        edge = block[-_LONGEST_PLACE:]


def _text_left_open(block: bytes, open_since: int) -> int:
    """Bytes since a text, cell or row ended, once none before was too long."""
    start = -open_since
    while len(block) - start > MAX_TEXT:
        end = max(block.rfind(mark, max(start, 0), max(start + MAX_TEXT, 0)) for mark in _ENDS)
        if end <= start:
            raise archives.Refused("file_bomb")
        start = end + 1
    last = max(block.rfind(mark) for mark in _ENDS)
    return len(block) - max(start, last)
