"""A firm contests lines of its statement, talks about them, and takes them back."""

from decimal import Decimal
from typing import cast
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import clock, disputes
from portal.access import allow, allowed, current_person, requires
from portal.db import transaction
from portal.disputes import DisputeReason, DisputeState, StatementLine
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.statements.models import Statement
from portal.statements.shape import StatementDocument
from portal.web import dispute_page
from portal.web.account import Page
from portal.web.claim_lists import page_link
from portal.web.dispute_words import GROUPS, REASONS, STATES, clock_words, said_of_line
from portal.web.forms import Fault, Form, LongTextField, RadioOneField, read_amount
from portal.web.partner.statements import seen

bp = Blueprint("disputes", __name__)
PAGE = 50


class DisputeForm(Form):
    """Why, and in the firm's own words."""

    reason = RadioOneField(
        _l("Why"),
        choices=[
            (one.value, said) for one, said in REASONS.items() if one is not DisputeReason.RECONCILIATION
        ],
    )
    words = LongTextField(_l("What you expected, and what shows it"), longest=4000)


class AnswerForm(Form):
    """One more message."""

    words = LongTextField(_l("Your message"), longest=4000)


@bp.get("/disputes")
@requires("partner:home")
def index() -> Page:
    """The firm's disputes, the latest first."""
    page = max(1, request.args.get("page", 1, type=int))
    rows, total = disputes.list_disputes(page=page, size=PAGE)
    return render_template(
        "partner/disputes/index.html", rows=rows, total=total, page=page, pages=-(-total // PAGE),
        states=STATES, reasons=REASONS, page_link=page_link, today=clock.today(), clock_words=clock_words,
    )  # fmt: skip


@bp.route("/statements/<uuid:public_id>/dispute", methods=["GET", "POST"])
@requires("dispute:open")
def open_(public_id: UUID) -> Page:
    """Choose the lines and say why."""
    statement, form = seen(public_id), DisputeForm()
    allow("dispute:open", partner_id=statement.partner_id, reading="statement:read")
    document = cast(StatementDocument, statement.document)
    printed = {f"{line.kind}:{line.key}": line for line in disputes.lines_of(document)}
    faults: dict[str, str] = {}
    if form.validate_on_submit():
        chosen = _chosen(printed, faults)
        if not faults:
            with form.refusals(), transaction():
                opened = disputes.open_dispute(
                    statement=statement, lines=chosen, reason=DisputeReason(form.reason.data),
                    words=form.words.data, actor_id=current_person().id, at=clock.now(),
                )  # fmt: skip
            if not form.errors:
                flash(_("Your dispute is open. The rest of the statement is paid as planned."), "ok")
                return redirect(url_for("disputes.detail", public_id=opened.public_id), 303)
    return _choosing(statement, printed, form, faults)


def _chosen(
    printed: dict[str, StatementLine], faults: dict[str, str]
) -> list[tuple[StatementLine, Decimal | None]]:
    """The lines that were ticked, each with the amount expected where one was typed."""
    chosen: list[tuple[StatementLine, Decimal | None]] = []
    for name in request.form.getlist("line"):
        if name not in printed:
            continue
        text = request.form.get(f"expected:{name}", "").strip()
        try:
            chosen.append((printed[name], read_amount(text) if text else None))
        except Fault as fault:
            faults[name] = str(fault)
    return chosen


def _choosing(
    statement: Statement, printed: dict[str, StatementLine], form: DisputeForm, faults: dict[str, str]
) -> Page:
    wanted = set(request.form.getlist("line") or request.args.getlist("line"))
    known = {
        f"{row.kind}:{row.key}": row
        for row in disputes.list_lines(statement_id=statement.id)
        if row.state is not disputes.LineState.WITHDRAWN
    }
    groups = [
        (said, [(name, line) for name, line in printed.items() if line.kind is kind])
        for kind, said in GROUPS.items()
    ]
    page = render_template(
        "partner/disputes/open.html", statement=statement, form=form, faults=faults, wanted=wanted,
        known=known, groups=[(said, lines) for said, lines in groups if lines], said_of_line=said_of_line,
        over=clock.today() > statement.dispute_until,
    )  # fmt: skip
    return page, 422 if form.errors or faults else 200


@bp.get("/disputes/<uuid:public_id>")
@requires("partner:home")
def detail(public_id: UUID) -> Page:
    """One dispute, where it stands."""
    return _page(public_id, AnswerForm())


def _page(public_id: UUID, form: AnswerForm) -> Page:
    dispute, statement = dispute_page.seen(public_id)
    may_withdraw = dispute.state is DisputeState.OPEN and allowed(
        "dispute:open", partner_id=dispute.partner_id
    )
    page = render_template(
        "partner/disputes/detail.html", form=form, may_withdraw=may_withdraw,
        **dispute_page.context(dispute, statement),
    )  # fmt: skip
    return page, form.status


@bp.post("/disputes/<uuid:public_id>/answer")
@requires("dispute:open")
def answer(public_id: UUID) -> Page | Response:
    """Add to what was said."""
    form = AnswerForm()
    dispute, statement = dispute_page.seen(public_id)
    if form.validate_on_submit():
        with form.refusals(), transaction():
            disputes.answer_dispute(
                dispute=dispute, statement=statement, words=form.words.data, by_firm=True,
                actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            flash(_("Your message is sent."), "ok")
            return redirect(url_for("disputes.detail", public_id=public_id), 303)
    return _page(public_id, form)


@bp.post("/disputes/<uuid:public_id>/withdraw")
@requires("dispute:open")
def withdraw(public_id: UUID) -> Response:
    """Take the dispute back."""
    form = Form()
    with form.refusals(), transaction():
        dispute, statement = dispute_page.seen(public_id, for_update=True)
        disputes.withdraw_dispute(
            dispute=dispute, statement=statement, actor_id=current_person().id, at=clock.now()
        )
    return form.done(_("Your dispute is withdrawn."), url_for("disputes.detail", public_id=public_id))
