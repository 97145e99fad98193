"""Firms that left with a balance: proposed, then paid or written off by another person."""

from datetime import date
from uuid import UUID

from flask import render_template, url_for
from werkzeug.wrappers import Response

from portal import clock, corrections, partners
from portal.access import allowed, current_person, requires
from portal.db import db, transaction
from portal.errors import NotFound
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.margin.models import SettlementManner
from portal.partners import Partner
from portal.web.account import Page
from portal.web.forms import DayField, Form, LongTextField, RadioOneField, TextField
from portal.web.staff.corrections.door import MANNERS, bp
from portal.web.staff.corrections.proposals import RefuseForm


class SettleForm(Form):
    """How the balance comes to nothing."""

    manner = RadioOneField(_l("What becomes of it"), choices=list(MANNERS.items()))
    settled_on = DayField(_l("Day of the payment or decision"))
    reference = TextField(_l("Bank reference"), required=False, longest=60)
    note = LongTextField(_l("Motive"), longest=500)


@bp.get("/leaving")
@requires("correction:read")
def leaving() -> Page:
    """Firms that left and still have, or owe, something."""
    return render_template(
        "staff/corrections/leaving.html",
        rows=corrections.list_leaving(on=clock.today()),
        manners=MANNERS,
        may_propose=allowed("correction:propose", partner_id=None),
    )


@bp.get("/leaving/<uuid:public_id>")
@requires("correction:read")
def settle(public_id: UUID) -> Page:
    """One firm's balance, its settlement, and who decides."""
    return _page(public_id)


@bp.post("/leaving/<uuid:public_id>")
@requires("correction:propose")
def propose_settlement(public_id: UUID) -> Page | Response:
    """Propose to pay the balance, or to write it off."""
    form = SettleForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            corrections.propose_settlement(
                partner_id=partners.get_partner(public_id).id,
                manner=SettlementManner(form.manner.data or ""),
                settled_on=form.settled_on.data or date.min,
                reference=form.reference.data or "",
                note=form.note.data or "",
                actor_id=current_person().id,
                at=clock.now(),
            )
        if not form.errors:
            done = _("The settlement is proposed. Another person of finance decides.")
            return form.done(done, url_for("corrections.settle", public_id=public_id))
    return _page(public_id, settle=form)


def _page(public_id: UUID, **forms: Form) -> Page:
    partner = partners.get_partner(public_id)
    row = corrections.find_leaving(partner.id, on=clock.today())
    if row is None:
        raise NotFound
    given: dict[str, Form] = {"refuse": RefuseForm(formdata=None), **forms}
    given.setdefault("settle", SettleForm(formdata=None, settled_on=clock.today()))
    page = render_template(
        "staff/corrections/settle.html",
        partner=partner,
        row=row,
        forms=given,
        manners=MANNERS,
        may_propose=allowed("correction:propose", partner_id=None),
        may_approve=allowed("correction:approve", partner_id=None),
        own=row.proposed_by_id == current_person().id,
    )
    return page, max(form.status for form in given.values())


@bp.post("/leaving/<uuid:public_id>/approve")
@requires("correction:approve")
def approve_settlement(public_id: UUID) -> Response:
    """Let the settlement through; the journal has its entry."""
    form = Form()
    with form.refusals(), transaction():
        settlement = corrections.get_settlement(public_id, for_update=True)
        corrections.approve_settlement(settlement=settlement, actor_id=current_person().id, at=clock.now())
    return form.done(_("The balance is settled: it is carried no further."), _list())


@bp.post("/leaving/<uuid:public_id>/refuse")
@requires("correction:approve")
def refuse_settlement(public_id: UUID) -> Page | Response:
    """Turn the settlement down, with the motive."""
    form = RefuseForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            corrections.refuse_settlement(
                settlement=corrections.get_settlement(public_id, for_update=True),
                motive=form.motive.data or "",
                actor_id=current_person().id,
                at=clock.now(),
            )
        if not form.errors:
            return form.done(_("The settlement is refused; another may be proposed."), _list())
    settlement = corrections.get_settlement(public_id)
    return _page(db.session.get_one(Partner, settlement.partner_id).public_id, refuse=form)


def _list() -> str:
    return url_for("corrections.leaving")
