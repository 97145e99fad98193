"""The parts of a workbook that grow with its rows, parsed a block at a time."""

import re
import tempfile
from array import array
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from enum import Enum, auto
from functools import lru_cache
from typing import IO
from xml.parsers.expat import ParserCreate, XMLParserType

from portal.files.archives import Refused

MAX_TEXT, MAX_ROWS, MAX_COLUMNS = 32_767, 1_048_576, 256
MAX_PART = 4 << 20
_BLOCK, _LONGEST = 1 << 16, 1 << 18  # bytes parsed at once, and without anything coming of them
_LETTERS, _DIGITS = re.compile("[A-Z]{1,3}"), "0123456789"
_FIRST_DAY, _FIRST_DAY_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001, no offset in cells

Cell = str | float | int | bool | time | date | datetime | timedelta


class Style(Enum):
    """What a number stands for."""

    NUMBER = auto()
    DATE = auto()
    SPAN = auto()


class Texts(AbstractContextManager["Texts"]):
    """The texts that cells refer to, kept on the disk."""

    def __init__(self) -> None:
        self._file, self._ends = tempfile.TemporaryFile(), array("Q", [0])  # noqa: SIM115
        self.get = lru_cache(1024)(self._get)

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, text: str) -> None:
        """The next text."""
        self._ends.append(self._ends[-1] + self._file.write(text.encode()))

    def _get(self, number: int) -> str:
        if not 0 <= number < len(self._ends) - 1:
            raise Refused("file_damaged")
        start, end = self._ends[number : number + 2]
        self._file.seek(start)
        return self._file.read(end - start).decode()


class _Reader:
    """A parser that keeps the text of the element it is in, and refuses what has no end."""

    def __init__(self, part: IO[bytes]) -> None:
        self._part, self._text, self._size, self.is_kept = part, list[str](), 0, False
        self.parser: XMLParserType = ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.CharacterDataHandler = self._keep

    def _refuse(self, *_: object) -> None:
        raise Refused("file_damaged")

    def _keep(self, text: str) -> None:
        if self.is_kept:
            self._size += len(text)
            if self._size > MAX_TEXT:
                raise Refused("file_bomb")
            self._text.append(text)

    def take(self) -> str:
        """What was kept since the last time."""
        text = "".join(self._text)
        self._text.clear()
        self._size = 0
        return text

    def blocks(self) -> Iterator[None]:
        """Parse a block, then another."""
        fed = 0
        while block := self._part.read(_BLOCK):
            self.parser.Parse(block, False)
            fed += len(block)
            if fed - self.parser.CurrentByteIndex > _LONGEST:
                raise Refused("file_bomb")
            yield
        self.parser.Parse(b"", True)
        yield


def _local(handle: Callable[[str], None]) -> Callable[..., None]:
    """A handler told the name of an element without what stands for its namespace."""
    return lambda name, *_: handle(name.rpartition(":")[2])


def read_texts(part: IO[bytes], texts: Texts) -> None:
    """Keep every shared text, in its order, without what says how it is spoken."""
    reader = _Reader(part)

    def start(name: str) -> None:
        if name == "rPh":
            spoken.append(True)
        reader.is_kept = name == "t" and not spoken

    def end(name: str) -> None:
        reader.is_kept = False
        if name == "rPh":
            spoken.pop()
        elif name == "si":
            texts.add(reader.take())

    spoken: list[bool] = []
    reader.parser.StartElementHandler, reader.parser.EndElementHandler = _local(start), _local(end)
    for _ in reader.blocks():
        pass


def read_rows(
    part: IO[bytes], texts: Texts, styles: list[Style], *, from_1904: bool = False
) -> Iterator[list[Cell]]:
    """Rows as they stand, the empty ones between too, each as wide as the widest before it."""
    sheet = _Sheet(_Reader(part), texts, styles, _FIRST_DAY_1904 if from_1904 else _FIRST_DAY)
    given = width = 0
    for _ in sheet.reader.blocks():
        for number, cells in sheet.rows:
            width = max(width, len(cells))
            for _between in range(given + 1, number):
                yield [""] * width
            yield cells + [""] * (width - len(cells))
            given = number
        sheet.rows.clear()


class _Sheet:
    """The rows of a block, cell by cell."""

    def __init__(self, reader: _Reader, texts: Texts, styles: list[Style], first_day: datetime) -> None:
        self.reader, self.rows = reader, list[tuple[int, list[Cell]]]()
        self._texts, self._styles, self._first_day = texts, styles, first_day
        self._number, self._cells, self._kind, self._style, self._column = 0, list[Cell](), "n", 0, 0
        reader.parser.StartElementHandler, reader.parser.EndElementHandler = self._start, self._end

    def _start(self, name: str, given: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            place = given.get("r")
            self._column = _column(place.rstrip(_DIGITS)) if place else len(self._cells)
            self._kind, self._style = given.get("t", "n"), int(given.get("s", "0"))
            if self._column >= MAX_COLUMNS:
                raise Refused("file_bomb")
            if self._column < len(self._cells):
                raise Refused("file_damaged")
        elif name == "row":
            number = int(given.get("r") or self._number + 1)
            if not self._number < number <= MAX_ROWS:
                raise Refused("file_damaged")
            self._number, self._cells = number, []
        self.reader.is_kept = name == "v" or (name == "t" and self._kind == "inlineStr")

    def _end(self, name: str) -> None:
        self.reader.is_kept = False
        name = name.rpartition(":")[2]
        if name == "c":
            if written := self.reader.take():
                self._cells += [""] * (self._column - len(self._cells))
                self._cells.append(self._read(written))
        elif name == "row":
            self.rows.append((self._number, self._cells))

    def _read(self, written: str) -> Cell:
        if self._kind == "s":
            return self._texts.get(int(written))
        if self._kind == "b":
            return written.strip() in ("1", "true")
        if self._kind == "d":
            return datetime.fromisoformat(written)
        if self._kind != "n":
            return written
        number = float(written)
        style = self._styles[self._style] if self._style else Style.NUMBER
        if style is Style.NUMBER:
            return number
        span = timedelta(milliseconds=round(number * 86_400_000))
        if style is Style.SPAN:
            return span
        instant = self._first_day + span
        if number < 1:
            return instant.time()
        return instant.date() if instant.time() == time() else instant


@lru_cache
def _column(letters: str) -> int:
    if not _LETTERS.fullmatch(letters):
        raise Refused("file_damaged")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1
