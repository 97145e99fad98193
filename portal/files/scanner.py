"""The virus scanner, where one is set up: a content goes to it in pieces, as clamd takes them."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

PIECE = 1 << 18
PATIENCE = 20.0  # seconds for each answer

_at: dict[str, str] = {}


class ScannerAway(Exception):
    """The scanner cannot say now; the file waits in quarantine."""


def configure(url: str) -> None:
    """Ask the scanner at this address (`tcp://host:port`, `unix:///path`); without one, none is asked."""
    _at["url"] = url


def is_set_up() -> bool:
    """Whether files are scanned at all."""
    return bool(_at.get("url"))


def find_threat(content: bytes) -> str | None:
    """What the scanner found in it, None for a clean one; raise ScannerAway where it does not tell."""
    try:
        with _connected() as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                line.sendall(len(piece).to_bytes(4, "big") + piece)
            line.sendall(bytes(4))
            answer = _answer(line)
    except OSError as error:
        raise ScannerAway(str(error)) from error
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return None
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise ScannerAway(verdict)


@contextmanager
def _connected() -> Iterator[socket.socket]:
    parts = urlsplit(_at["url"])
    if parts.scheme == "unix":
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE)
            line.connect(unquote(parts.path))
            yield line
    else:
        with socket.create_connection((parts.hostname or "", parts.port or 3310), PATIENCE) as line:
            yield line


def _answer(line: socket.socket) -> str:
    said = b""
    while b"\0" not in said and len(said) < 4096:
        piece = line.recv(1024)
        if not piece:
            break
        said += piece
    return said.partition(b"\0")[0].decode(errors="replace").strip()
