"""Disputes on the vendor's side: what waits, the conversation, the decision."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import clock, disputes
from portal.access import allow, allowed, current_person, requires
from portal.db import transaction
from portal.disputes import Dispute, DisputeState, LineState
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web import dispute_page
from portal.web.account import Page
from portal.web.claim_lists import page_link
from portal.web.dispute_words import REASONS, STATES, clock_words
from portal.web.forms import Form, LongTextField
from portal.web.words import words

bp = Blueprint("staff_disputes", __name__, url_prefix="/staff/disputes")
PAGE = 50
VIEWS = {
    DisputeState.OPEN: _l("To decide"),
    DisputeState.DECIDED: _l("Decided disputes"),
    DisputeState.WITHDRAWN: _l("Disputes taken back"),
}
OUTCOMES = {"upheld": LineState.UPHELD, "accepted": LineState.ACCEPTED}


class AnswerForm(Form):
    """One more message."""

    words = LongTextField(_l("Your message"), longest=4000)


class DecideForm(Form):
    """The reasons, which the firm reads."""

    words = LongTextField(_l("Your reasons"), longest=4000)


@bp.get("")
@requires("dispute:read")
def index() -> Page:
    """What waits for a decision, the nearest day first; or what was decided."""
    asked = request.args.get("state", DisputeState.OPEN)
    state = DisputeState(asked) if asked in set(DisputeState) else None
    page = max(1, request.args.get("page", 1, type=int))
    rows, total = disputes.list_disputes(state=state, page=page, size=PAGE)
    views: list[dict[str, Any]] = [
        {
            "label": said,
            "url": url_for("staff_disputes.index", state=one),
            "current": one == state,
            "count": disputes.count_open() if one is DisputeState.OPEN else None,
        }
        for one, said in VIEWS.items()
    ]
    return render_template(
        "staff/disputes/index.html", rows=rows, total=total, page=page, pages=-(-total // PAGE), views=views,
        states=STATES, reasons=REASONS, page_link=page_link, today=clock.today(), clock_words=clock_words,
    )  # fmt: skip


@bp.get("/<uuid:public_id>")
@requires("dispute:read")
def detail(public_id: UUID) -> Page:
    """One dispute, and what may be done about it."""
    return _page(public_id, AnswerForm(), DecideForm().apart("decide"))


def _page(public_id: UUID, form: AnswerForm, decision: DecideForm) -> Page:
    dispute, statement = dispute_page.seen(public_id)
    page = render_template(
        "staff/disputes/detail.html", form=form, decision=decision, may_decide=_may_decide(dispute),
        kept_away=_kept_away(dispute), outcomes=request.form, **dispute_page.context(dispute, statement),
    )  # fmt: skip
    return page, max(form.status, decision.status)


def _may_decide(dispute: Dispute) -> bool:
    right = allowed("dispute:decide", partner_id=dispute.partner_id)
    return right and dispute.state is DisputeState.OPEN and not _kept_away(dispute)


def _kept_away(dispute: Dispute) -> bool:
    """Whether the reader could decide, had they not made or decided what is contested."""
    right = allowed("dispute:decide", partner_id=dispute.partner_id)
    return right and current_person().id in disputes.who_cannot_judge(dispute.id)


@bp.post("/<uuid:public_id>/answer")
@requires("dispute:answer")
def answer(public_id: UUID) -> Page | Response:
    """Write to the firm, without deciding."""
    form = AnswerForm()
    dispute, statement = dispute_page.seen(public_id)
    allow("dispute:answer", partner_id=dispute.partner_id, reading="dispute:read")
    if form.validate_on_submit():
        with form.refusals(), transaction():
            disputes.answer_dispute(
                dispute=dispute, statement=statement, words=form.words.data, by_firm=False,
                actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            flash(_("Your message is sent."), "ok")
            return redirect(url_for("staff_disputes.detail", public_id=public_id), 303)
    return _page(public_id, form, DecideForm(formdata=None).apart("decide"))


@bp.post("/<uuid:public_id>/decide")
@requires("dispute:decide")
def decide(public_id: UUID) -> Page | Response:
    """Decide every line, giving reasons."""
    form = DecideForm().apart("decide")
    if form.validate_on_submit():
        with form.refusals(), transaction():
            dispute, statement = dispute_page.seen(public_id, for_update=True)
            outcomes = _outcomes(dispute, form)
            if outcomes:
                disputes.decide_dispute(
                    dispute=dispute, statement=statement, outcomes=outcomes, words=form.words.data,
                    actor_id=current_person().id, at=clock.now(),
                )  # fmt: skip
        if not form.errors:
            flash(_("The dispute is decided; the firm is told."), "ok")
            return redirect(url_for("staff_disputes.detail", public_id=public_id), 303)
    return _page(public_id, AnswerForm(formdata=None), form)


def _outcomes(dispute: Dispute, form: DecideForm) -> dict[int, LineState]:
    """What was chosen for each line; a line without a choice is refused."""
    found: dict[int, LineState] = {}
    for row in disputes.list_lines(dispute_id=dispute.id):
        chosen = OUTCOMES.get(request.form.get(f"line-{row.id}", ""))
        if chosen is None:
            form.form_errors.append(words("disputes_lines_decided"))
            return {}
        found[row.id] = chosen
    return found
