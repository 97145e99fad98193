"""A firm's claims: the list, one claim with its history, and what may still be done to it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import catalogue, claims, clock, conflicts, inquiries
from portal.access import allow, current_person, requires
from portal.claims import Claim, ClaimState
from portal.db import transaction
from portal.errors import NotFound
from portal.i18n import gettext as _
from portal.web import claim_delays, claim_lists
from portal.web.account import Page
from portal.web.claim_detail import detail_of
from portal.web.claim_thread import MessageForm
from portal.web.partner import claim_declare, claim_life
from portal.web.partner.claim_forms import AnswerForm, EvidenceForm, WithdrawForm, chosen_file

bp = Blueprint("claims", __name__, url_prefix="/claims")
claim_declare.install(bp)
claim_life.install(bp)


def own_claim(public_id: UUID, permission: str = "claim:read") -> Claim:
    """A claim of one's own firm."""
    claim = claims.get_claim(public_id)
    allow(permission, partner_id=claim.partner_id)
    return claim


@bp.get("")
@requires("partner:home")
def index() -> Page | Response:
    """The firm's claims, filtered and sorted by the URL."""
    person = current_person()
    kind = request.args.get("export")
    wanted = claim_lists.asked_filter()
    if kind in ("csv", "xlsx"):
        return claim_lists.export(kind, claims.list_claims(wanted, size=None))
    page = claims.list_claims(wanted)
    return render_template(
        "partner/claims/index.html", page=page, rows=claim_lists.badges(page.rows, person), wanted=wanted,
        families=catalogue.list_families(), halves=claim_lists.halves(clock.today()), link=claim_lists.link,
        sort_link=claim_lists.sort_link, page_link=claim_lists.page_link,
        delay=claim_delays.delay_of(person.partner_id or 0),
    )  # fmt: skip


@bp.get("/<uuid:public_id>")
@requires("claim:read")
def detail(public_id: UUID) -> Page | Response:
    """One claim: where it stands, why, and what the firm may do."""
    person = current_person()
    claim = own_claim(public_id)
    if not person.role.is_partner:
        return redirect(url_for("staff_claims.review", public_id=public_id), 303)
    if claim.state is ClaimState.DRAFT:
        return redirect(url_for("claims.edit", public_id=public_id), 303)
    return page_of(claim)


def page_of(claim: Claim, **forms: Any) -> Page:
    """The claim's page, with a form that was refused where there is one."""
    given = {
        "answer": AnswerForm(formdata=None), "withdraw": WithdrawForm(formdata=None),
        "evidence": EvidenceForm(formdata=None), "appeal": claim_life.AppealForm(formdata=None),
        "message": MessageForm(formdata=None), **forms,
    }  # fmt: skip
    for name, form in given.items():
        form.apart(name)
    page = render_template(
        "partner/claims/detail.html", forms=given, conflict=conflicts.find_party(claim.id),
        inquiry=inquiries.find_inquiry(claim.id), askable=claim.state in inquiries.ASKABLE,
        **detail_of(claim, current_person()),
        level=claims.find_level(claim=claim, on=clock.today()),
    )  # fmt: skip
    return page, max(form.status for form in given.values())


@bp.post("/<uuid:public_id>/answer")
@requires("claim:answer")
def answer(public_id: UUID) -> Page:
    """Answer the account manager's question."""
    claim, form = own_claim(public_id, "claim:answer"), AnswerForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            claims.answer_request(
                claim=claim, seen=form.seen, note=form.note.data,
                order_no=form.order_no.data, enrolment_no=form.enrolment_no.data,
                actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            flash(_("Your answer is with your account manager."), "ok")
            return redirect(url_for("claims.detail", public_id=public_id), 303)
    return page_of(own_claim(public_id), answer=form)


@bp.post("/<uuid:public_id>/evidence")
@requires("claim:answer")
def add_evidence(public_id: UUID) -> Page:
    """Join a piece of evidence, or the new version of one."""
    claim, form, file = own_claim(public_id, "claim:answer"), EvidenceForm(), chosen_file()
    if form.validate_on_submit():
        if file is None:
            form.refuse("file", "file_missing_here")
        else:
            with form.refusals(), transaction():
                claims.add_evidence(
                    claim=claim, source=file.content, name=file.name,
                    evidence_type=form.evidence_type.data or "",
                    dated_on=form.dated_on.data, actor_id=current_person().id, at=clock.now(),
                    replaces=replaced(claim),
                )  # fmt: skip
        if not form.errors:
            flash(_("%(name)s is joined.", name=file.name if file else ""), "ok")
            return redirect(url_for("claims.detail", public_id=public_id, _anchor="evidence"), 303)
    return page_of(own_claim(public_id), evidence=form)


def replaced(claim: Claim) -> Any:
    """The piece that the new one replaces, None when it is one more."""
    given = request.form.get("replaces", "")
    if not given:
        return None
    for paper in claims.evidence_of(claim.id):
        if str(paper.public_id) == given:
            return claims.get_evidence(paper.public_id)
    raise NotFound


@bp.post("/<uuid:public_id>/evidence/<uuid:paper_id>/withdraw")
@requires("claim:answer")
def withdraw_evidence(public_id: UUID, paper_id: UUID) -> Response:
    """Take a piece of evidence back."""
    claim, form = own_claim(public_id, "claim:answer"), WithdrawForm()
    paper = claims.get_evidence(paper_id)
    with form.refusals(), transaction():
        claims.withdraw_evidence(
            claim=claim, seen=form.seen, paper=paper, actor_id=current_person().id, at=clock.now()
        )
    return form.done(_("The file is taken back."), url_for("claims.detail", public_id=public_id))


@bp.post("/<uuid:public_id>/withdraw")
@requires("claim:withdraw")
def withdraw(public_id: UUID) -> Page:
    """Take the whole claim back."""
    claim, form = own_claim(public_id, "claim:withdraw"), WithdrawForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            claims.withdraw_claim(
                claim=claim, seen=form.seen, note=form.note.data,
                actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            flash(_("Claim %(reference)s is withdrawn.", reference=claim.reference), "ok")
            return redirect(url_for("claims.detail", public_id=public_id), 303)
    return page_of(own_claim(public_id), withdraw=form)


@bp.post("/<uuid:public_id>/copy")
@requires("claim:declare")
def copy(public_id: UUID) -> Response:
    """A new draft with the same customer, project and roles."""
    claim, person = own_claim(public_id, "claim:declare"), current_person()
    with transaction():
        draft = claims.start_draft(
            partner_id=claim.partner_id, actor_id=person.id, at=clock.now(), copy_of=claim
        )
        key = draft.public_id
    flash(_("A draft with the same customer and project is open. Add its order and its evidence."), "ok")
    return redirect(url_for("claims.edit", public_id=key), 303)
