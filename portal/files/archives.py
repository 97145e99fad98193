"""Office documents are archives: opened with bounds, refused when they hide something."""

import io
import re
import zipfile
import zlib
from typing import IO

MAX_ENTRIES = 3_000
MAX_UNPACKED = 150 * 1024 * 1024
MAX_RATIO = 200  # honest office parts stay far below
_BLOCK = 1 << 16
# What every scanner is tried with; it is found without one.
TRIAL = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
_MACROS = re.compile(r"vbaProject|vbaData|macrosheets/|activeX/", re.I)
_ENCRYPTED = 0x1


class Refused(Exception):
    """The file is not what it should be; `fault` says in which way."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def main_part(source: IO[bytes]) -> str:
    """`word/document.xml` or `xl/workbook.xml`; raise Refused for any other or unsafe archive."""
    try:
        with zipfile.ZipFile(source) as archive:
            names = _checked_names(archive, source.seek(0, io.SEEK_END))
            _unpack(archive)
            types = archive.read("[Content_Types].xml")
            relations = b"".join(archive.read(name) for name in names if name.endswith(".rels"))
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
        raise Refused("file_damaged") from error
    if b"macroEnabled" in types or b"vbaProject" in types or b"attachedTemplate" in relations:
        raise Refused("file_macros")
    for part in ("word/document.xml", "xl/workbook.xml"):
        if part in names:
            return part
    raise Refused("file_kind")


def _checked_names(archive: zipfile.ZipFile, size: int) -> set[str]:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * size:
        raise Refused("file_bomb")
    names = {entry.filename for entry in entries}
    if len(names) != len(entries) or any(".." in name or name.startswith(("/", "\\")) for name in names):
        raise Refused("file_damaged")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise Refused("file_locked")
    if any(_MACROS.search(name) for name in names):
        raise Refused("file_macros")
    return names


def _unpack(archive: zipfile.ZipFile) -> None:
    """Read every part through, so that sizes and checksums are the real ones, keeping nothing."""
    left = MAX_UNPACKED
    for entry in archive.infolist():
        edge = b""
        with archive.open(entry) as part:
            while block := part.read(_BLOCK):
                left -= len(block)
                if TRIAL in edge + block:
                    raise Refused("file_infected")
                if left < 0:
                    raise Refused("file_bomb")
                edge = block[-len(TRIAL) :]
