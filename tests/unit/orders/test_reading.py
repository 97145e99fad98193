"""What people export from their spreadsheets is read as they meant it, or refused where it stands."""

import io
import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import xlsxwriter

from portal.orders.inputs import Unreadable, read_file
from portal.orders.lines import Known, OrderRow, read_line

HEADER = "order_no;version;reseller;customer_siren;family;amount;ordered_at;status"
LINE = "CMD-1;1;Distri Été;000000018;M365;1 234,50;2026-09-15;booked"
KNOWN = Known(frozenset({"M365"}), {"P-00042": 42})
CELLS = dict(zip(HEADER.split(";"), LINE.split(";"), strict=True))


def faults_of(content: bytes) -> list[tuple[int, str]]:
    with pytest.raises(Unreadable) as refused:
        list(read_file(io.BytesIO(content)))
    return [(fault.line, fault.code) for fault in refused.value.faults]


def one(**cells: object) -> OrderRow:
    row = read_line(2, {**CELLS, **cells}, KNOWN)  # type: ignore[dict-item]
    assert isinstance(row, OrderRow), row
    return row


def codes(**cells: object) -> list[str]:
    row = read_line(2, {**CELLS, **cells}, KNOWN)  # type: ignore[dict-item]
    assert isinstance(row, list)
    return [fault.code for fault in row]


class TestReadFile:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_takes_the_encodings_of_spreadsheets(self, encoding: str, end: str) -> None:
        (row,) = read_file(io.BytesIO(f"{HEADER}{end}{LINE}{end}".encode(encoding)))
        assert row == (2, CELLS)

    def test_takes_commas_where_they_part_the_columns(self) -> None:
        line = LINE.replace("1 234,50", "1234.50").replace(";", ",")
        (row,) = read_file(io.BytesIO(f"{HEADER.replace(';', ',')}\n{line}\n".encode()))
        assert row[1]["amount"] == "1234.50"

    def test_keeps_line_numbers_over_blank_lines_and_quoted_ones(self) -> None:
        quoted = LINE.replace("Distri Été", '"Distri\nÉté; ""SA"""')
        rows = list(read_file(io.BytesIO(f"{HEADER}\n\n{quoted}\n{LINE}\n".encode())))
        assert [line for line, _ in rows] == [4, 5]
        assert rows[0][1]["reseller"] == 'Distri\nÉté; "SA"'

    def test_names_the_lines_of_another_encoding(self) -> None:
        content = f"{HEADER}\n{LINE}\n".encode() + f"{LINE}\n{LINE}\n".encode("cp1252")
        assert faults_of(content) == [(3, "encodings_mixed"), (4, "encodings_mixed")]

    @pytest.mark.parametrize(
        ("content", "fault"),
        [
            (b"", (1, "file_empty")),
            (b"  \n \n", (1, "file_empty")),
            (HEADER.encode("utf-16"), (1, "encoding_unknown")),
            (f'{HEADER}\n"open;1'.encode(), (2, "quotes_unbalanced")),
            (f"{HEADER}\n{LINE};more\n".encode(), (2, "cells_count")),
            (f"{HEADER}\nCMD-1;1\n".encode(), (2, "cells_count")),
            (b"PK\x03\x04not a workbook", (1, "file_unreadable")),
        ],
    )
    def test_refuses_what_is_no_order_file(self, content: bytes, fault: tuple[int, str]) -> None:
        assert faults_of(content) == [fault]

    @pytest.mark.parametrize("end", ["\r", "\n"])
    def test_refuses_a_line_without_end(self, end: str) -> None:
        assert faults_of(f"{HEADER}{end}{'x' * 200_000}".encode()) == [(2, "line_too_long")]

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_needs_no_more_memory_for_three_times_the_lines(self, kind: str) -> None:
        def peak(lines: int) -> int:
            rows = [HEADER, *([LINE] * lines)]
            target = io.BytesIO("\n".join(rows).encode() if kind == "csv" else b"")
            if kind == "xlsx":
                with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
                    sheet = book.add_worksheet()
                    for number, row in enumerate(rows):
                        sheet.write_row(number, 0, row.split(";"))
            tracemalloc.start()
            assert sum(1 for _ in read_file(target)) == lines
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return most

        peak(10)
        assert peak(6000) < peak(2000) + 300_000

    def test_names_each_column_that_is_unknown_missing_or_repeated(self) -> None:
        header = HEADER.replace("family", "famille") + ";status"
        assert faults_of(header.encode()) == [
            (1, "column_unknown"), (1, "column_missing"), (1, "column_repeated"),
        ]  # fmt: skip

    def test_reads_a_workbook_with_its_line_numbers(self) -> None:
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
            sheet = book.add_worksheet()
            sheet.write_row(1, 0, HEADER.split(";"))
            sheet.write_row(2, 0, ["CMD-1", 2, "Distri", 18, "M365", 1234.5])
            wall_clock = datetime(2026, 7, 1, 0, 30)  # noqa: DTZ001, cells have no offset
            sheet.write_datetime(2, 6, wall_clock, book.add_format({"num_format": "d/m/yyyy h:mm"}))
            sheet.write(2, 7, "booked")
        ((line, cells),) = read_file(stream)
        row = read_line(line, cells, KNOWN)
        assert isinstance(row, OrderRow)
        assert (row.line, row.version, row.customer_siren, row.amount) == (
            3,
            2,
            "000000018",
            Decimal("1234.50"),
        )
        assert row.ordered_at.astimezone(UTC) == datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
        assert str(row.ordered_on) == "2026-07-01"


class TestReadLine:
    @pytest.mark.parametrize(
        ("written", "amount"),
        [
            ("1234.50", "1234.50"), ("1234,5", "1234.50"), ("1 234,50", "1234.50"), ("1\u202f234,50 €", "1234.50"),
            ("0", "0.00"), ("007", "7.00"), (1234.5, "1234.50"), (1234.0, "1234.00"), (0.07, "0.07"), (12, "12.00"),
        ],
    )  # fmt: skip
    def test_takes_amounts_as_they_are_written(self, written: object, amount: str) -> None:
        assert str(one(amount=written).amount) == amount

    @pytest.mark.parametrize(
        ("written", "code"),
        [
            ("12,345.67", "amount_two_signs"), ("-1", "amount_negative"), ("NaN", "not_an_amount"),
            ("1e3", "not_an_amount"), ("1.234", "amount_cents"), ("12 34", "amount_spaces"), (0.001, "amount_cents"),
            ("12345678901234567", "amount_too_large"), (1e22, "not_an_amount"), (-5.0, "amount_negative"),
            (True, "not_an_amount"), ("", "required"), (float("nan"), "not_an_amount"),
        ],
    )  # fmt: skip
    def test_refuses_amounts_it_could_misread(self, written: object, code: str) -> None:
        assert codes(amount=written) == [code]

    @pytest.mark.parametrize(
        ("written", "instant"),
        [
            ("2026-06-30T22:30:00Z", "2026-06-30T22:30:00+00:00"),
            ("2026-07-01T00:30:00+02:00", "2026-06-30T22:30:00+00:00"),
            ("2026-07-01", "2026-07-01T10:00:00+00:00"),
            ("1/7/2026", "2026-07-01T10:00:00+00:00"),
        ],
    )
    def test_takes_days_at_noon_and_instants_as_they_are(self, written: str, instant: str) -> None:
        assert one(ordered_at=written).ordered_at == datetime.fromisoformat(instant)

    @pytest.mark.parametrize(
        ("column", "written", "code"),
        [
            ("ordered_at", "2026-07-01T00:30:00", "instant_without_offset"), ("ordered_at", "31/02/2026", "not_an_instant"),
            ("ordered_at", "hier", "not_an_instant"), ("ordered_at", 46204.0, "not_an_instant"),
            ("customer_siren", "18", "siren_length"), ("customer_siren", "000000019", "siren_key"),
            ("family", "WORD", "family_unknown"), ("status", "open", "status_unknown"), ("version", "1.5", "not_a_whole_number"),
            ("version", 0, "not_a_whole_number"), ("currency", "USD", "rate_missing"), ("currency", "EURO", "currency_unknown"),
            ("named_partner", "P-99999", "partner_unknown"), ("order_no", "", "required"), ("reseller", "a\tb\x07", "unreadable"),
        ],
    )  # fmt: skip
    def test_refuses_what_it_does_not_know(self, column: str, written: object, code: str) -> None:
        assert codes(**{column: written}) == [code]

    def test_says_everything_that_is_wrong_at_once(self) -> None:
        assert codes(amount="x", family="y", status="z") == [
            "family_unknown",
            "not_an_amount",
            "status_unknown",
        ]

    def test_compares_numbers_in_capitals_and_finds_partners_by_code(self) -> None:
        row = one(order_no=" cmd-1 ", named_partner="p-00042")
        assert (row.order_no, row.named_partner_id, row.line_no, row.currency) == ("CMD-1", 42, 1, "EUR")
