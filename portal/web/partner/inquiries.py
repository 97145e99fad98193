"""Where is the transaction? A firm asks its account manager or the reseller, and follows the answer."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal import claims, clock, inquiries
from portal.access import allow, current_person, requires
from portal.claims import Claim
from portal.db import db, transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.inquiries import AskedOf, Inquiry
from portal.web.account import Page
from portal.web.forms import EmailField, Form, LongTextField, RadioOneField, TextField, TickField

bp = Blueprint("inquiries", __name__, url_prefix="/inquiries")
OWNERS = [
    (AskedOf.PAM.value, _l("our account manager")),
    (AskedOf.RESELLER.value, _l("the reseller's contact, by mail")),
]


class QuestionForm(Form):
    """Whom to ask, and what."""

    asked_of = RadioOneField(_l("Who should answer?"), choices=OWNERS, kind=AskedOf)
    contact_name = TextField(_l("Name of the reseller's contact"), required=False)
    contact_email = EmailField(_l("Mail of the reseller's contact"), required=False)
    words = LongTextField(_l("Your question"), longest=2000)


class MessageForm(Form):
    """One more message of the thread."""

    words = LongTextField(_l("Your message"), longest=2000)
    of_reseller = TickField(_l("This is what the reseller answered"))


def own_inquiry(public_id: UUID) -> Inquiry:
    """A question of one's own firm."""
    inquiry = inquiries.get_inquiry(public_id)
    allow("inquiry:ask", partner_id=inquiry.partner_id)
    return inquiry


@bp.route("/of/<uuid:claim_id>", methods=["GET", "POST"])
@requires("inquiry:ask")
def ask(claim_id: UUID) -> Page | Response:
    """Ask about a claim that no order matches."""
    claim = claims.get_claim(claim_id)
    allow("inquiry:ask", partner_id=claim.partner_id)
    form = QuestionForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            target = inquiries.ask_inquiry(
                claim=claim, asked_of=AskedOf(form.asked_of.data), words=form.words.data,
                contact_name=form.contact_name.data or "", contact_email=form.contact_email.data or "",
                actor_id=current_person().id, at=clock.now(),
            ).public_id  # fmt: skip
        if not form.errors:
            flash(_("Your question is sent. You are told by mail when it is answered."), "ok")
            return redirect(url_for("inquiries.detail", public_id=target), 303)
    return render_template("partner/ask.html", form=form, claim=claim), form.status


@bp.get("/<uuid:public_id>")
@requires("inquiry:ask")
def detail(public_id: UUID) -> Page:
    """The thread, its owner and its clock."""
    return _page(own_inquiry(public_id), MessageForm(formdata=None))


def _page(inquiry: Inquiry, form: MessageForm) -> Page:
    claim = db.session.get_one(Claim, inquiry.claim_id)
    page = render_template(
        "partner/inquiry.html", inquiry=inquiry, claim=claim, form=form, AskedOf=AskedOf,
        thread=inquiries.thread_of(inquiry.id),
    )  # fmt: skip
    return page, form.status


@bp.post("/<uuid:public_id>/answer")
@requires("inquiry:ask")
def answer(public_id: UUID) -> Page | Response:
    """Add a message, or what the reseller answered."""
    inquiry, form = own_inquiry(public_id), MessageForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            inquiries.answer_inquiry(
                inquiry=inquiry, words=form.words.data, of_firm=True, of_reseller=form.of_reseller.data,
                actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            return redirect(url_for("inquiries.detail", public_id=public_id), 303)
    return _page(own_inquiry(public_id), form)


@bp.post("/<uuid:public_id>/close")
@requires("inquiry:ask")
def close(public_id: UUID) -> Response:
    """The answer is enough."""
    inquiry = own_inquiry(public_id)
    with transaction():
        inquiries.close_inquiry(inquiry=inquiry, actor_id=current_person().id, at=clock.now())
    flash(_("The question is closed."), "ok")
    return redirect(url_for("inquiries.detail", public_id=public_id), 303)
