"""Whether a statement is genuine, for whoever holds it: no sign-in, and nothing but what proves it."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import statements
from portal.access import public
from portal.web.account import Page

bp = Blueprint("verify", __name__, url_prefix="/verify")


@bp.get("")
@public
def index() -> Page | Response:
    """Ask for the short code."""
    code = request.args.get("code", "").strip()
    if code:
        return redirect(url_for("verify.statement", short_code=code[:40]), 303)
    return render_template("verify/index.html")


@bp.get("/<short_code>")
@public
def statement(short_code: str) -> Page:
    """What the portal knows of the statement that carries this code."""
    code = statements.read_short_code(short_code)
    found = statements.find_by_short_code(code)
    return render_template("verify/statement.html", found=found, code=code), 200 if found else 404
