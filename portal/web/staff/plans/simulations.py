"""A plan tried on a past period: its progress, what it comes to, partner by partner."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal import clock, margin, periods, planning
from portal.access import current_person, requires
from portal.db import AnyRow, db, transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.margin.engine import parse_plan
from portal.margin.models import PlanVersion
from portal.periods.models import Period
from portal.planning.models import Simulation
from portal.web.account import Page
from portal.web.all_partners import given_up, progress, views
from portal.web.exports import spreadsheet
from portal.web.forms import Form
from portal.web.partner_words import COVERAGES
from portal.web.plan_words import gate_words
from portal.web.staff.plans.door import bp

PAGE = 50
VIEWS: dict[str, Any] = {
    "": _l("All partners"),
    "winners": _l("Would earn more"),
    "losers": _l("Would earn less"),
    "same": _l("Would earn the same"),
}


@bp.post("/<uuid:public_id>/simulate")
@requires("plan:simulate")
def simulate(public_id: UUID) -> AnyResponse:
    """Begin to try a plan on a period."""
    form, url = Form(), url_for("plans.detail", public_id=public_id)
    with form.refusals(), transaction():
        simulation = planning.simulate_plan(
            plan=margin.get_plan(public_id),
            period=periods.get_period(request.form.get("period", "")),
            actor_id=current_person().id,
            at=clock.now(),
        )
        url = url_for("plans.simulation", public_id=_public_id(simulation))
    return form.done(_("The plan is being tried."), url)


def _public_id(simulation: Simulation) -> UUID:
    db.session.refresh(simulation)
    return simulation.public_id


@bp.get("/simulations/<uuid:public_id>")
@requires("simulation:read")
def simulation(public_id: UUID) -> Page:
    """What it comes to, and a page of partners, the largest change first."""
    found = planning.get_simulation(public_id)
    standing = request.args.get("standing", "")
    standing = standing if standing in VIEWS else ""
    page = max(1, request.args.get("page", 1, type=int))
    results, total = planning.list_results(found.id, standing=standing, page=page, size=PAGE)
    summary = planning.summary_of(found.id)
    return render_template(
        "staff/plans/simulation.html",
        simulation=found,
        plan=db.session.get_one(PlanVersion, found.plan_id),
        period=db.session.get_one(Period, found.period_id),
        results=results,
        total=total,
        page=page,
        pages=-(-total // PAGE),
        summary=summary,
        failed=given_up(planning.simulation_batch(found.id)),
        gates=_gates(found, summary),
        coverages=COVERAGES,
        tabs=_tabs(public_id, standing, summary),
        link=lambda number: url_for(
            "plans.simulation", public_id=public_id, standing=standing or None, page=number
        ),
    )


def _gates(found: Simulation, summary: planning.Summary) -> list[tuple[str, int]]:
    """Each gate in words, and how many partners would have passed it."""
    said = parse_plan(found.document)
    held = {None: said.gates} | {one.code: one.gates for one in said.components}
    return [
        (f"{row.of} · {words}" if row.of else words, row.passed)
        for row in summary.gates
        for words in [gate_words(held[row.of][row.place])]
    ]


def never_passed(simulations: Sequence[AnyRow]) -> list[str]:
    """Gates that nobody would have passed when a plan was last tried to the end."""
    tried = next((one for one in simulations if one.done == one.partners), None)
    if tried is None:
        return []
    found = planning.get_simulation(tried.public_id)
    told = _gates(found, planning.summary_of(found.id))
    return [
        _("%(gate)s: nobody would have passed it in %(period)s", gate=words, period=tried.period)
        for words, passed in told
        if not passed
    ]


def _tabs(public_id: UUID, standing: str, summary: planning.Summary) -> list[dict[str, Any]]:
    total = summary.total
    same = total.partners - total.winners - total.losers
    counts = {"": total.partners, "winners": total.winners, "losers": total.losers, "same": same}
    return views("plans.simulation", VIEWS, counts, name="standing", shown=standing, public_id=public_id)


@bp.get("/simulations/<uuid:public_id>/progress")
@requires("simulation:read")
def simulation_progress(public_id: UUID) -> Response:
    """How far it is, for the bar."""
    found = planning.get_simulation(public_id)
    batch, done = planning.simulation_batch(found.id), planning.simulated_so_far(found.id)
    return progress(batch=batch, done=done, total=found.partners)


@bp.get("/simulations/<uuid:public_id>.csv")
@requires("simulation:read")
def simulation_export(public_id: UUID) -> Response | AnyResponse:
    """Every partner with each component, for a spreadsheet."""
    found = planning.get_simulation(public_id)
    if planning.simulated_so_far(found.id) < found.partners:
        return redirect(url_for("plans.simulation", public_id=public_id), 303)
    codes = [one.code for one in parse_plan(found.document).components]
    plan, period = db.session.get_one(PlanVersion, found.plan_id), db.session.get_one(Period, found.period_id)
    heads = (
        _("Code"),
        _("Firm"),
        _("Coverage"),
        _("Credited"),
        _("Attainment"),
        _("Earned"),
        _("Under the plan"),
        _("Difference"),
        *codes,
    )
    rows = (
        (
            one.code,
            one.legal_name,
            COVERAGES[one.coverage],
            one.credited,
            one.attainment,
            one.before,
            one.after,
            one.change,
            *(_amount(one, code) for code in codes),
        )
        for one in planning.stream_results(found.id)
    )
    return spreadsheet("csv", f"{plan.code}-v{plan.version}-{period.code}", heads, rows)


def _amount(row: AnyRow, code: str) -> Decimal | None:
    return next((Decimal(one["amount"]) for one in row.components if one["code"] == code), None)
