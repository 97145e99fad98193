"""Workbooks that somebody gave, read row by row: never more of one in memory than a row of it."""

import re
import zipfile
from collections.abc import Iterator
from posixpath import join, normpath
from typing import IO
from xml.etree.ElementTree import fromstring
from xml.parsers.expat import ExpatError

from portal.files import archives
from portal.files.content import Unacceptable
from portal.files.parts import MAX_PART, Cell, Style, Texts, read_rows, read_texts

_DATED = re.compile(r"[dmyhs]", re.I)
_SAID = re.compile(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^]]*\]|_.|\*.', re.I)  # text and colours of a format
_SPAN = re.compile(r"\[(h+|m+|s+)\]", re.I)
_DATES, _SPANS = {*range(14, 23), 45, 47}, {46}  # the formats that need no telling

__all__ = ["Cell", "is_workbook", "sheet_rows"]


def is_workbook(source: IO[bytes]) -> bool:
    """Whether the content is an archive, as XLSX files are, rather than text."""
    source.seek(0)
    return source.read(4) == b"PK\x03\x04"


def sheet_rows(source: IO[bytes], name: str = "XLSX") -> Iterator[list[Cell]]:
    """Rows of the first sheet; raise Unacceptable for what is no workbook, is damaged, or is a trap."""
    try:
        if archives.main_part(source) != "xl/workbook.xml":
            raise Unacceptable("file_kind", name=name)
        with zipfile.ZipFile(source) as archive, Texts() as texts:
            sheet, from_1904 = _first_sheet(archive)
            if "xl/sharedStrings.xml" in archive.namelist():
                with archive.open("xl/sharedStrings.xml") as part:
                    read_texts(part, texts)
            with archive.open(sheet) as part:
                yield from read_rows(part, texts, _styles(archive), from_1904=from_1904)
    except archives.Refused as refusal:
        raise Unacceptable(refusal.fault, name=name) from refusal
    except (ExpatError, SyntaxError, LookupError, ValueError, OverflowError, zipfile.BadZipFile) as error:
        raise Unacceptable("file_damaged", name=name) from error


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    """A part that says how others are read; it is small."""
    if archive.getinfo(name).file_size > MAX_PART:
        raise archives.Refused("file_bomb")
    content = archive.read(name)
    if b"<!DOCTYPE" in content or b"\0" in content:
        raise archives.Refused("file_damaged")
    return content


def _first_sheet(archive: zipfile.ZipFile) -> tuple[str, bool]:
    """Where the first sheet is kept, and whether the workbook counts its days from 1904."""
    book = fromstring(_small(archive, "xl/workbook.xml"))
    properties = book.find("{*}workbookPr")
    counted = "" if properties is None else properties.get("date1904", "")
    sheet = book.find("{*}sheets/{*}sheet")
    if sheet is None:
        raise archives.Refused("file_damaged")
    (named,) = (value for key, value in sheet.attrib.items() if key.endswith("}id"))
    for link in fromstring(_small(archive, "xl/_rels/workbook.xml.rels")):
        if link.get("Id") == named:
            return normpath(join("/xl", link.get("Target", "")))[1:], counted in ("1", "true")
    raise archives.Refused("file_damaged")


def _styles(archive: zipfile.ZipFile) -> list[Style]:
    """What the numbers of each style stand for."""
    if "xl/styles.xml" not in archive.namelist():
        return []
    book = fromstring(_small(archive, "xl/styles.xml"))
    own = {one.get("numFmtId"): one.get("formatCode", "") for one in book.iterfind("{*}numFmts/{*}numFmt")}
    return [_style(one.get("numFmtId", "0"), own) for one in book.iterfind("{*}cellXfs/{*}xf")]


def _style(number: str, own: dict[str | None, str]) -> Style:
    if number not in own:
        return Style.DATE if int(number) in _DATES else Style.SPAN if int(number) in _SPANS else Style.NUMBER
    bare = _SAID.sub("", own[number].partition(";")[0])
    if _SPAN.search(bare):
        return Style.SPAN
    return Style.DATE if _DATED.search(bare) else Style.NUMBER
