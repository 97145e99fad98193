"""The directory of firms, one firm's page, and what is decided there: its PAM, its objective."""

from datetime import date, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for

from portal import (
    claims,
    clock,
    corrections,
    disputes,
    handover,
    objectives,
    partners,
    periods,
    portfolio,
    statements,
)
from portal.access import allow, allowed, current_person, requires
from portal.db import transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.margin.provisional import find_provisional
from portal.partners import Coverage, Partner, PartnerFilter, Segment
from portal.periods import PeriodState
from portal.web import claim_lists
from portal.web.account import Page
from portal.web.dispute_words import REASONS
from portal.web.forms import AmountField, DayField, Form, SelectOneField, TextField
from portal.web.gate_words import open_gates
from portal.web.partner_words import COVERAGES, SEGMENTS, UNITS
from portal.web.settlement_words import settlement

OPEN_BOOK = ("claim:read", "objective:read", "statement:read")
bp = Blueprint("partners", __name__, url_prefix="/staff/partners")


class HandoverForm(Form):
    """Another PAM, from a day on."""

    pam = SelectOneField(_l("New PAM"))
    starts_on = DayField(_l("From"))
    reason = TextField(_l("Reason, told to the firm and to both PAMs"), longest=300)

    def offer(self) -> "HandoverForm":
        """With the PAMs of today."""
        self.pam.choices = [("", _("choose")), *((str(row.id), row.name) for row in portfolio.list_pams())]
        return self


class ObjectiveForm(Form):
    """A target for an open period."""

    period = SelectOneField(_l("Period"))
    target = AmountField(_l("Objective"))
    baseline = AmountField(_l("Baseline for growth"), required=False)
    reason = TextField(_l("Reason of the change"), required=False, longest=300, id="objective-reason")

    def offer(self) -> "ObjectiveForm":
        """With the periods that are open."""
        self.period.choices = [(one.code, one.code) for one in periods.list_periods(PeriodState.OPEN)]
        return self


class SegmentForm(Form):
    """Another segment, from a day on that no statement covers yet."""

    segment = SelectOneField(_l("New segment"))
    changes_on = DayField(_l("First day in it"))
    reason = TextField(_l("Reason of the change of segment"), longest=300, id="segment-reason")

    def offer(self, partner: Partner) -> "SegmentForm":
        """With the segments it may come into."""
        others = [one for one in Segment if one not in (partner.segment, Segment.ALLIANCE)]
        self.segment.choices = [("", _("choose")), *((one.value, str(SEGMENTS[one])) for one in others)]
        return self


@bp.get("")
@requires("directory:read")
def index() -> Page:
    """Every firm, searched and filtered by the URL, with its PAM of today."""
    asked = request.args
    wanted = PartnerFilter(
        text=asked.get("q", ""), sort=asked.get("sort", "name"), page=asked.get("page", 1, type=int),
        segment=Segment(asked["segment"]) if asked.get("segment") in set(Segment) else None,
        coverage=Coverage(asked["coverage"]) if asked.get("coverage") in set(Coverage) else None,
    )  # fmt: skip
    page = partners.list_partners(wanted)
    return render_template(
        "staff/partners/index.html", page=page, wanted=wanted, segments=SEGMENTS, coverages=COVERAGES,
        pams=portfolio.pam_of([row.id for row in page.rows], clock.today()),
        sort_link=claim_lists.sort_link, page_link=claim_lists.page_link,
    )  # fmt: skip


@bp.get("/<uuid:public_id>")
@requires("directory:read")
def detail(public_id: UUID) -> Page:
    """One firm: facts, its PAMs, its figures and claims."""
    return _page(partners.get_partner(public_id))


@bp.post("/<uuid:public_id>/pam")
@requires("portfolio:assign")
def assign(public_id: UUID) -> Page:
    """Give the firm another PAM."""
    partner, form = partners.get_partner(public_id), HandoverForm().offer()
    allow("portfolio:assign", partner_id=partner.id, reading="directory:read")
    if form.validate_on_submit():
        with form.refusals(), transaction():
            portfolio.assign_pam(
                partner_id=partner.id, pam_id=int(form.pam.data or 0), starts_on=form.starts_on.data,
                reason=form.reason.data, actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            flash(
                _("%(firm)s is handed over. The firm and both PAMs get a mail.", firm=partner.legal_name),
                "ok",
            )
            return redirect(url_for("partners.detail", public_id=public_id, _anchor="pam"), 303)
    return _page(partner, handover=form)


@bp.post("/<uuid:public_id>/objective")
@requires("objective:set")
def set_objective(public_id: UUID) -> Page:
    """Tell the firm what to reach."""
    partner, form = partners.get_partner(public_id), ObjectiveForm().offer()
    allow("objective:set", partner_id=partner.id, reading="directory:read")
    if form.validate_on_submit():
        with form.refusals(), transaction():
            objectives.set_objective(
                partner=partner, period=periods.get_period(form.period.data or ""), target=form.target.data,
                baseline=form.baseline.data, reason=form.reason.data or "", actor_id=current_person().id,
                at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            flash(_("The objective is set. The administrators of the firm get a mail."), "ok")
            return redirect(url_for("partners.detail", public_id=public_id, _anchor="objectives"), 303)
    return _page(partner, objective=form)


@bp.post("/<uuid:public_id>/segment")
@requires("partner:segment")
def change_segment(public_id: UUID) -> Page:
    """Move the firm to another segment: its period is then computed in two parts."""
    partner = partners.get_partner(public_id)
    form = SegmentForm().offer(partner)
    allow("partner:segment", partner_id=partner.id, reading="directory:read")
    if form.validate_on_submit():
        with form.refusals(), transaction():
            partners.change_segment(
                partner=partner, segment=Segment(form.segment.data), changes_on=form.changes_on.data,
                reason=form.reason.data, actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            flash(_("The segment is changed. The administrators of the firm get a mail."), "ok")
            return redirect(url_for("partners.detail", public_id=public_id, _anchor="firm"), 303)
    return _page(partners.get_partner(public_id), segment=form)


def _page(partner: Partner, **forms: Any) -> Page:
    on = clock.today()
    given = {
        "handover": HandoverForm(formdata=None, starts_on=on).offer() if "handover" not in forms else None,
        "objective": ObjectiveForm(formdata=None).offer() if "objective" not in forms else None,
        "segment": SegmentForm(formdata=None).offer(partner) if "segment" not in forms else None,
        **forms,
    }
    page = render_template(
        "staff/partners/detail.html", partner=partner, on=on, forms=given, one_day=timedelta(days=1),
        words={"segment": SEGMENTS, "coverage": COVERAGES, "unit": UNITS},
        pam=portfolio.pam_of([partner.id], on).get(partner.id),
        assignments=portfolio.list_assignments(partner.id),
        competencies=partners.list_competencies(partner.id), active=partners.is_active(partner, on),
        may_assign=allowed("portfolio:assign", partner_id=partner.id) and partner.unit.value == "PST",
        segment_changes=partners.list_segment_changes(partner.id),
        may_move=allowed("partner:segment", partner_id=partner.id) and partner.unit.value == "PST",
        may_draft=active_pst(partner, on) and allowed("claim:draft_for", partner_id=partner.id),
        may_view=allowed("partner:view_as", partner_id=partner.id),
        may_set=allowed("objective:set", partner_id=partner.id), **_money(partner, on), **_life(partner),
    )  # fmt: skip
    return page, max(form.status for form in given.values() if form is not None)


def _life(partner: Partner) -> dict[str, Any]:
    """What the team promised the firm and wrote about it, and who may let it leave."""
    may_promise = allowed("promise:make", partner_id=partner.id)
    reads_notes = allowed("handover_note:read", partner_id=partner.id)
    return {
        "may_promise": may_promise,
        "promises": portfolio.list_promises([partner.id]) if may_promise else [],
        "notes": handover.list_notes(partner_id=partner.id, most=2) if reads_notes else [],
        "may_manage": allowed("partner:manage", partner_id=partner.id),
    }


def active_pst(partner: Partner, on: date) -> bool:
    """Whether the firm is in the programme on this day."""
    return partners.is_active(partner, on) and partner.unit.value == "PST"


def _money(partner: Partner, on: date) -> dict[str, Any]:
    """Figures, objectives, claims and statements, for those who may read this firm's."""
    if not all(allowed(permission, partner_id=partner.id) for permission in OPEN_BOOK):
        return {"open_book": False}
    period, person = periods.current_period(on), current_person()
    figures = find_provisional(period, partner.id) if period else None
    page = claims.list_claims(claims.ClaimFilter(partner_ids=[partner.id]), size=8)
    return {
        "open_book": True,
        "carried": corrections.carried_balance(partner.id),
        "left_with": corrections.find_leaving(partner.id, on=on),
        "may_correct": allowed("correction:read", partner_id=partner.id),
        "period": period,
        "figures": figures,
        "gates": open_gates(figures.result) if figures and figures.result else [],
        "objectives": objectives.list_objectives(partner.id),
        "claims": claim_lists.badges(page.rows, person),
        "claims_total": page.total,
        "keeps_books": allowed("balance:read", partner_id=partner.id),
        "stated": [(one, settlement(one, on)) for one in statements.latest_statements(partner.id, limit=8)],
        "contested": list(chain(*disputes.open_by_statement(partner_id=partner.id).values())),
        "reasons": REASONS,
    }
