"""Workbooks are read at the cost of what they hold, or refused."""

import io
import zipfile
from datetime import date, datetime, timedelta

import pytest
import xlsxwriter

from portal import files
from tests.factories import papers


def book(*cells: tuple[int, int, str]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as made:
        sheet = made.add_worksheet()
        for row, column, text in cells:
            sheet.write_string(row, column, text)
    return target.getvalue()


def with_part(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The same workbook with something else written in one of its parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", 8) as copy:
        for part in source.namelist():
            text = source.read(part)
            copy.writestr(part, text.replace(old, new) if part == name else text)
    return target.getvalue()


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
PLAIN = book((0, 0, "a"), (1, 1, "b"))


class TestSheetRows:
    def test_are_those_of_the_first_sheet(self) -> None:
        assert list(files.sheet_rows(io.BytesIO(PLAIN))) == [["a"], ["", "b"]]
        assert len(list(files.sheet_rows(io.BytesIO(book((0, 0, "a"), (199_998, 255, "z")))))) == 199_999

    def test_hold_what_a_spreadsheet_shows(self) -> None:
        target = io.BytesIO()
        with xlsxwriter.Workbook(
            target, {"in_memory": True, "default_date_format": "dd/mm/yyyy hh:mm"}
        ) as made:
            sheet = made.add_worksheet()
            sheet.write_row(0, 0, [1234.5, True, datetime(2026, 9, 15), datetime(2026, 9, 15, 8, 30)])  # noqa: DTZ001
            sheet.write_row(2, 0, ["", "é & <b>"])
            sheet.write_rich_string(2, 2, "deux ", made.add_format({"bold": True}), "mots")
            sheet.write_formula(2, 3, "=1+1", made.add_format({"num_format": '0 "days"'}), 2)
            sheet.write_number(3, 0, 1.5, made.add_format({"num_format": "[h]:mm"}))
            sheet.write_formula(3, 1, "=NA()", None, "#N/A")
        assert list(files.sheet_rows(target)) == [
            [1234.5, True, date(2026, 9, 15), datetime(2026, 9, 15, 8, 30)],  # noqa: DTZ001
            ["", "", "", ""],
            ["", "é & <b>", "deux mots", 2.0],
            [timedelta(days=1.5), "#N/A", "", ""],
        ]

    def test_are_those_of_a_sheet_written_without_places_or_shared_texts(self) -> None:
        bare = (
            b'<x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c><x:c><x:v>2</x:v></x:c></x:row>'
            b'<x:row/><x:row><x:c t="str"><x:f>A1</x:f><x:v>b</x:v></x:c></x:row></x:sheetData>'
        )
        with zipfile.ZipFile(io.BytesIO(PLAIN)) as made:
            text = made.read(SHEET)
        start, end = text.index(b"<sheetData>"), text.index(b"</sheetData>") + len(b"</sheetData>")
        content = with_part(PLAIN, SHEET, text[start:end], bare)
        content = with_part(content, SHEET, b"<worksheet ", b'<worksheet xmlns:x="urn:x" ')
        assert list(files.sheet_rows(io.BytesIO(content))) == [["a", 2.0], ["", ""], ["b", ""]]

    @pytest.mark.parametrize(
        "content",
        [
            book((0, 0, "a"), (1_048_575, 16_383, "z")),
            book((0, 0, "a"), (0, 256, "z")),
            with_part(PLAIN, SHEET, b'<row r="2"', b'<row r="1048577"'),
            with_part(PLAIN, SHEET, b'<row r="2"', b'<row r="1"'),
            with_part(PLAIN, SHEET, b'r="B2"', b'r="XFE2"'),
            with_part(PLAIN, SHEET, b"<v>1</v>", b"<v>2</v>"),
            with_part(PLAIN, SHEET, b"<worksheet", b"<!DOCTYPE a [<!ENTITY b 'bb'>]><worksheet"),
            with_part(PLAIN, "xl/workbook.xml", b"<workbook ", b"<!DOCTYPE a [<!ENTITY b 'bb'>]><workbook "),
            with_part(PLAIN, SHEET, b"<sheetData>", b"<sheetData" + b" " * 400_000 + b">"),
            with_part(PLAIN, STRINGS, b"<t>b</t>", b"<r><t>b</t></r>" * 40_000),
            with_part(PLAIN, SHEET, b'r="B2"', b'\0r="B2"'),
        ],
    )
    def test_of_a_trap_are_refused_before_they_cost_memory(self, content: bytes) -> None:
        with pytest.raises(files.Unacceptable) as refusal:
            list(files.sheet_rows(io.BytesIO(content)))
        assert refusal.value.fault in ("file_bomb", "file_damaged")

    @pytest.mark.parametrize("content", [papers.office(), papers.office("xl/workbook.xml"), PLAIN[:-30]])
    def test_of_another_file_are_refused(self, content: bytes) -> None:
        with pytest.raises(files.Unacceptable):
            list(files.sheet_rows(io.BytesIO(content)))
