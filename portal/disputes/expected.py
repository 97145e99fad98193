"""What a firm expected of a statement, as it wrote it: CSV or XLSX, a claim or an order a line."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from portal import files

MOST_LINES = 2000
NAMES = {
    "reference": ("claim", "reference", "dossier", "référence", "reference dossier"),
    "order_no": ("order", "order_no", "commande", "bon de commande", "no de commande", "n° de commande"),
    "amount": ("amount", "montant", "expected", "attendu", "montant attendu"),
}
_REFERENCE = re.compile(r"D-FY[0-9]{2}-[0-9]{6}")
_AMOUNT = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?: [0-9]{3})+)(?:[.,][0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one line of the file; `code` is put into words by the door."""

    line: int
    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """One line: a claim, an order, or both, and the amount that the firm expected to be credited."""

    line: int
    reference: str
    order_no: str
    amount: Decimal


def read_expected(content: bytes) -> tuple[list[Expected], list[Fault]]:
    """Every line, or every fault of the file: with one fault nothing is taken."""
    try:
        rows = [(number, cells) for number, cells in _rows(content) if any(cells)]
    except (files.Unacceptable, ValueError, csv.Error):
        return [], [Fault(1, "sheet_unreadable")]
    if len(rows) < 2:
        return [], [Fault(1, "sheet_empty")]
    if len(rows) > MOST_LINES:
        return [], [Fault(MOST_LINES, "expected_long", str(MOST_LINES))]
    places = _places(rows[0][1])
    if "amount" not in places or not places.keys() & {"reference", "order_no"}:
        return [], [Fault(rows[0][0], "expected_head")]
    found, faults, seen = [], [], set()
    for number, cells in rows[1:]:
        one = _line(number, cells, places)
        if isinstance(one, Expected) and (key := (one.reference, one.order_no)) in seen:
            one = Fault(number, "expected_twice", " ".join(key).strip())
        if isinstance(one, Fault):
            faults.append(one)
        else:
            seen.add((one.reference, one.order_no))
            found.append(one)
    return ([], faults) if faults else (found, [])


def _line(number: int, cells: Sequence[str], places: dict[str, int]) -> Expected | Fault:
    said = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
    reference, order_no = said.get("reference", "").upper(), said.get("order_no", "")[:60]
    if not reference and not order_no:
        return Fault(number, "expected_nameless")
    if reference and not _REFERENCE.fullmatch(reference):
        return Fault(number, "expected_reference", reference[:40])
    bare = re.sub(r"[\s\u00a0\u202f]+", " ", said["amount"]).removesuffix("€").removesuffix("EUR").strip()
    if not _AMOUNT.fullmatch(bare) or len(bare) > 18:
        return Fault(number, "expected_amount", said["amount"][:40])
    amount = Decimal(bare.replace(" ", "").replace(",", "."))
    return Expected(number, reference, order_no, amount.quantize(Decimal("0.01")))


def _places(head: Sequence[str]) -> dict[str, int]:
    lowered = [cell.strip().lower() for cell in head]
    return {
        name: place
        for name, words in NAMES.items()
        for place in [next((at for at, cell in enumerate(lowered) if cell in words), None)]
        if place is not None
    }


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    if files.is_workbook(source := BytesIO(content)):
        for number, row in enumerate(files.sheet_rows(source), 1):
            yield number, [_text(cell) for cell in row]
            if number > MOST_LINES + 1:
                return
        return
    text = _decoded(content)
    separator = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    for cells in reader:
        yield reader.line_num, [cell.strip() for cell in cells]


def _decoded(content: bytes) -> str:
    if b"\0" in content:
        raise ValueError("not a text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _text(cell: Any) -> str:
    """A cell as it is read on the screen: figures come as floats, cents and all."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{Decimal(repr(cell)):.2f}"
    return str(cell).strip()
