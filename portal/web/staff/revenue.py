"""What partners bring in a period: sourced, influenced, transacted, side by side and never added."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal import clock, portfolio
from portal.access import current_person, requires
from portal.calendar import PeriodCode
from portal.i18n import gettext as _
from portal.margin.revenue import revenue_of
from portal.users.models import Role
from portal.web import claim_lists
from portal.web.account import Page
from portal.web.exports import KINDS, spreadsheet

bp = Blueprint("revenue", __name__, url_prefix="/staff/revenue")


@bp.get("")
@requires("revenue:read")
def index() -> Page | Response:
    """The report of a half-year, for the partners this reader follows or for all."""
    person, on = current_person(), clock.today()
    halves = claim_lists.halves(on)
    asked = request.args.get("period", "")
    code = PeriodCode.parse(asked if asked in halves else halves[0])
    ids = portfolio.followed_by(person.id, on) if person.role is Role.PAM else None
    rows = revenue_of(code, ids)
    kind = request.args.get("export")
    if kind in KINDS:
        heads = (_("Code"), _("Partner"), _("Sourced"), _("Influenced"), _("Transacted"))
        lines = ((row.code, row.name, row.sourced, row.influenced, row.transacted) for row in rows)
        return spreadsheet(str(kind), f"revenue-{code}", heads, lines)
    return render_template(
        "staff/revenue.html", rows=rows, period=str(code), halves=halves, link=claim_lists.link
    )
