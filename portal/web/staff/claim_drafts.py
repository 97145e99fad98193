"""A PAM writes a draft for a firm that asks by phone; the firm alone declares it."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from portal import claims, clock, partners
from portal.access import allow, current_person, requires
from portal.claims import Claim
from portal.db import transaction
from portal.errors import NotFound
from portal.i18n import gettext as _
from portal.web.staff.claim_forms import UpholdForm

bp = Blueprint("claim_drafts", __name__, url_prefix="/staff")


@bp.post("/partners/<uuid:public_id>/draft")
@requires("claim:draft_for")
def start(public_id: UUID) -> Response:
    """Begin a draft for this firm, with what an order that names it says."""
    partner, person = partners.get_partner(public_id), current_person()
    allow("claim:draft_for", partner_id=partner.id, reading="directory:read")
    begin: Callable[..., Claim] = claims.start_draft
    if number := request.form.get("order_no"):
        begin = partial(claims.start_draft_of_order, order_no=number)
    with transaction():
        key = begin(partner_id=partner.id, actor_id=person.id, at=clock.now()).public_id
    flash(
        _("You write for %(firm)s. It will read, complete and declare it itself.", firm=partner.legal_name),
        "info",
    )
    return redirect(url_for("claims.edit", public_id=key), 303)


@bp.post("/claims/<uuid:public_id>/offer")
@requires("claim:draft_for")
def offer(public_id: UUID) -> Response:
    """Give the draft to the firm."""
    claim, person = claims.draft_of(public_id), current_person()
    allow("claim:draft_for", partner_id=claim.partner_id)
    if claim.created_by_id != person.id:
        raise NotFound
    with transaction():
        claims.offer_draft(claim=claim, seen=UpholdForm().seen, actor_id=person.id, at=clock.now())
    flash(_("The firm is asked to read and declare %(reference)s.", reference=claim.reference), "ok")
    return redirect(url_for("queue.index"), 303)
