"""What a firm may still do once its claim is decided, and its messages."""

from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from wtforms import HiddenField

from portal import claims, clock
from portal.access import current_person, requires
from portal.claims import Claim
from portal.db import transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web import claim_thread
from portal.web.account import Page
from portal.web.claim_words import ASKS
from portal.web.forms import Form, LongTextField, RadioOneField
from portal.web.partner.claim_forms import chosen_file


class AppealForm(Form):
    """Another look asked for: at what, and why."""

    version = HiddenField()
    asks = RadioOneField(_l("What do you appeal against?"), choices=list(ASKS.items()))
    grounds = LongTextField(_l("Why should it be decided otherwise?"), longest=4000)


def install(bp: Blueprint) -> None:
    """Open these under the area of claims."""
    bp.add_url_rule("/<uuid:public_id>/appeal", view_func=appeal, methods=["POST"])
    bp.add_url_rule("/<uuid:public_id>/message", view_func=message, methods=["POST"])


@requires("claim:appeal")
def appeal(public_id: UUID) -> Page:
    """Appeal against a refusal or a cut, with a new piece of evidence where there is one."""
    from portal.web.partner.claims import own_claim, page_of

    claim, form = own_claim(public_id, "claim:appeal"), AppealForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            lodge(claim, form)
        if not form.errors:
            flash(_("Your appeal is made. Somebody who decided nothing of it will judge it."), "ok")
            return redirect(url_for("claims.detail", public_id=public_id), 303)
    return page_of(own_claim(public_id), appeal=form)


def lodge(claim: Claim, form: AppealForm) -> None:
    """The appeal, and its file as a message beside it."""
    person, at, file = current_person(), clock.now(), chosen_file()
    claims.appeal_claim(
        claim=claim, seen=form.seen, asks=form.asks.data or "",
        grounds=form.grounds.data or "", actor_id=person.id, at=at,
    )  # fmt: skip
    if file:
        claims.post_message(
            claim=claim, body=_("Joined to the appeal"), source=file.content, name=file.name,
            actor_id=person.id, at=at,
        )  # fmt: skip


@requires("claim:message")
def message(public_id: UUID) -> Page:
    """Write to the account manager."""
    from portal.web.partner.claims import own_claim, page_of

    claim, form = own_claim(public_id, "claim:message"), claim_thread.MessageForm()
    if claim_thread.post(claim, form):
        flash(_("Your message is sent."), "ok")
        return redirect(url_for("claims.detail", public_id=public_id, _anchor="messages"), 303)
    return page_of(own_claim(public_id), message=form)
