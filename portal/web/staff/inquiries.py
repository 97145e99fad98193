"""Missing transactions that firms ask about: by their last day, with the thread of each."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal import claims, clock, inquiries, portfolio
from portal.access import allow, current_person, requires
from portal.claims import Claim
from portal.db import db, transaction
from portal.i18n import gettext as _
from portal.inquiries import AskedOf, Inquiry
from portal.users.models import Role
from portal.web.account import Page
from portal.web.partner.inquiries import MessageForm

bp = Blueprint("staff_inquiries", __name__, url_prefix="/staff/inquiries")


@bp.get("")
@requires("inquiry:answer")
def index() -> Page:
    """Questions, and orders that name a partner of one's own and carry no claim."""
    person, on = current_person(), clock.today()
    ids = portfolio.followed_by(person.id, on) if person.role is Role.PAM else None
    return render_template(
        "staff/inquiries/index.html", rows=inquiries.list_inquiries(ids), on=on,
        unclaimed=claims.list_unclaimed(ids, on) if ids else (),
    )  # fmt: skip


@bp.get("/<uuid:public_id>")
@requires("inquiry:answer")
def detail(public_id: UUID) -> Page:
    """One question with its thread."""
    return _page(_seen(public_id), MessageForm(formdata=None))


def _seen(public_id: UUID) -> Inquiry:
    inquiry = inquiries.get_inquiry(public_id)
    allow("inquiry:answer", partner_id=inquiry.partner_id)
    return inquiry


def _page(inquiry: Inquiry, form: MessageForm) -> Page:
    claim = db.session.get_one(Claim, inquiry.claim_id)
    page = render_template(
        "staff/inquiries/detail.html", inquiry=inquiry, claim=claim, form=form, AskedOf=AskedOf,
        thread=inquiries.thread_of(inquiry.id),
    )  # fmt: skip
    return page, form.status


@bp.post("/<uuid:public_id>/answer")
@requires("inquiry:answer")
def answer(public_id: UUID) -> Page | Response:
    """Answer the firm."""
    inquiry, form = _seen(public_id), MessageForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            inquiries.answer_inquiry(
                inquiry=inquiry, words=form.words.data, of_firm=False, of_reseller=form.of_reseller.data,
                actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            flash(_("The firm is told."), "ok")
            return redirect(url_for("staff_inquiries.detail", public_id=public_id), 303)
    return _page(_seen(public_id), form)
