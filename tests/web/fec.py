"""What article A47 A-1 of the Livre des procédures fiscales asks of a file of entries, checked from its text alone."""

import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

# Name, and what its field may be: dates AAAAMMJJ, amounts with a comma, what must be there and what may be empty.
DAY, AMOUNT, TEXT, MAYBE = r"20\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])", r"\d+,\d\d", r".+", r".*"
FIELDS = {
    "JournalCode": r"[A-Z]{2}",
    "JournalLib": TEXT,
    "EcritureNum": r"[1-9]\d*",
    "EcritureDate": DAY,
    "CompteNum": r"[1-7]\d{2,}",
    "CompteLib": TEXT,
    "CompAuxNum": MAYBE,
    "CompAuxLib": MAYBE,
    "PieceRef": TEXT,
    "PieceDate": DAY,
    "EcritureLib": TEXT,
    "Debit": AMOUNT,
    "Credit": AMOUNT,
    "EcritureLet": r"[A-Z]*",
    "DateLet": f"({DAY})?",
    "ValidDate": DAY,
    "Montantdevise": r"",
    "Idevise": r"",
}
ACCOUNTS = {"401": "À verser aux partenaires", "512": "Banque"}


def check(rows: Sequence[dict[str, str]]) -> None:
    """Every field, every entry, and every letter."""
    assert rows and list(rows[0]) == list(FIELDS)
    entries, letters = defaultdict(list), defaultdict(list)
    for row in rows:
        for name, pattern in FIELDS.items():
            assert re.fullmatch(pattern, row[name]), (name, row)
        assert bool(row["CompAuxNum"]) == bool(row["CompAuxLib"]) == row["CompteNum"].startswith("40"), row
        assert bool(row["EcritureLet"]) == bool(row["DateLet"]), row
        assert "0,00" in (row["Debit"], row["Credit"]) and row["Debit"] != row["Credit"], row
        assert row["CompteLib"] == ACCOUNTS.get(row["CompteNum"], row["CompteLib"]), row
        entries[int(row["EcritureNum"])].append(row)
        if row["EcritureLet"]:
            letters[row["CompteNum"], row["CompAuxNum"], row["EcritureLet"]].append(row)
    assert list(entries) == list(range(1, len(entries) + 1))
    for lines in (*entries.values(), *letters.values()):
        assert sum(_amount(row["Debit"]) - _amount(row["Credit"]) for row in lines) == 0, lines
        assert len(lines) > 1
    for lines in entries.values():
        assert len({(row["JournalCode"], row["EcritureDate"], row["ValidDate"]) for row in lines}) == 1, lines
    for lines in letters.values():
        assert {row["DateLet"] for row in lines} == {max(row["EcritureDate"] for row in lines)}, lines


def _amount(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))
