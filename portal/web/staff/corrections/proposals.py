"""One adjustment: what it corrects, why, who proposed and who decides; and those proposed by hand."""

from typing import Any, cast
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import clock, corrections, disputes, ledger, periods
from portal.access import allowed, current_person, requires
from portal.db import AnyRow, db, transaction
from portal.disputes import DisputedKind, DisputeReason
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.margin.models import Adjustment
from portal.statements.shape import StatementDocument
from portal.web.account import Page
from portal.web.dispute_words import said_of_line
from portal.web.forms import Form, LongTextField, SelectOneField, SignedAmountField, TextField, TickField
from portal.web.result_trace import lines_behind
from portal.web.staff.corrections.door import STATES, bp, reasons

# Claims and objectives are mended at their source, and the period may then be computed again.
FOLLOWED = (DisputedKind.CLAIM, DisputedKind.NOT_COUNTED, DisputedKind.OBJECTIVE)
ADJUSTED_FOR = {
    DisputeReason.AMOUNT: "FINAL_AMOUNT_DIFFERS",
    DisputeReason.SHARE: "SHARE_CHANGED",
    DisputeReason.NOT_COUNTED: "LATE_CLAIM",
    DisputeReason.CALCULATION: "RULE_CORRECTED",
}


class ByHandForm(Form):
    """An amount that no recomputation finds."""

    partner = TextField(_l("Partner's code"), longest=20)
    amount = SignedAmountField(_l("Amount, with its sign"))
    origin = SelectOneField(_l("Closed period it corrects"), required=False)
    in_result = TickField(_l("The claims, orders or objective will be corrected too"), required=False)
    reason = SelectOneField(_l("Reason"))
    note = LongTextField(_l("Motive, told to the firm on its statement"), longest=300)

    def offer(self) -> "ByHandForm":
        """With closed periods and the reasons of the catalogue."""
        closed = periods.list_periods(periods.PeriodState.CLOSED)
        self.origin.choices = [("", _("no period")), *((one.code, one.code) for one in closed)]
        self.reason.choices = [("", _("choose")), *reasons().items()]
        return self


class ExplainForm(Form):
    """Why, and what the firm is told of it."""

    reason = SelectOneField(_l("Reason"))
    note = TextField(_l("Note, told to the firm on its statement"), required=False, longest=300)

    def offer(self) -> "ExplainForm":
        """With the reasons of the catalogue."""
        self.reason.choices = [("", _("choose")), *reasons().items()]
        return self


class RefuseForm(Form):
    """Why not."""

    motive = LongTextField(_l("Why it is refused"), longest=500)


@bp.route("/new", methods=["GET", "POST"])
@requires("correction:propose")
def new() -> Page | Response:
    """Propose by hand; an accepted line of a dispute brings all that it says of its adjustment."""
    line_id = request.args.get("line", type=int)
    line = disputes.get_accepted(line_id) if line_id is not None else None
    form = ByHandForm(**(of_line(line) if line else {})).offer()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            made = corrections.propose_by_hand(
                partner_code=form.partner.data or "",
                amount=form.amount.data,
                reason_code=form.reason.data or "",
                note=form.note.data or "",
                origin_code=form.origin.data or "",
                in_result=bool(form.in_result.data),
                actor_id=current_person().id,
                at=clock.now(),
                dispute_line=line.DisputedLine if line else None,
            )
            db.session.refresh(made)
            public_id = made.public_id
        if not form.errors:
            flash(_("The adjustment is proposed. Another person of finance decides."), "ok")
            return redirect(url_for("corrections.detail", public_id=public_id), 303)
    return render_template("staff/corrections/new.html", form=form, line=line), form.status


def of_line(line: AnyRow) -> dict[str, Any]:
    """What an accepted line of a dispute says of its adjustment."""
    contested, dispute, statement, partner = line
    document = cast(StatementDocument, statement.document)
    printed = disputes.find_line(document, contested.kind, contested.key)
    said = said_of_line(printed) if printed else contested.key
    adjusted = disputes.list_adjusted(statement.id, but=contested.id)
    return {
        "partner": partner.code,
        "amount": disputes.correction_of(statement, contested, adjusted=adjusted),
        "origin": document["period"]["code"],
        "in_result": contested.kind in FOLLOWED,
        "reason": ADJUSTED_FOR.get(dispute.reason, "ENTRY_ERROR"),
        "note": _("Dispute %(position)s of %(number)s", position=dispute.position, number=statement.number)
        + f", {said}"[:200],
    }


@bp.get("/<uuid:public_id>")
@requires("correction:read")
def detail(public_id: UUID) -> Page:
    """What it corrects line by line, and where it went."""
    return _page(corrections.get_adjustment(public_id))


def _page(adjustment: Adjustment, **forms: Form) -> Page:
    row = corrections.describe_adjustment(adjustment.id)
    pending = row.state == "pending"
    filled = {"reason": row.reason_code or "", "note": row.note}
    given: dict[str, Form] = {
        "explain": ExplainForm(formdata=None, **filled).offer(),
        "refuse": RefuseForm(formdata=None),
        **forms,
    }
    page = render_template(
        "staff/corrections/detail.html",
        row=row,
        forms=given,
        states=STATES,
        reasons=reasons(),
        behind=lines_behind(change["ref"] for change in row.changes if "ref" in change),
        stated=corrections.stated_in(row.id),
        dispute=disputes.dispute_of_line(row.dispute_line_id) if row.dispute_line_id else None,
        entries=ledger.list_entries_of_cause("adjustment", row.id),
        may_explain=pending and allowed("correction:propose", partner_id=None),
        may_approve=pending and allowed("correction:approve", partner_id=None),
        own=row.proposed_by_id == current_person().id,
    )
    return page, max(form.status for form in given.values())


@bp.post("/<uuid:public_id>/explain")
@requires("correction:propose")
def explain(public_id: UUID) -> Page | Response:
    """Choose the reason, write the note."""
    form = ExplainForm().offer()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            corrections.choose_reason(
                **_known(public_id), reason_code=form.reason.data or "", note=form.note.data or ""
            )
        if not form.errors:
            return form.done(_("The reason is kept."), _url(public_id))
    return _page(corrections.get_adjustment(public_id), explain=form)


@bp.post("/<uuid:public_id>/approve")
@requires("correction:approve")
def approve(public_id: UUID) -> Response:
    """Let it into the next open period."""
    form = Form()
    with form.refusals(), transaction():
        corrections.approve_adjustment(**_known(public_id))
    return form.done(_("The adjustment is approved: the next statement carries it."), _url(public_id))


@bp.post("/<uuid:public_id>/refuse")
@requires("correction:approve")
def refuse(public_id: UUID) -> Page | Response:
    """Turn it down, with the motive."""
    form = RefuseForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            corrections.refuse_adjustment(**_known(public_id), motive=form.motive.data or "")
        if not form.errors:
            return form.done(_("The adjustment is refused."), _url(public_id))
    return _page(corrections.get_adjustment(public_id), refuse=form)


def _known(public_id: UUID) -> dict[str, Any]:
    """The adjustment, held, as it was read by who decides."""
    return {
        "adjustment": corrections.get_adjustment(public_id, for_update=True),
        "seen": request.form.get("seen", 0, type=int),
        "actor_id": current_person().id,
        "at": clock.now(),
    }


def _url(public_id: UUID) -> str:
    return url_for("corrections.detail", public_id=public_id)
