"""A reorganisation file as lines: nine columns, semicolons, UTF-8 or Windows-1252."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO

COLUMNS = (
    "partner_code", "siren", "legal_name", "segment", "coverage", "pam_epg", "pam_smsp", "pam_retained",
    "effective_date",
)  # fmt: skip
MOST_LINES = 5000


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line is refused; `code` is put into words by the door."""

    line: int
    column: str
    code: str
    value: str = ""


class Unreadable(Exception):
    """The file as a whole cannot be read; its faults say where and why."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__(faults)


@dataclass(frozen=True, slots=True)
class Row:
    """A line as written: a firm, who followed it on either side, and who is retained from which day on."""

    line: int
    code: str
    siren: str
    name: str
    segment: str
    coverage: str
    epg: str
    smsp: str
    retained: str
    on: date | None
    day: str = ""


def read_rows(content: bytes) -> Iterator[Row]:
    """The lines under the head; raise Unreadable for what is no reorganisation file."""
    rows = [(line, cells) for line, cells in _cells(_decode(content)) if any(cells)]
    if not rows:
        raise Unreadable(Fault(1, "", "file_empty"))
    if len(rows) > MOST_LINES:
        raise Unreadable(Fault(MOST_LINES, "", "file_too_long", str(MOST_LINES)))
    names = _header(*rows[0])
    if len(rows) == 1:
        raise Unreadable(Fault(2, "", "file_empty"))
    for line, cells in rows[1:]:
        if len(cells) != len(names):
            raise Unreadable(Fault(line, "", "cells_count", f"{len(cells)}/{len(names)}"))
        yield _row(line, dict(zip(names, cells, strict=True)))


def _header(line: int, cells: Sequence[str]) -> list[str]:
    names = [cell.lower() for cell in cells]
    faults = [Fault(line, name, "column_unknown", name) for name in names if name not in COLUMNS]
    faults += [Fault(line, name, "column_missing", name) for name in COLUMNS if name not in names]
    faults += [
        Fault(line, name, "column_repeated", name) for name in dict.fromkeys(names) if names.count(name) > 1
    ]
    if faults:
        raise Unreadable(*faults)
    return names


def _row(line: int, cell: dict[str, str]) -> Row:
    day = cell["effective_date"]
    return Row(
        line=line, code=cell["partner_code"].upper(), siren="".join(cell["siren"].split()),
        name=" ".join(cell["legal_name"].split()), segment=cell["segment"].upper().replace("-", "_"),
        coverage=cell["coverage"].upper(), epg=cell["pam_epg"], smsp=cell["pam_smsp"],
        retained=cell["pam_retained"], on=_day(day), day=day,
    )  # fmt: skip


def _day(text: str) -> date | None:
    parts = text.split("/")
    try:
        return date.fromisoformat("-".join(reversed(parts)) if len(parts) == 3 else text)
    except ValueError:
        return None


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=";", strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error:
        raise Unreadable(Fault(reader.line_num, "", "quotes_unbalanced")) from None


def _decode(content: bytes) -> str:
    if b"\0" in content:
        raise Unreadable(Fault(1, "", "encoding_unknown"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(Fault(number, "", "encoding_unknown")) from None
