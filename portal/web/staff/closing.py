"""The close of a period: what to mend, compute, compare, propose, approve, and watch it go."""

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import clock, closing, corrections, margin, periods
from portal.access import allowed, current_person, requires
from portal.calendar import PeriodCode
from portal.db import transaction
from portal.errors import NotFound
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.margin.models import MarginRun, RunState
from portal.periods import Period, PeriodState
from portal.web.account import Page
from portal.web.claim_lists import page_link
from portal.web.forms import Form, LongTextField
from portal.web.staff.closing_words import (
    CHECKS,
    RUN_STATES,
    STAGES,
    STEPS,
    cause_of,
    next_try_of,
    place_of,
    said_of,
    state_of,
)

PAGE = 50
bp = Blueprint("closing", __name__, url_prefix="/staff/closing")


class ReturnForm(Form):
    """Why a proposal goes back."""

    reason = LongTextField(_l("What must be looked at again"), longest=1000)


@bp.get("")
@requires("close:read")
def index() -> Page:
    """Every period, and where its close stands."""
    waiting, proposed = margin.periods_proposed(), RunState.PROPOSED
    return render_template(
        "staff/closing/index.html",
        periods=periods.list_periods(),
        seals=closing.list_seals(),
        state_of=lambda one: state_of(one.state, proposed if one.id in waiting else None),
        last_day=lambda one: PeriodCode.parse(one.code).last_day,
    )


@bp.get("/<code>")
@requires("close:read")
def period(code: str) -> Page:
    """One period: the steps, the checks, the runs, and what may be done now."""
    return _page(periods.get_period(code), ReturnForm())


def _page(found: Period, form: ReturnForm) -> Page:
    run = margin.find_latest_run(found.id)
    computed = run if run is not None and run.state is not RunState.COMPUTING else None
    page = render_template(
        "staff/closing/period.html",
        period=found,
        run=run,
        form=form,
        checks=closing.checklist(found),
        runs=margin.list_runs(found.id),
        failures=closing.failures_of(run) if run else (),
        cause_of=cause_of,
        next_try_of=next_try_of,
        stages=[(stage, said_of(stage)) for stage in closing.stages_of(found, run)],
        comparison=_comparison(found, computed) if computed else None,
        may=_possible(found, run),
        period_state=state_of(found.state, run.state if run else None),
        run_states=RUN_STATES,
        check_words=CHECKS,
        place_of=place_of,
        stage_words=STAGES,
        step_words=STEPS,
        now=clock.today(),
        may_retry=allowed("work:retry", partner_id=None),
        may_correct=allowed("correction:read", partner_id=None),
        may_recompute=allowed("correction:propose", partner_id=None),
        recomputed=corrections.list_runs(found.id, limit=5),
    )
    return page, form.status


def _comparison(found: Period, run: MarginRun) -> dict[str, Any]:
    """The run's totals beside those of the period before, and who changes most."""
    before_code = str(PeriodCode.parse(found.code).previous)
    before, earlier = margin.find_approved_run(before_code), margin.find_run_before(run)
    return {
        "before_code": before_code,
        "now": margin.run_totals(run.id),
        "before": margin.run_totals(before) if before else None,
        "changes": margin.largest_changes(run.id, before),
        "missed": margin.near_misses(run.id),
        "earlier": earlier,
        "since": margin.run_totals(earlier.id) if earlier else None,
        "differ": margin.count_differences(run.id, earlier.id) if earlier else 0,
        "moved": margin.largest_changes(run.id, earlier.id, limit=6) if earlier else (),
    }


def _possible(found: Period, run: MarginRun | None) -> set[str]:
    """What this person may do to the period as it stands."""
    person, state = current_person(), found.state
    open_to_runs = state in (PeriodState.OPEN, PeriodState.CLOSING, PeriodState.COMPUTED)
    proposed = run is not None and run.state is RunState.PROPOSED
    ready = run is not None and run.state is RunState.COMPUTED and state is PeriodState.COMPUTED
    due = clock.today() >= found.cut_off_on
    steps = {
        "rehearse": ("close:compute", open_to_runs and not proposed),
        "compute": ("close:compute", open_to_runs and due and not proposed),
        "reopen": ("close:compute", state in (PeriodState.CLOSING, PeriodState.COMPUTED)),
        "propose": ("close:propose", ready),
        "approve": ("close:approve", proposed and run is not None and run.proposed_by_id != person.id),
        "return": ("close:approve", proposed),
    }
    return {name for name, (right, now) in steps.items() if now and allowed(right, partner_id=None)}


@bp.get("/<code>/checks/<check>")
@requires("close:read")
def check(code: str, check: str) -> Page:
    """The partners behind a figure of the checklist."""
    found, page = periods.get_period(code), max(1, request.args.get("page", 1, type=int))
    if check not in set(closing.OF_PARTNERS):
        raise NotFound
    kind = closing.Check(check)
    total = closing.checklist(found)[kind]
    return render_template(
        "staff/closing/check.html",
        period=found,
        words=CHECKS[kind]["words"],
        rows=closing.partners_of(found, kind, page=page, size=PAGE),
        total=total,
        page=page,
        pages=-(-total // PAGE),
        page_link=page_link,
    )


@bp.post("/<code>/rehearse")
@requires("close:compute")
def rehearse(code: str) -> Response:
    """Compute as things stand, to see."""
    form = Form()
    with form.refusals(), transaction():
        closing.rehearse(period_code=code, actor_id=current_person().id, at=clock.now())
    return form.done(_("A rehearsal has begun. Nothing else changes."), _url(code))


@bp.post("/<code>/compute")
@requires("close:compute")
def compute(code: str) -> Response:
    """From the cut-off on: stop decisions on the period and compute it."""
    form = Form()
    with form.refusals(), transaction():
        closing.start_closing(period_code=code, actor_id=current_person().id, at=clock.now())
    return form.done(_("The period takes no more decisions and is being computed."), _url(code))


@bp.post("/<code>/reopen")
@requires("close:compute")
def reopen(code: str) -> Response:
    """Give the close up before its approval."""
    form = Form()
    with form.refusals(), transaction():
        closing.reopen_period(period_code=code, actor_id=current_person().id, at=clock.now())
    return form.done(_("The period is open again; its runs are cancelled."), _url(code))


@bp.post("/<code>/propose")
@requires("close:propose")
def propose(code: str) -> Response:
    """Put the computed run forward."""
    form = Form()
    with form.refusals(), transaction():
        closing.propose_close(period_code=code, actor_id=current_person().id, at=clock.now())
    return form.done(_("The close is proposed: somebody of finance approves it."), _url(code))


@bp.post("/<code>/approve")
@requires("close:approve")
def approve(code: str) -> Response:
    """Approve the run that was looked at, as another person than who proposed it."""
    form, number = Form(), request.form.get("run", 0, type=int)
    with form.refusals(), transaction():
        closing.approve_close(
            period_code=code, run_number=number, actor_id=current_person().id, at=clock.now()
        )
    return form.done(_("The close is approved: statements are being issued."), _url(code))


@bp.post("/<code>/return")
@requires("close:approve")
def return_(code: str) -> Page | Response:
    """Send the proposal back, with the reason."""
    form = ReturnForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            closing.return_close(
                period_code=code, reason=form.reason.data, actor_id=current_person().id, at=clock.now()
            )
        if not form.errors:
            flash(_("The proposal went back to the programme."), "ok")
            return redirect(_url(code), 303)
    return _page(periods.get_period(code), form)


@bp.get("/<code>/progress/<stage>")
@requires("close:read")
def progress(code: str, stage: str) -> Response:
    """How far a stage has come, for the live bar."""
    found = periods.get_period(code)
    for one in closing.stages_of(found, margin.find_latest_run(found.id)):
        if one.stage == stage:
            state = "finished" if one.finished else "running"
            failed = one.pace.failing
            return jsonify(done=one.done, total=one.total, state=state, failed=failed, **said_of(one))
    raise NotFound


def _url(code: str) -> str:
    return url_for("closing.period", code=code)
