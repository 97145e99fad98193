"""One JSON line per request, known by its id; nothing secret in it."""

import io
import logging
import sys
import time
from contextlib import suppress
from typing import TextIO, cast
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger()


class Unbreakable(io.TextIOBase):
    """Standard error, which on a full disk rather says nothing than costs the reader the answer."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def install(app: Flask) -> None:
    """Name each request, and say how it went."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, Unbreakable())),
    )
    app.before_request(_name)
    app.after_request(_say)


def _name() -> None:
    g.request_id, g.began = uuid4().hex[:16], time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=g.request_id)


def _say(response: Response) -> Response:
    """The route and not the path: some paths carry a one-time code."""
    response.headers["X-Request-ID"] = g.get("request_id", "")
    if request.endpoint not in ("static", "health.healthz"):
        person = g.get("person")
        log.info(
            "answered",
            method=request.method,
            route=request.url_rule.rule if request.url_rule else None,
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
            user=person.id if person else None,
        )
    return response
