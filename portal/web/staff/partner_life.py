"""A firm joins, leaves, and what it was promised meanwhile."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal import clock, partners, portfolio
from portal.access import allow, current_person, requires
from portal.db import transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.partners import Coverage, Partner, Segment
from portal.web.account import Page
from portal.web.forms import DayField, Form, RadioOneField, SelectOneField, SirenField, TextField
from portal.web.partner_words import COVERAGES, SEGMENTS

bp = Blueprint("partner_life", __name__, url_prefix="/staff/partners")


class JoinForm(Form):
    """A firm that comes."""

    code = TextField(_l("Code of the firm"), longest=7)
    siren = SirenField(_l("SIREN"))
    legal_name = TextField(_l("Legal name"), longest=120)
    segment = SelectOneField(_l("Segment"), choices=[(one.value, SEGMENTS[one]) for one in Segment])
    coverage = RadioOneField(_l("Follow-up"), choices=[(one.value, COVERAGES[one]) for one in Coverage])
    pam = SelectOneField(_l("PAM"), required=False)
    starts_on = DayField(_l("First day"))

    def offer(self) -> "JoinForm":
        """With the PAMs of today."""
        self.pam.choices = [
            ("", _("none, an alliance")),
            *((str(row.id), row.name) for row in portfolio.list_pams()),
        ]
        return self


class LeaveForm(Form):
    """The last day, and why."""

    last_day = DayField(_l("Last day in the programme"))
    reason = TextField(_l("Reason, told to the firm and to its PAM"), required=False, longest=300)


class PromiseForm(Form):
    """What was promised, and for when."""

    words = TextField(_l("What was promised"), longest=300)
    due_on = DayField(_l("For"), required=False)


@bp.route("/new", methods=["GET", "POST"])
@requires("partner:manage")
def join() -> Page:
    """A new firm, with its PAM from its first day."""
    form = JoinForm(data={"starts_on": clock.today(), "code": portfolio.next_code()}).offer()
    if form.validate_on_submit():
        made = None
        with form.refusals(), transaction():
            made = portfolio.join_programme(
                code=form.code.data.upper(), siren=form.siren.data, legal_name=form.legal_name.data,
                segment=Segment(form.segment.data), coverage=Coverage(form.coverage.data),
                pam_id=int(form.pam.data) if form.pam.data else None, starts_on=form.starts_on.data,
                actor_id=current_person().id, at=clock.now(),
            ).public_id  # fmt: skip
        if made:
            flash(_("%(firm)s joins the programme.", firm=form.legal_name.data), "ok")
            return redirect(url_for("partners.detail", public_id=made), 303)
    return render_template("staff/partners/join.html", form=form), form.status


@bp.route("/<uuid:public_id>/departure", methods=["GET", "POST"])
@requires("partner:manage")
def departure(public_id: UUID) -> Page:
    """The firm's last day: what ends with it, and what stays."""
    partner = partners.get_partner(public_id)
    allow("partner:manage", partner_id=partner.id, reading="directory:read")
    last = partner.ends_before - timedelta(days=1) if partner.ends_before else None
    form = LeaveForm(data={"last_day": last})
    if form.validate_on_submit():
        with form.refusals(), transaction():
            _leave(partner, form)
        if not form.errors:
            flash(_("The last day of %(firm)s is set.", firm=partner.legal_name), "ok")
            return redirect(url_for("partners.detail", public_id=public_id), 303)
    page = render_template(
        "staff/partners/departure.html", partner=partner, form=form, last=last, on=clock.today()
    )
    return page, form.status


def _leave(partner: Partner, form: LeaveForm) -> None:
    given: dict[str, Any] = {
        "last_day": form.last_day.data,
        "actor_id": current_person().id,
        "at": clock.now(),
    }
    if partner.ends_before is None:
        portfolio.leave_programme(partner=partner, reason=form.reason.data or "", **given)
    else:
        portfolio.change_last_day(partner=partner, **given)


@bp.post("/<uuid:public_id>/departure/cancel")
@requires("partner:manage")
def stay(public_id: UUID) -> Response:
    """The firm stays after all."""
    form, partner = Form(), partners.get_partner(public_id)
    name = partner.legal_name
    with form.refusals(), transaction():
        portfolio.change_last_day(
            partner=partner, last_day=None, actor_id=current_person().id, at=clock.now()
        )
    return form.done(_("%(firm)s stays.", firm=name), url_for("partners.detail", public_id=public_id))


@bp.route("/<uuid:public_id>/promises", methods=["GET", "POST"])
@requires("promise:make")
def promises(public_id: UUID) -> Page:
    """What the firm was promised, kept and to keep."""
    partner, form = partners.get_partner(public_id), PromiseForm()
    allow("promise:make", partner_id=partner.id, reading="promise:make")
    if form.validate_on_submit():
        with form.refusals(), transaction():
            portfolio.make_promise(
                partner_id=partner.id, words=form.words.data, due_on=form.due_on.data,
                actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            flash(_("Noted: whoever follows the firm next sees it too."), "ok")
            return redirect(url_for("partner_life.promises", public_id=public_id), 303)
    rows = portfolio.list_promises([partner.id], kept=True)
    page = render_template(
        "staff/partners/promises.html", partner=partner, form=form, rows=rows, on=clock.today()
    )
    return page, form.status


@bp.post("/<uuid:public_id>/promises/<int:promise>/kept")
@requires("promise:make")
def keep(public_id: UUID, promise: int) -> Response:
    """It is done."""
    partner, form = partners.get_partner(public_id), Form()
    allow("promise:make", partner_id=partner.id, reading="promise:make")
    with form.refusals(), transaction():
        portfolio.keep_promise(
            promise_id=promise, partner_id=partner.id, actor_id=current_person().id, at=clock.now()
        )
    return form.done(_("Kept."), url_for("partner_life.promises", public_id=public_id))
