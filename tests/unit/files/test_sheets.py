"""Workbooks are read at the cost of what they hold, or refused."""

import io
import zipfile

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
        assert list(files.sheet_rows(PLAIN)) == [["a", ""], ["", "b"]]
        assert len(list(files.sheet_rows(book((0, 0, "a"), (199_998, 51, "z"))))) == 199_999

    @pytest.mark.parametrize(
        "content",
        [
            book((0, 0, "a"), (1_048_575, 16_383, "z")),
            book((0, 0, "a"), (199_999, 0, "z")),
            book((0, 0, "a"), (0, 52, "z")),
            with_part(PLAIN, SHEET, b'r="B2"', b"r = 'XFD1048576'"),
            with_part(PLAIN, SHEET, b'r="B2"', b'r="B2"' + b" " * 1_048_400 + b'r="ZZ9"'),
            with_part(PLAIN, STRINGS, b"<t>b</t>", b"<r><t>b</t></r>" * 40_000),
            with_part(PLAIN, SHEET, b'r="B2"', b'\0r="B2"'),
        ],
    )
    def test_of_a_trap_are_refused_before_they_cost_memory(self, content: bytes) -> None:
        with pytest.raises(files.Unacceptable) as refusal:
            list(files.sheet_rows(content))
        assert refusal.value.fault in ("file_bomb", "file_damaged")

    @pytest.mark.parametrize("content", [papers.office(), papers.office("xl/workbook.xml"), PLAIN[:-30]])
    def test_of_another_file_are_refused(self, content: bytes) -> None:
        with pytest.raises(files.Unacceptable):
            list(files.sheet_rows(content))
