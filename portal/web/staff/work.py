"""Work items: what waits, what runs, what was given up and may be tried again."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import audit, clock, work
from portal.access import allowed, current_person, requires
from portal.db import transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.account import Page
from portal.web.claim_lists import page_link
from portal.web.forms import Form
from portal.work.models import WorkState

bp = Blueprint("work", __name__, url_prefix="/staff/work")
PAGE = 50
STATES = {
    WorkState.READY: ("info", _l("waiting")),
    WorkState.LEASED: ("info", _l("under way")),
    WorkState.DONE: ("ok", _l("done")),
    WorkState.DEAD: ("stop", _l("given up")),
}


@bp.get("")
@requires("work:read")
def index() -> Page:
    """Items in one state, newest first; those given up unless asked otherwise."""
    counts = work.count_by_state()
    asked = request.args.get("state", WorkState.DEAD if counts["dead"] else "")
    state = asked if asked in set(WorkState) else ""
    page = max(1, request.args.get("page", 1, type=int))
    rows, total = work.list_items(state=state, page=page, size=PAGE)
    views = [_view(one, state, counts[one]) for one in STATES]
    return render_template(
        "staff/work/index.html",
        rows=rows,
        page=page,
        pages=-(-total // PAGE),
        total=total,
        views=views,
        states=STATES,
        page_link=page_link,
        may_retry=allowed("work:retry", partner_id=None),
    )


def _view(one: WorkState, shown: str, count: int) -> dict[str, Any]:
    url = url_for("work.index", state=one)
    return {"label": STATES[one][1], "url": url, "current": one == shown, "count": count}


@bp.post("/<uuid:item_id>/retry")
@requires("work:retry")
def retry(item_id: UUID) -> Response:
    """Have an item that was given up tried again."""
    form = Form()
    with form.refusals(), transaction():
        work.retry(item_id, at=clock.real_now())
        audit.record("work.retried", subject=("work", item_id), at=clock.now(), actor_id=current_person().id)
    close = request.form.get("close")
    return form.done(
        _("It is tried again."), url_for("closing.period", code=close) if close else url_for("work.index")
    )
