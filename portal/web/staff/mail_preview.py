"""Every letter as its reader sees it, with invented contents."""

import secrets

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import requires
from portal.errors import NotFound
from portal.i18n import LOCALES, current_locale
from portal.mail.letters import Written
from portal.mail.samples import kinds, sample
from portal.web.account import Page
from portal.web.security import POLICY

bp = Blueprint("mail_preview", __name__, url_prefix="/staff/mails/preview")


@bp.get("")
@requires("mail:read")
def index() -> Page:
    """The letters there are."""
    subjects = {kind: sample(kind, current_locale()).subject for kind in kinds()}
    return render_template("staff/mails/kinds.html", subjects=subjects, locales=LOCALES)


@bp.get("/<kind>")
@requires("mail:read")
def letter(kind: str) -> Page:
    """Subject, text, and the HTML in a frame that may do nothing."""
    lang = _lang()
    page = make_response(
        render_template(
            "staff/mails/preview.html", kind=kind, lang=lang, written=_sample(kind, lang), locales=LOCALES,
            frame=url_for("mail_preview.frame", kind=kind, lang=lang),
        )
    )  # fmt: skip
    page.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return page


@bp.get("/<kind>/html")
@requires("mail:read")
def frame(kind: str) -> Response:
    """The HTML alone, without scripts, forms, pictures or a way out."""
    nonce = secrets.token_urlsafe(16)
    html = _sample(kind, _lang()).html.replace("<style>", f'<style nonce="{nonce}">', 1)
    answer = make_response(html)
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox"
    )
    return answer


def _lang() -> str:
    asked = request.args.get("lang", "fr")
    return asked if asked in LOCALES else "fr"


def _sample(kind: str, lang: str) -> Written:
    try:
        return sample(kind, lang)
    except LookupError:
        raise NotFound from None
