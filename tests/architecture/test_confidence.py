"""What names a customer leaves the database as far as its reader may know it: the few exceptions are listed here."""

import re
from pathlib import Path

PORTAL = Path(__file__).parent.parent.parent / "portal"
TELLING = re.compile(
    r"(?<!if_known\()\b(?:Claim\.(?:customer_name|customer_siren|title)|OrderLine\.customer_name)\b"
)
# Why each may: it writes or compares and shows nothing; the firm alone reads it; the document masks it for all.
BARE = {
    "claims/queries/duplicates.py": "compares the firm's own claims",
    "claims/queries/listing.py": "searches what is known to the reader",
    "claims/queries/waiting.py": "the firm's own home",
    "conflicts/queries.py": "the firm's own home",
    "handover/sources.py": "masked in the note",
    "margin/left_out.py": "masked in the statement",
    "orders/queries.py": "searches what is known to the reader",
    "statements/sources.py": "masked in the statement",
}


class TestColumnsThatNameACustomer:
    def test_are_read_through_what_their_reader_may_know(self) -> None:
        bare = {
            str(file.relative_to(PORTAL))
            for file in PORTAL.rglob("*.py")
            if TELLING.search(re.sub(r"map\(if_known, \([^)]*\)|if_named\([^)]*\)", "", file.read_text()))
        }
        assert bare - BARE.keys() == set()
        assert BARE.keys() - bare == set(), "no longer an exception"
