"""A closed period computed again: its progress, and partner by partner what changed."""

from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import clock, corrections
from portal.access import current_person, requires
from portal.db import db, transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.periods.models import Period
from portal.users.models import User
from portal.web.account import Page
from portal.web.all_partners import given_up, progress, views
from portal.web.exports import spreadsheet
from portal.web.forms import Form
from portal.web.staff.corrections.door import OUTCOMES, PAGE, bp

VIEWS: dict[str, Any] = {
    "": _l("All that changed"),
    "proposed": _l("Proposed"),
    "nothing": _l("Changed, without effect"),
    "refused": _l("Refused before"),
}


@bp.post("/recompute")
@requires("correction:propose")
def recompute() -> Response:
    """Begin to compute a closed period again."""
    form, url = Form(), url_for("corrections.index")
    with form.refusals(), transaction():
        run = corrections.start_recomputation(
            period_code=request.form.get("period", ""), actor_id=current_person().id, at=clock.now()
        )
        db.session.refresh(run)
        url = url_for("corrections.run", public_id=run.public_id)
    return form.done(_("The period is being computed again. What was stated does not change."), url)


@bp.get("/runs/<uuid:public_id>")
@requires("correction:read")
def run(public_id: UUID) -> Page:
    """What was found, the largest difference first."""
    found = corrections.get_run(public_id)
    view, page = _view(), max(1, request.args.get("page", 1, type=int))
    counts = corrections.count_found(found.id)
    return render_template(
        "staff/corrections/run.html",
        run=found,
        period=db.session.get_one(Period, found.period_id),
        starter=db.session.get(User, found.started_by_id),
        done=corrections.count_findings(found.id),
        failed=given_up(corrections.correction_batch(found.id)),
        total=corrections.total_found(found.id),
        rows=corrections.list_findings(found.id, view=view, page=page, size=PAGE),
        counts=counts,
        count=counts[view],
        page=page,
        pages=-(-counts[view] // PAGE),
        view=view,
        tabs=views("corrections.run", VIEWS, counts, name="view", shown=view, public_id=public_id),
        outcomes=OUTCOMES,
        link=lambda number: url_for("corrections.run", public_id=public_id, view=view or None, page=number),
    )


def _view() -> str:
    view = request.args.get("view", "")
    return view if view in VIEWS else ""


@bp.get("/runs/<uuid:public_id>/progress")
@requires("correction:read")
def run_progress(public_id: UUID) -> Response:
    """How far it is, for the bar."""
    found = corrections.get_run(public_id)
    batch, done = corrections.correction_batch(found.id), corrections.count_findings(found.id)
    return progress(batch=batch, done=done, total=found.partners)


@bp.get("/runs/<uuid:public_id>.csv")
@requires("correction:read")
def run_export(public_id: UUID) -> Response:
    """Everything that changed, for a spreadsheet."""
    found = corrections.get_run(public_id)
    if corrections.count_findings(found.id) < found.partners:
        return redirect(url_for("corrections.run", public_id=public_id), 303)
    period = db.session.get_one(Period, found.period_id)
    heads = (
        *(_("Partner"), _("Firm"), _("Stated so far"), _("Earned by now"), _("Difference")),
        *(_("Situation"), _("What changed")),
    )
    rows = (
        (
            *(one.code, one.legal_name, one.before_amount, one.after_amount, one.amount),
            *(str(OUTCOMES[one.outcome][1]), ", ".join(_name(change) for change in one.changes)),
        )
        for one in corrections.stream_findings(found.id, view=_view())
    )
    return spreadsheet("csv", f"corrections-{period.code}", heads, rows)


def _name(change: dict[str, Any]) -> str:
    return str(change.get("ref") or change["what"])
