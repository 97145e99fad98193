"""What is sent comes within a time: whoever sends drop by drop holds a thread of the server no longer."""

import socket
from contextlib import suppress
from threading import Timer

from flask import Flask, g, request

from portal.web.security import SAFE

SECONDS = 300.0


def install(app: Flask) -> None:
    """Stop reading from whoever has not sent all in time; what came is then refused as cut short."""
    app.before_request(_watch)
    app.teardown_request(_leave)


def _watch() -> None:
    line = request.environ.get("gunicorn.socket")
    if line is not None and request.method not in SAFE:
        g.late = Timer(SECONDS, _stop, [line])
        g.late.daemon = True
        g.late.start()


def _leave(_error: BaseException | None) -> None:
    if "late" in g:
        g.pop("late").cancel()


def _stop(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RD)
