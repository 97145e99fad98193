"""Whether a statement is genuine, for whoever holds it: no sign-in, and nothing but what proves it."""

import hashlib
import re
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from portal import clock, statements, users
from portal.access import public
from portal.db import at_the_gate, transaction
from portal.i18n import gettext as _
from portal.web.account import Page
from portal.web.forms import Form

bp = Blueprint("verify", __name__, url_prefix="/verify")
CHUNK = 64 * 1024


@bp.get("")
@public
def index() -> Page | Response:
    """Ask for the number and the short code, or for the file itself."""
    code, number = request.args.get("code", "").strip(), request.args.get("number", "").strip()
    if code:
        return redirect(url_for("verify.statement", short_code=code[:40], number=number[:40] or None), 303)
    return render_template("verify/index.html", form=Form(), number=number)


@bp.get("/<short_code>")
@public
def statement(short_code: str) -> Page:
    """What the portal knows of the statement that carries this code, and this number where one was typed."""
    if _waits():
        return _slow_down()
    code, number = statements.read_short_code(short_code), request.args.get("number", "")
    found = statements.find_by_short_code(code)
    other = found is not None and bool(number) and _bare(number) != _bare(found.number)
    return _answer(None if other else found, code=code, number=number if other else "")


@bp.post("/file")
@public
def check() -> Page:
    """Whether a file is one that was sent, byte for byte; it is read once and kept nowhere."""
    form, sent = Form(), request.files.get("file")
    if not form.validate_on_submit() or sent is None or not sent.filename:
        missing = _("Choose the PDF file of a statement.")
        return render_template("verify/index.html", form=form, missing=missing, number=""), 422
    if _waits():
        return _slow_down()
    found = statements.find_by_file(_hash(sent))
    if found is None:  # what is not ours counts against whoever tries; a code has 60 bits and needs no count
        with at_the_gate(), transaction():
            users.count_failure(_who(), at=clock.real_now())
    return _answer(found, code=found.code if found else "", name=sent.filename[:80], of_file=True)


def _answer(found: Any, **shown: Any) -> Page:
    """Genuine or not, in plain words."""
    return render_template("verify/statement.html", found=found, **shown), 200 if found else 404


def _who() -> users.Subject:
    return users.verification(request.remote_addr or "")


def _waits() -> bool:
    with at_the_gate():
        return users.are_locked(_who(), at=clock.real_now())


def _slow_down() -> Page:
    return render_template("verify/wait.html"), 429


def _hash(sent: FileStorage) -> str:
    digest = hashlib.sha256()
    while part := sent.stream.read(CHUNK):
        digest.update(part)
    return digest.hexdigest()


def _bare(number: str) -> str:
    """A number as people type it: any case, any dash or space."""
    return re.sub(r"[^0-9A-Z]", "", number.upper())
