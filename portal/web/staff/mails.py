"""Mails: sent, waiting, failed; and sending one again."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import clock, mail
from portal.access import current_person, requires
from portal.db import transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.mail.models import MailState
from portal.web.account import Page
from portal.web.claim_lists import page_link
from portal.web.forms import Form

bp = Blueprint("mails", __name__, url_prefix="/staff/mails")
PAGE = 50
STATES = {
    MailState.FAILED: ("stop", _l("failed")),
    MailState.HELD: ("wait", _l("held")),
    MailState.QUEUED: ("info", _l("waiting")),
    MailState.SENDING: ("info", _l("being sent")),
    MailState.DATA_STARTED: ("info", _l("leaving")),
    MailState.SENT: ("ok", _l("sent")),
}


@bp.get("")
@requires("mail:read")
def index() -> Page:
    """Mails, newest first, by state."""
    counts = mail.count_by_state()
    asked = request.args.get("state", MailState.FAILED if counts["failed"] else "")
    state = asked if asked in set(MailState) else ""
    page = max(1, request.args.get("page", 1, type=int))
    rows, total = mail.list_mails(state=state, page=page, size=PAGE)
    everything = {"label": _("all"), "url": url_for("mails.index", state="all"), "current": not state}
    views = [everything, *(_view(one, state, counts[one]) for one in STATES)]
    return render_template(
        "staff/mails/index.html",
        rows=rows,
        page=page,
        pages=-(-total // PAGE),
        total=total,
        views=views,
        states=STATES,
        page_link=page_link,
    )


def _view(one: MailState, shown: str, count: int) -> dict[str, Any]:
    url = url_for("mails.index", state=one)
    return {"label": STATES[one][1], "url": url, "current": one == shown, "count": count}


@bp.post("/<uuid:mail_id>/resend")
@requires("mail:resend")
def resend(mail_id: UUID) -> Response:
    """Have a mail sent again, the same document with it."""
    form = Form()
    with form.refusals(), transaction():
        mail.resend(mail_id=mail_id, actor_id=current_person().id, at=clock.now())
    return form.done(_("The mail leaves again."), url_for("mails.index", state="all"))
