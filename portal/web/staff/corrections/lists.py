"""Every adjustment: to decide, approved, refused; several decided at once, each checked alone."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from portal import clock, corrections, periods
from portal.access import allowed, current_person, requires
from portal.corrections import AdjustmentFilter
from portal.db import db, transaction, violated_constraint
from portal.errors import DomainError, Invalid, Stale
from portal.i18n import format_amount, ngettext
from portal.i18n import gettext as _
from portal.web.account import Page
from portal.web.claim_lists import link, page_link
from portal.web.exports import spreadsheet
from portal.web.staff.corrections.door import PAGE, STATES, bp, reasons
from portal.web.words import words

MOST = 200  # decided in one press


def _wanted() -> AdjustmentFilter:
    asked = request.args
    state = asked.get("state", "pending")
    return AdjustmentFilter(
        state=state if state in STATES else "",
        text=asked.get("q", "").strip()[:100],
        period=asked.get("period", ""),
        reason=asked.get("reason", ""),
        page=max(1, asked.get("page", 1, type=int)),
    )


@bp.get("")
@requires("correction:read")
def index() -> Page:
    """Adjustments, those to decide first."""
    wanted = _wanted()
    rows, total = corrections.list_adjustments(wanted, size=PAGE)
    counts = corrections.count_adjustments(wanted)
    return render_template(
        "staff/corrections/index.html",
        rows=rows,
        total=total,
        wanted=wanted,
        pages=-(-total // PAGE),
        tabs=_tabs(wanted, counts),
        states=STATES,
        reasons=reasons(),
        periods=periods.list_periods(),
        runs=corrections.list_runs(limit=3),
        closed=periods.list_periods(periods.PeriodState.CLOSED),
        leaving=corrections.count_leaving(on=clock.today()),
        may_propose=allowed("correction:propose", partner_id=None),
        may_approve=allowed("correction:approve", partner_id=None),
        me=current_person().id,
        link=link,
        page_link=page_link,
    )


def _tabs(wanted: AdjustmentFilter, counts: dict[str, int]) -> list[dict[str, Any]]:
    shown = {
        "pending": _("To decide"),
        "approved": _("Let through"),
        "refused": _("Turned down"),
        "all": _("All adjustments"),
    }
    return [
        {
            "label": label,
            "url": link(state=state, page=None),
            "current": (wanted.state or "all") == state,
            "count": counts.get(state),
        }
        for state, label in shown.items()
    ]


@bp.get("/export.csv")
@requires("correction:read")
def export() -> Response:
    """The whole list as a spreadsheet."""
    said = reasons()
    heads = (
        *(_("Partner"), _("Firm"), _("Origin"), _("Statement"), _("Booked in"), _("Reason"), _("Note")),
        *(_("Before"), _("After"), _("Amount"), _("Situation"), _("Proposed by"), _("Proposed")),
        *(_("Decided by"), _("Decided"), _("Refusal")),
    )
    rows = (
        (
            *(one.code, one.legal_name, one.origin, one.statement, one.period),
            *(said.get(one.reason_code, ""), one.note, one.before_amount, one.after_amount, one.amount),
            *(str(STATES[one.state][1]), one.proposed_by, one.proposed_at),
            *(one.approved_by or one.refused_by, one.approved_at or one.refused_at, one.refusal),
        )
        for one in corrections.stream_adjustments(_wanted())
    )
    return spreadsheet("csv", "adjustments", heads, rows)


@bp.post("/decide")
@requires("correction:approve")
def decide() -> Response:
    """Approve or refuse what was ticked, each alone; say what became of each that could not be."""
    ticked = request.form.getlist("pick")[:MOST]
    refusing, done = request.form.get("act") == "refuse", 0
    for one in ticked:
        public_id, _sign, seen = one.partition("/")
        fault = _decide(public_id, seen, refusing)
        done += fault is None
        if fault:
            flash(fault, "stop")
    if not ticked:
        flash(_("Tick at least one adjustment."), "stop")
    elif refusing:
        flash(ngettext("%(num)s adjustment is refused.", "%(num)s adjustments are refused.", done), "ok")
    else:
        flash(ngettext("%(num)s adjustment is approved.", "%(num)s adjustments are approved.", done), "ok")
    state, text, period, reason = (
        request.form.get(name) or None for name in ("state", "q", "period", "reason")
    )
    return redirect(url_for("corrections.index", state=state, q=text, period=period, reason=reason), 303)


def _decide(public_id: str, seen: str, refusing: bool) -> str | None:
    """Decide one in its own transaction; why not, in words, where it is refused."""
    person, row = current_person(), None
    try:
        with transaction():
            row = corrections.get_adjustment(UUID(public_id), for_update=True)
            told = corrections.describe_adjustment(row.id)
            name = f"{told.code}, {format_amount(told.amount)} €"
            given: dict[str, Any] = {"adjustment": row, "seen": int(seen), "actor_id": person.id}
            given["at"] = clock.now()
            if refusing:
                corrections.refuse_adjustment(**given, motive=request.form.get("motive", ""))
            else:
                corrections.approve_adjustment(**given)
    except ValueError:
        return _("What was ticked cannot be read. Open the list again.")
    except IntegrityError as error:
        db.session.rollback()
        return _("%(field)s: %(fault)s", field=name, fault=words(violated_constraint(error) or "refused"))
    except DomainError as error:
        return _("%(field)s: %(fault)s", field=name if row else public_id[:8], fault=_why(error))
    return None


def _why(error: DomainError) -> str:
    if isinstance(error, Stale):
        return _(
            "%(who)s %(what)s meanwhile.", who=error.params["who"], what=words(str(error.params["what"]))
        )
    if isinstance(error, Invalid):
        return " ".join(words(code) for code in error.faults.values())
    return words(error.code, **error.params)
