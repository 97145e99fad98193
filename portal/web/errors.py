"""Errors of the domain, of HTTP and of what the portal stands on, each put once into a page or a problem."""

import errno
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response as AnyResponse

from portal.access import SignInRequired
from portal.db import db, violated_constraint
from portal.errors import DomainError, Forbidden, Invalid, NotFound, PeriodClosed, Refused, Stale, Unavailable
from portal.web.paths import came_from, here
from portal.web.resumed import keep
from portal.web.words import known, words

STATUS: dict[type[DomainError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Stale: 409,
    PeriodClosed: 409,
    Invalid: 422,
    Refused: 422,
    Unavailable: 503,
    DomainError: 422,
}
PAGES = {400, 401, 403, 404, 409, 413, 422, 429, 500, 503}
SAID_AS = {405: 404, 408: 503, 411: 400, 414: 400, 415: 400, 416: 400, 502: 503, 504: 503}

log = structlog.get_logger()


def install(app: Flask) -> None:
    """Give each kind of error its page."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(SignInRequired, _sign_in)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(SecurityError, _strange_host)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(IntegrityError, _constraint)
    app.register_error_handler(DataError, _senseless)
    for away in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(away, _away)
    app.register_error_handler(OSError, _storage)
    app.register_error_handler(Exception, _unforeseen)


def wants_json() -> bool:
    """Whether a program asks rather than a person."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return request.path.startswith("/api/") or best == "application/json"


def page(status: int, code: str = "", **context: Any) -> Response:
    """The page of this status, or the same as problem+json (RFC 9457)."""
    if wants_json():
        detail = words(code, **context) if known(code) else None
        code = code or str(status)
        problem = jsonify({"type": "about:blank", "status": status, "code": code, "detail": detail})
        problem.content_type = "application/problem+json"
        problem.status_code = status
        return problem
    g.calm = status >= 500
    context = {"back_url": came_from(), "code": code, **context}
    template = f"errors/{status}.html"
    return make_response(render_template(template, **context), status)


def _domain(error: DomainError) -> Response:
    status = next(status for kind, status in STATUS.items() if isinstance(error, kind))
    what = error.params.get("what")
    said = {"what": words(str(what))} if what and known(str(what)) else {}
    return page(status, error.code, **{**error.params, **said, "sentence": words(error.code, **error.params)})


def _sign_in(error: SignInRequired) -> AnyResponse:
    """A reader is led to the door and back; somebody who sends a form keeps what they typed."""
    if wants_json():
        return page(401, "signed_out")
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("account.sign_in", next=here() if here() != "/" else None), 303)
    return keep()


def _stale_form(error: CSRFError) -> Response:
    """The form's token is of another sign-in; our own pages may send it again, once looked at."""
    ours = request.headers.get("Sec-Fetch-Site") == "same-origin"
    return keep() if ours and not wants_json() else page(400, "stale_form")


def _strange_host(error: SecurityError) -> Response:
    return Response("Unknown host.\n", 400, content_type="text/plain")


def _http(error: HTTPException) -> AnyResponse:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    status = SAID_AS.get(status, status)
    answer = page(status if status in PAGES else 400, limit_mb=None)
    if error.code == 405:
        answer.status_code = 405
    return answer


def _constraint(error: IntegrityError) -> Response:
    """PostgreSQL refused: in plain words where the constraint has some."""
    db.session.rollback()
    name = violated_constraint(error) or ""
    return page(422, name, sentence=words(name)) if known(name) else _unforeseen(error)


def _senseless(error: DataError) -> Response:
    """A number beyond all numbers, or a sign that no text holds: nobody types these on a page."""
    db.session.rollback()
    return page(400)


def _away(error: Exception) -> Response:
    log.error("database_away", error=type(error).__name__)
    answer = page(503, "unavailable")
    answer.headers["Retry-After"] = "5"
    return answer


def _storage(error: OSError) -> Response:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    log.error("storage", full=full, exc_info=error)
    return page(503, "unavailable") if full else _unforeseen(error)


def _unforeseen(error: Exception) -> Response:
    log.error("unforeseen", exc_info=error)
    return page(500, "unforeseen", incident=g.get("request_id"))
