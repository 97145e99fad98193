"""A firm's objectives, and their acceptance by its administrator."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal import clock, objectives, periods
from portal.access import allow, current_person, requires
from portal.db import transaction
from portal.i18n import format_period
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.margin.provisional import find_provisional
from portal.users.models import Role
from portal.web.account import Page
from portal.web.forms import Form, TickField

bp = Blueprint("objectives", __name__, url_prefix="/objectives")


class AcceptForm(Form):
    """The administrator's word."""

    agreed = TickField(_l("I accept this objective on behalf of my firm."), required=True)


@bp.get("")
@requires("partner:home")
def index() -> Page:
    """The objective in force, where the firm stands, and all that was set before."""
    return _page(AcceptForm(formdata=None))


@bp.post("/<uuid:public_id>/accept")
@requires("objective:accept")
def accept(public_id: UUID) -> Page | Response:
    """Accept exactly these terms."""
    objective, person = objectives.get_objective(public_id), current_person()
    allow("objective:accept", partner_id=objective.partner_id)
    form = AcceptForm()
    if form.validate_on_submit():
        with form.refusals(), transaction() as session:
            objectives.accept_objective(objective=objective, actor_id=person.id, at=clock.now())
            code = session.get_one(periods.Period, objective.period_id).code
        if not form.errors:
            flash(_("The objective of the %(period)s is accepted.", period=format_period(code)), "ok")
            return redirect(url_for("objectives.index"), 303)
    return _page(form)


def _page(form: AcceptForm) -> Page:
    person, on = current_person(), clock.today()
    firm, period = person.partner_id or 0, periods.current_period(on)
    rows = objectives.list_objectives(firm)
    latest = {row.period_id: row.version for row in reversed(rows)}
    page = render_template(
        "partner/objectives.html", rows=rows, latest=latest, period=period, form=form,
        figures=find_provisional(period, firm) if period else None,
        may_accept=person.role is Role.PARTNER_ADMIN,
    )  # fmt: skip
    return page, form.status
