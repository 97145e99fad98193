"""A firm's own figures: read or refused line by line, then explained beside the statement's."""

import json
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from portal.disputes.expected import Expected, read_expected
from portal.disputes.models import Cause
from portal.disputes.reconciliation import compare
from tests.factories import papers

EXAMPLE = Path(__file__).parents[2] / "workers" / "data" / "statement_p00042.json"
DOCUMENT = json.loads(EXAMPLE.read_text())


def sheet(*rows: tuple[object, ...]) -> bytes:
    target = BytesIO()
    with Workbook(target) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return target.getvalue()


class TestReadExpected:
    @pytest.mark.parametrize(
        "content",
        [
            "Dossier;Montant\r\nD-FY26-000112;1 234,50\r\n".encode("utf-8-sig"),
            b"claim,amount\nd-fy26-000112,1234.5\n",
            "Référence;Montant attendu\nD-FY26-000112;1\u202f234,50 €\n".encode(),
            "dossier;montant\nD-FY26-000112;1234,50\n".encode("cp1252"),
            sheet(("Dossier", "Montant"), ("D-FY26-000112", 1234.5)),
        ],
    )
    def test_takes_what_people_save(self, content: bytes) -> None:
        assert read_expected(content) == ([Expected(2, "D-FY26-000112", "", Decimal("1234.50"))], [])

    @pytest.mark.parametrize(
        ("content", "fault"),
        [
            (b"", (1, "sheet_empty")),
            (b"dossier;montant\n", (1, "sheet_empty")),
            (b"a;b\n1;2\n", (1, "expected_head")),
            (b"dossier;montant\nD-FY26-000112;1\nD-FY26-000113;abc\n", (3, "expected_amount")),
            (b"dossier;montant\nD-FY26-000112;12 34\n", (2, "expected_amount")),
            (b"dossier;montant\n;12\n", (2, "expected_nameless")),
            (b"dossier;montant\nD-26-1;12\n", (2, "expected_reference")),
            (b"dossier;montant\nD-FY26-000112;1\n\nD-FY26-000112;2\n", (4, "expected_twice")),
            (b'dossier;montant\n"D-FY26;1\n', (1, "sheet_unreadable")),
            (b"PK\x03\x04not a workbook", (1, "sheet_unreadable")),
            (papers.office("xl/workbook.xml", xl__sheet=bytes(40_000_000)), (1, "sheet_unreadable")),
            (b"\xff\xfe\0d\0o\0", (1, "sheet_unreadable")),
        ],
    )
    def test_refuses_a_bad_file_by_its_line(self, content: bytes, fault: tuple[int, str]) -> None:
        found, faults = read_expected(content)
        assert found == [] and (faults[0].line, faults[0].code) == fault

    def test_names_every_bad_line(self) -> None:
        _found, faults = read_expected(b"dossier;montant\nx;1\nD-FY26-000112;y\n;3\n")
        assert [fault.line for fault in faults] == [2, 3, 4]


class TestCompare:
    def causes(self, *expected: tuple[str, str, str]) -> dict[str, Cause]:
        lines = [Expected(2, reference, order, Decimal(amount)) for reference, order, amount in expected]
        return {row["reference"] or row["order_no"]: row["cause"] for row in compare(DOCUMENT, lines)}

    def test_explains_each_difference_by_the_first_cause(self) -> None:
        claims = {claim["family"]: claim["reference"] for claim in DOCUMENT["claims"]}
        left = {one["reason"]: one["reference"] for one in DOCUMENT["not_counted"]}
        found = self.causes(
            (claims["M365"], "", "48000.00"),
            (claims["AZURE_INFRA"], "", "85250.40"),
            (claims["SQL"], "", "27415.33"),
            (claims["SECURITY"], "", "54321.09"),
            (left["EVIDENCE_AFTER_ORDER"], "", "22000.00"),
            ("D-FY26-999999", "", "5.00"),
        )
        assert found[claims["M365"]] is Cause.SAME
        assert found[claims["AZURE_INFRA"]] is Cause.CAPPED
        assert found[claims["SQL"]] is Cause.WEIGHT
        assert found[claims["SECURITY"]] is Cause.SHARE
        assert found[left["EVIDENCE_AFTER_ORDER"]] is Cause.REJECTED
        assert found["D-FY26-999999"] is Cause.NOT_DECLARED
        assert found[claims["WIN_SERVER"]] is Cause.UNKNOWN, "stated, and not in the file"

    def test_finds_a_claim_by_its_order(self) -> None:
        claim = DOCUMENT["claims"][0]
        assert self.causes(("", claim["order_no"], "48000.00"))[claim["reference"]] is Cause.SAME

    def test_tells_another_period_and_what_is_pending(self) -> None:
        for one in DOCUMENT["not_counted"]:
            cause = self.causes((one["reference"], "", "1.00"))[one["reference"]]
            assert (cause is Cause.OTHER_PERIOD) == bool(one["counts_in"])
