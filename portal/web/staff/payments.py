"""Paying: what is due, statement by statement, what was paid, what is held and why, and files of payments."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import clock, disputes, ledger, partners, statements
from portal.access import allow, current_person, requires
from portal.db import transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.statements import Transfer
from portal.statements.models import Statement
from portal.web.account import Page
from portal.web.claim_lists import page_link
from portal.web.dispute_words import REASONS
from portal.web.forms import AmountField, DayField, Form, TextField
from portal.web.payment_words import blocked, transfer_kind

bp = Blueprint("payments", __name__, url_prefix="/staff/payments")
PAGE = 50


class PayForm(Form):
    """A transfer, as the bank's statement of account shows it."""

    amount = AmountField(_l("Amount paid, excluding VAT"))
    on = DayField(_l("Value date"))
    reference = TextField(_l("Bank reference"), longest=80)


class HoldForm(Form):
    """How much is held back, and why."""

    amount = AmountField(_l("Amount to hold, excluding VAT"))
    reason = TextField(_l("Reason, which the partner reads"), longest=300)


class ReleaseForm(Form):
    """Why the amount may go."""

    reason = TextField(_l("Why it may be paid now"), longest=300)


class ReturnForm(Form):
    """When the bank sent it back, and why."""

    on = DayField(_l("Day it came back"))
    reason = TextField(_l("Reason given by the bank"), longest=300)


@bp.get("")
@requires("payment:read")
def index() -> Page:
    """What is not yet paid, the oldest first, and what blocks it."""
    code, on = request.args.get("partner", "").strip(), clock.today()
    page = max(1, request.args.get("page", 1, type=int))
    rows, of_all = statements.list_open(partner_code=code, page=page, size=PAGE)
    contested = disputes.open_by_statement([row.id for row in rows])
    return render_template(
        "staff/payments/index.html", rows=[(row, blocked(row, on)) for row in rows], of_all=of_all,
        contested=contested, page=page, pages=-(-of_all.statements // PAGE), code=code, page_link=page_link,
        on=on, changes=partners.list_bank_changes(), files=ledger.list_payment_files(limit=5),
        reasons=REASONS,
    )  # fmt: skip


@bp.get("/made")
@requires("payment:read")
def made() -> Page:
    """What was paid in a calendar year, the latest first, firms that left included."""
    years, page = ledger.years_paid(), max(1, request.args.get("page", 1, type=int))
    year = request.args.get("year", years[0] if years else clock.today().year, type=int)
    rows, of_all = ledger.list_transfers(year, page=page, size=PAGE)
    return render_template(
        "staff/payments/made.html", rows=[(row, transfer_kind(row)) for row in rows], of_all=of_all,
        year=year, years=years, page=page, pages=-(-of_all.transfers // PAGE), page_link=page_link,
    )  # fmt: skip


def asked(public_id: UUID, permission: str = "payment:read") -> Statement:
    """The statement whose money is looked at."""
    found = statements.get_statement(public_id)
    allow(permission, partner_id=found.partner_id, reading="payment:read")
    return found


@bp.get("/<uuid:public_id>")
@requires("payment:read")
def statement(public_id: UUID) -> Page:
    """One statement's money: due, paid, held, and what may be done."""
    return _page(asked(public_id))


def _page(found: Statement, pay: PayForm | None = None, hold: HoldForm | None = None) -> Page:
    row, on = statements.get_due(found), clock.today()
    pay = pay or PayForm(formdata=None, data={"amount": row.due, "on": on})
    hold = hold or HoldForm(formdata=None, data={"amount": row.due})
    page = render_template(
        "staff/payments/statement.html", row=row, badges=blocked(row, on), on=on, pay=pay.apart("pay"),
        hold=hold.apart("hold"), holds=ledger.list_holds(found.id),
        payments=ledger.list_payments(statement_id=found.id), reasons=REASONS,
        contested=disputes.open_by_statement([found.id]).get(found.id, ()),
    )  # fmt: skip
    return page, 422 if pay.errors or hold.errors else 200


@bp.post("/<uuid:public_id>/pay")
@requires("payment:record")
def pay(public_id: UUID) -> Page:
    """Record a transfer."""
    found, form = asked(public_id, "payment:record"), PayForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            transfer = Transfer(form.amount.data, form.on.data, form.reference.data)
            statements.pay_statement(
                statement=found, transfer=transfer, actor_id=current_person().id, at=clock.now(),
                today=clock.today(),
            )  # fmt: skip
        if not form.errors:
            flash(_("The payment of %(number)s is recorded.", number=found.number), "ok")
            return redirect(url_for("payments.statement", public_id=public_id), 303)
    return _page(found, pay=form)


@bp.post("/<uuid:public_id>/hold")
@requires("hold:place")
def hold(public_id: UUID) -> Page:
    """Keep an amount from being paid."""
    found, form = asked(public_id, "hold:place"), HoldForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            statements.hold_statement(
                statement=found, amount=form.amount.data, reason=form.reason.data,
                actor_id=current_person().id, at=clock.now(), today=clock.today(),
            )  # fmt: skip
        if not form.errors:
            flash(_("The amount is on hold; the partner reads the reason on its pages."), "ok")
            return redirect(url_for("payments.statement", public_id=public_id), 303)
    return _page(found, hold=form)


@bp.route("/holds/<uuid:public_id>", methods=["GET", "POST"])
@requires("hold:release")
def release(public_id: UUID) -> Page:
    """Let a held amount go; another person than who placed it."""
    found, form = ledger.get_hold(public_id), ReleaseForm()
    of = _statement_of(found)
    if form.validate_on_submit():
        with form.refusals(), transaction():
            statements.release_hold(
                hold=found, reason=form.reason.data, actor_id=current_person().id, at=clock.now(),
                today=clock.today(),
            )  # fmt: skip
        if not form.errors:
            flash(_("The hold is released: the amount may be paid."), "ok")
            return redirect(of, 303)
    return render_template("staff/payments/release.html", form=form, hold=found, back=of), form.status


@bp.route("/returned/<uuid:public_id>", methods=["GET", "POST"])
@requires("payment:record")
def returned(public_id: UUID) -> Page:
    """A transfer came back: what it paid is due again."""
    found, form = ledger.get_payment(public_id), ReturnForm()
    of = _statement_of(found)
    if form.validate_on_submit():
        with form.refusals(), transaction():
            statements.return_payment(
                payment=found, on=form.on.data, reason=form.reason.data, actor_id=current_person().id,
                at=clock.now(), today=clock.today(),
            )  # fmt: skip
        if not form.errors:
            flash(_("The payment came back: the amount is due again."), "ok")
            return redirect(of, 303)
    return render_template("staff/payments/returned.html", form=form, payment=found, back=of), form.status


def _statement_of(thing: Any) -> str:
    return url_for("payments.statement", public_id=statements.public_id_of(thing.statement_id))


@bp.post("/bank/<uuid:public_id>")
@requires("bank:decide")
def bank(public_id: UUID) -> Response:
    """Confirm with the firm, by a number known before, that its bank account changes; or refuse."""
    form, confirmed = Form(), request.form.get("verdict") == "confirm"
    with form.refusals(), transaction():
        change = partners.get_bank_change(public_id)
        partners.decide_bank_change(
            change=change, confirmed=confirmed, note=request.form.get("note", "").strip()[:300],
            actor_id=current_person().id, at=clock.now(), on=clock.today(),
        )  # fmt: skip
    said = _("The new bank account is confirmed.") if confirmed else _("The new bank account is refused.")
    return form.done(said, url_for("payments.index"))
