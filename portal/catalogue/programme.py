"""The catalogue that an empty instance begins with, read from the file beside."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from portal.i18n import english_typography, french_typography

FILE = Path(__file__).with_name("programme.yaml")
Row = dict[str, Any]


@cache
def _document() -> dict[str, Any]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def family_rows() -> list[Row]:
    """Product families, in the order of the file."""
    return [_row(code, place, texts, "name") for place, (code, texts) in _numbered(_document()["families"])]


def reason_rows() -> list[Row]:
    """Reason codes of every kind."""
    return [
        {"kind": kind, **_row(code, place, texts, "label")}
        for kind, reasons in _document()["reasons"].items()
        for place, (code, texts) in _numbered(reasons)
    ]


def evidence_rows() -> list[Row]:
    """Kinds of evidence."""
    return [_row(code, place, texts, "name") for place, (code, texts) in _numbered(_document()["evidence"])]


def places() -> dict[str, dict[str, str]]:
    """Code → words, by language, of what a refusal may name."""
    found = _document()["places"].items()
    return {code: {"fr": french_typography(one["fr"]), "en": one["en"]} for code, one in found}


def place_of_reason(reason: str) -> str:
    """What a refusal for this reason is about, unless somebody says otherwise."""
    found = _document()["places"].items()
    return next((code for code, one in found if reason in one["reasons"]), "project")


def grid_version() -> tuple[int, date]:
    """Number of the first grid and the day it comes into force."""
    return _document()["grid"]["version"], _document()["grid"]["in_force_from"]


def check_rows(grid_id: int) -> list[Row]:
    """Checks of the first grid."""
    checks = _numbered(_document()["grid"]["checks"])
    return [{"grid_id": grid_id, **_row(code, place, texts, "label")} for place, (code, texts) in checks]


def _numbered(entries: dict[str, Row]) -> list[tuple[int, tuple[str, Row]]]:
    return list(enumerate(entries.items(), 1))


def _row(code: str, place: int, texts: dict[str, str], label: str) -> Row:
    row: Row = {"code": code, "position": place}
    for key, text in texts.items():
        name = key if key.startswith("cure") else f"{label}_{key}"
        row[name] = french_typography(text) if key.endswith("fr") else english_typography(text)
    return row
