"""An order file as rows of cells: CSV or XLSX, whatever encoding and separator, each row with its line."""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import IO

from portal import files
from portal.files import Cell

REQUIRED = ("order_no", "version", "reseller", "customer_siren", "family", "amount", "ordered_at", "status")
OPTIONAL = (
    "line_no", "reseller_code", "named_partner", "agreement", "enrolment_no", "customer_name", "currency",
)  # fmt: skip
COLUMNS = REQUIRED + OPTIONAL
MOST_FAULTS = 100
MOST_LINES = 200_000
_LONGEST = 1 << 17  # letters in a line
_NOWHERE = re.compile("[\x81\x8d\x8f\x90\x9d]")  # what Windows-1252 does not know


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
    source: IO[bytes], *, required: Sequence[str] = REQUIRED, optional: Sequence[str] = OPTIONAL
) -> Iterator[tuple[int, dict[str, Cell]]]:
    """Rows by column name, each with the line it stands on; raise Unreadable for other columns.

    Only a row at a time is in memory, whatever the size of the file.
    """
    read = _read_xlsx(source) if files.is_workbook(source) else _read_csv(source)
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


def _read_csv(source: IO[bytes]) -> Iterator[tuple[int, Sequence[Cell]]]:
    encoding = _encoding(source)
    with _opened(source, encoding) as text:
        head = next((line for line in _lines(text) if line.strip()), "")
    separator = ";" if head.count(";") >= head.count(",") else ","
    with _opened(source, encoding) as text:
        reader = csv.reader(_lines(text), delimiter=separator, strict=True)
        try:
            for cells in reader:
                yield reader.line_num, [cell.strip() for cell in cells]
        except csv.Error:
            raise Unreadable(Fault(reader.line_num, "", "quotes_unbalanced")) from None


@contextmanager
def _opened(source: IO[bytes], encoding: str) -> Iterator[TextIOWrapper]:
    """The file as text from its start, left open behind."""
    source.seek(0)
    text = TextIOWrapper(source, encoding, newline="")
    try:
        yield text
    finally:
        if not text.closed:
            text.detach()


def _lines(text: TextIOWrapper) -> Iterator[str]:
    """Lines with their ends, however a line ends; none is longer than any honest one."""
    number = 0
    while line := text.readline(_LONGEST):
        number += 1
        if len(line) == _LONGEST:
            raise Unreadable(Fault(number, "", "line_too_long"))
        yield line


def _encoding(source: IO[bytes]) -> str:
    """UTF-8 with or without its mark, or Windows-1252; lines that disagree with the others are named."""
    source.seek(0)
    marked = source.read(3) == codecs.BOM_UTF8
    strange: list[int] = []
    accented, unknown = marked, 0
    with _opened(source, "latin-1") as text:
        for number, line in enumerate(_lines(text), 1):
            if "\0" in line:
                raise Unreadable(Fault(number, "", "encoding_unknown"))
            if line.isascii():
                continue
            if _is_utf8(line):
                accented = True
            elif len(strange) <= MOST_FAULTS:
                strange.append(number)
            unknown = unknown or (number if _NOWHERE.search(line) else 0)
    if strange and accented:
        raise Unreadable(*(Fault(number, "", "encodings_mixed") for number in strange))
    if strange and unknown:
        raise Unreadable(Fault(unknown, "", "encoding_unknown"))
    return "cp1252" if strange else "utf-8-sig"


def _is_utf8(line: str) -> bool:
    try:
        line.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _read_xlsx(source: IO[bytes]) -> Iterator[tuple[int, Sequence[Cell]]]:
    try:
        for line, cells in enumerate(files.sheet_rows(source), 1):
            yield line, [cell.strip() if isinstance(cell, str) else cell for cell in cells]
    except files.Unacceptable:
        raise Unreadable(Fault(1, "", "file_unreadable")) from None
