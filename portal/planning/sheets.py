"""A small spreadsheet as lines of texts: CSV with `;` or `,`, or the first sheet of an XLSX file."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO, StringIO
from itertools import islice
from typing import Any, TypeVar

from portal import files
from portal.errors import Invalid

MOST_LINES, LONGEST = 5000, 200
Row = TypeVar("Row")


def read_sheet(content: bytes, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Each line under the head, in the order of these columns; Invalid says what is wrong with the whole."""
    rows = [(number, cells) for number, cells in enumerate(_rows(content), 1) if any(cells)]
    if not rows:
        raise Invalid({"sheet": "sheet_empty"})
    head = [name.lower() for name in rows[0][1]]
    if columns[0] not in head or columns[1] not in head:
        raise Invalid({"sheet": "sheet_head"}, columns="; ".join(columns))
    if len(rows) > MOST_LINES:
        raise Invalid({"sheet": "sheet_long"}, most=MOST_LINES)
    places = [head.index(name) if name in head else None for name in columns]
    for number, cells in rows[1:]:
        yield number, ["" if place is None or place >= len(cells) else cells[place] for place in places]


def _rows(content: bytes) -> list[list[str]]:
    try:
        source = BytesIO(content)
        if files.is_workbook(source):
            return [[_text(cell) for cell in row] for row in _few(files.sheet_rows(source))]
        text = _decoded(content)
        separator = ";" if ";" in text.partition("\n")[0] else ","
        reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
        return [[cell.strip() for cell in row] for row in _few(reader)]
    except (files.Unacceptable, ValueError, csv.Error):
        raise Invalid({"sheet": "sheet_unreadable"}) from None


def _few(rows: Iterable[Row]) -> Iterator[Row]:
    """As many as are taken, and one more by which a longer file is known."""
    return islice(rows, MOST_LINES + 2)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _text(cell: Any) -> str:
    """A cell as it is read on the screen; whole numbers without the point that XLSX files give them."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell)[:LONGEST].strip()
