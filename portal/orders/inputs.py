"""An order file as rows of cells: CSV or XLSX, whatever encoding and separator, each row with its line."""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from portal import files
from portal.files import Cell

REQUIRED = ("order_no", "version", "reseller", "customer_siren", "family", "amount", "ordered_at", "status")
OPTIONAL = (
    "line_no", "reseller_code", "named_partner", "agreement", "enrolment_no", "customer_name", "currency",
)  # fmt: skip
COLUMNS = REQUIRED + OPTIONAL
MOST_FAULTS = 100
MOST_LINES = 200_000


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of the file; `code` is put into words by the door."""

    line: int
    column: str
    code: str
    value: str = ""


class Unreadable(Exception):
    """The file as a whole cannot be read; its faults say where and why."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__(faults)


def read_file(
    content: bytes, *, required: Sequence[str] = REQUIRED, optional: Sequence[str] = OPTIONAL
) -> Iterator[tuple[int, dict[str, Cell]]]:
    """Rows by column name, each with the line it stands on; raise Unreadable for other columns."""
    if not content.strip():
        raise Unreadable(Fault(1, "", "file_empty"))
    read = _read_xlsx(content) if files.is_workbook(content) else _read_csv(content)
    rows = ((line, cells) for line, cells in read if any(cell != "" for cell in cells))
    first = next(rows, None)
    if first is None:
        raise Unreadable(Fault(1, "", "file_empty"))
    names = _header(*first, required, optional)
    for line, cells in rows:
        if line > MOST_LINES:
            raise Unreadable(Fault(line, "", "file_too_long", str(MOST_LINES)))
        yield line, _named(line, names, cells)


def _header(line: int, cells: Sequence[Cell], required: Sequence[str], optional: Sequence[str]) -> list[str]:
    names = [str(cell).strip().lower() for cell in cells]
    while names and not names[-1]:
        names.pop()
    faults = [
        Fault(line, name, "column_unknown", name) for name in names if name not in (*required, *optional)
    ]
    faults += [Fault(line, name, "column_missing", name) for name in required if name not in names]
    faults += [
        Fault(line, name, "column_repeated", name) for name in dict.fromkeys(names) if names.count(name) > 1
    ]
    if faults:
        raise Unreadable(*faults)
    return names


def _named(line: int, names: Sequence[str], cells: Sequence[Cell]) -> dict[str, Cell]:
    extra = [cell for cell in cells[len(names) :] if cell != ""]
    if extra or len(cells) < len(names):
        raise Unreadable(Fault(line, "", "cells_count", f"{len(cells)}/{len(names)}"))
    return dict(zip(names, cells, strict=False))


def _read_csv(content: bytes) -> Iterator[tuple[int, Sequence[Cell]]]:
    text = _decode(content)
    head = text.lstrip().partition("\n")[0]
    separator = ";" if head.count(";") >= head.count(",") else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error:
        raise Unreadable(Fault(reader.line_num, "", "quotes_unbalanced")) from None


def _decode(content: bytes) -> str:
    """UTF-8 with or without its mark, or Windows-1252; lines that disagree with the others are named."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content:
        raise Unreadable(Fault(1, "", "encoding_unknown"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    strange, accented = [], False
    for number, line in enumerate(re.split(rb"\r\n|\r|\n", content.removeprefix(codecs.BOM_UTF8)), 1):
        if not line.isascii():
            readable = _is_utf8(line)
            accented |= readable
            strange += [] if readable else [number]
    if accented or content.startswith(codecs.BOM_UTF8):
        raise Unreadable(*(Fault(number, "", "encodings_mixed") for number in strange))
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(Fault(number, "", "encoding_unknown")) from None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _read_xlsx(content: bytes) -> Iterator[tuple[int, Sequence[Cell]]]:
    try:
        for line, cells in enumerate(files.sheet_rows(content), 1):
            yield line, [cell.strip() if isinstance(cell, str) else cell for cell in cells]
    except files.Unacceptable:
        raise Unreadable(Fault(1, "", "file_unreadable")) from None
