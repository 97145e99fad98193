"""The same figures for machines: the JSON and CSV that travel with a statement, and what proves them."""

import csv
import hashlib
import json
from collections.abc import Iterator
from io import StringIO

from portal.statements.shape import StatementDocument

_CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U to misread


def canonical_json(document: StatementDocument) -> bytes:
    """The document in the one way that is hashed, attached and downloaded."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def fingerprint(document: StatementDocument) -> str:
    """The SHA-256 of the document, in hexadecimal."""
    return hashlib.sha256(canonical_json(document)).hexdigest()


def short_code(sha256: str) -> str:
    """Twelve letters of a fingerprint, for people to read out: `7K3M-Q2XD-A9TB`."""
    number = int(sha256, 16) >> (256 - 60)
    letters = "".join(_CODE_LETTERS[(number >> shift) & 31] for shift in range(55, -1, -5))
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def read_short_code(text: str) -> str:
    """A short code as people type it: any case, with or without dashes, I and L for 1, O for 0."""
    letters = text.upper().translate(str.maketrans("ILO", "110"))
    kept = "".join(letter for letter in letters if letter in _CODE_LETTERS)
    return "-".join((kept[:4], kept[4:8], kept[8:12]))


def statement_csv(document: StatementDocument) -> bytes:
    """Every figure of the statement, one a line; `;`, BOM and decimal commas where the reader is French."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(["section", "code", "label", "family", "on", "declared", "approved", "amount", "reason"])
    comma = document["locale"] == "fr"
    for section, code, label, family, on, *amounts, reason in _rows(document):
        figures = [("" if figure is None else figure) for figure in amounts]
        if comma:
            figures = [figure.replace(".", ",") for figure in figures]
        writer.writerow([section, *map(_defused, (code, label, family)), on, *figures, reason])
    return ("\ufeff" + out.getvalue()).encode()


def _defused(text: str) -> str:
    """A text that a spreadsheet would take for a formula is quoted."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


_TOTALS = ("credited", "gross", "earnings", "adjustments", "carry_in", "balance", "payable", "carry_out")
Row = tuple[str, str, str, str, str, str | None, str | None, str | None, str]


def _rows(document: StatementDocument) -> Iterator[Row]:
    result = document["result"]
    number, period = document["number"], document["period"]["code"]
    credits = {claim["ref"]: claim for claim in result["claims"]}
    for claim in document["claims"]:
        credit = credits[claim["ref"]]
        yield (
            *("claim", claim["reference"], claim["customer"] or "", claim["family"], claim["ordered_on"]),
            *(claim["declared"], claim["approved"], credit["credited"], credit["reason"] or ""),
        )
    for left in document["not_counted"]:
        yield (
            *("not_counted", left["reference"], left["customer"] or "", left["family"], ""),
            *(left["amount"], None, "0.00", left["reason"]),
        )
    for component in result["components"]:
        yield "component", component["code"], "", "", "", None, component["base"], component["amount"], ""
    for adjustment in document["adjustments"]:
        code = adjustment["statement"] or adjustment["period"]
        yield "adjustment", code, "", "", "", None, None, adjustment["amount"], adjustment["reason"]
    for key in (
        "credited",
        "gross",
        "earnings",
        "adjustments",
        "carry_in",
        "balance",
        "payable",
        "carry_out",
    ):
        yield "total", key, number, "", period, None, None, result[key], ""
    for paper in result["documents"]:
        for key in ("net", "vat", "total"):
            yield "document", paper["kind"], key, "", "", None, None, paper[key], ""
    yield "total", "net_to_pay", number, "", period, None, None, result["net_to_pay"], ""
