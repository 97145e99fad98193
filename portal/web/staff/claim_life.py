"""Judging appeals and orders, taking approvals back, writing to the firm, small claims approved together."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import claims, clock, margin
from portal.access import allow, current_person, requires
from portal.claims import Claim
from portal.db import db, transaction
from portal.errors import DomainError, Invalid, NotFound
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.web import claim_thread
from portal.web.account import Page
from portal.web.claim_effect import credit_weight
from portal.web.forms import Form
from portal.web.staff.claim_forms import ApproveForm, RefuseMatchForm, RevokeForm, UpholdForm
from portal.web.staff.claims import page_of, seen_claim
from portal.web.staff.queue import kept, next_after
from portal.web.words import words

bp = Blueprint("claim_life", __name__, url_prefix="/staff/claims")


def _back(claim: Claim, anchor: str | None = None) -> Response:
    return redirect(url_for("staff_claims.review", public_id=claim.public_id, _anchor=anchor, **kept()), 303)


@bp.post("/<uuid:public_id>/judge")
@requires("claim:judge")
def judge(public_id: UUID) -> Response:
    """Approve anew on appeal."""
    claim, person = seen_claim(public_id, "claim:judge"), current_person()
    form = ApproveForm(claims.lines_of(claim.id))
    form.validate()
    verdict = form.verdict(credit_weight(claim, form.roles))
    if not form.faults and not form.errors:
        with form.refusals(), transaction():
            claims.judge_appeal(
                claim=claim, seen=form.seen, verdict=verdict, reasons=request.form.get("reasons", ""),
                actor_id=person.id, at=clock.now(),
            )  # fmt: skip
            margin.match_and_credit(claim_ids=[claim.id], at=clock.now())
    if form.faults or form.errors:
        return page_of(seen_claim(public_id), approve=form)
    flash(_("%(reference)s is approved on appeal; the firm is told why.", reference=claim.reference), "ok")
    return redirect(next_after(person), 303)


@bp.post("/<uuid:public_id>/uphold")
@requires("claim:judge")
def uphold(public_id: UUID) -> Response:
    """Leave the decision as it is, with reasons."""
    claim, person, form = seen_claim(public_id, "claim:judge"), current_person(), UpholdForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            claims.judge_appeal(
                claim=claim, seen=form.seen, reasons=form.reasons.data or "", actor_id=person.id,
                at=clock.now(),
            )  # fmt: skip
            margin.refresh_credit([claim.id])
    if form.errors or not form.is_submitted():
        return page_of(seen_claim(public_id), uphold=form)
    flash(_("The decision on %(reference)s stands; the firm is told why.", reference=claim.reference), "ok")
    return redirect(next_after(person), 303)


@bp.post("/<uuid:public_id>/revoke")
@requires("claim:revoke")
def revoke(public_id: UUID) -> Response:
    """Propose to take an approval back."""
    claim, person, form = seen_claim(public_id, "claim:revoke"), current_person(), RevokeForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            claims.propose_revocation(
                claim=claim, seen=form.seen, reason=form.reason.data or "",
                reasons=form.note.data or "", actor_id=person.id, at=clock.now(),
            )  # fmt: skip
    if form.errors or not form.is_submitted():
        return page_of(seen_claim(public_id), revoke=form)
    flash(_("The revocation of %(reference)s waits for a second person.", reference=claim.reference), "info")
    return _back(claim)


@bp.post("/<uuid:public_id>/revoke/confirm")
@requires("claim:revoke")
def confirm_revocation(public_id: UUID) -> Response:
    """Take the approval back, as the other side proposed."""
    claim, form = seen_claim(public_id, "claim:revoke"), UpholdForm()
    with transaction():
        claims.confirm_revocation(claim=claim, seen=form.seen, actor_id=current_person().id, at=clock.now())
        margin.refresh_credit([claim.id])
    flash(
        _("The approval of %(reference)s is taken back; the firm is told.", reference=claim.reference), "ok"
    )
    return _back(claim)


@bp.post("/<uuid:public_id>/revoke/drop")
@requires("claim:revoke")
def drop_revocation(public_id: UUID) -> Response:
    """Leave the approval as it is."""
    claim = seen_claim(public_id, "claim:revoke")
    with transaction():
        claims.drop_revocation(claim=claim, actor_id=current_person().id, at=clock.now())
    flash(_("The approval of %(reference)s stays.", reference=claim.reference), "ok")
    return _back(claim)


@bp.post("/<uuid:public_id>/match/<int:match_id>")
@requires("match:confirm")
def confirm_match(public_id: UUID, match_id: int) -> Response:
    """Recognise a proposed order as the claimed one."""
    claim, form = seen_claim(public_id, "match:confirm"), UpholdForm()
    with transaction():
        claims.confirm_match(
            claim=claim, seen=form.seen, match_id=match_id, actor_id=current_person().id, at=clock.now()
        )
        margin.refresh_credit([claim.id])
    flash(_("The order is confirmed for %(reference)s.", reference=claim.reference), "ok")
    return _back(claim)


@bp.post("/<uuid:public_id>/match/<int:match_id>/refuse")
@requires("match:confirm")
def refuse_match(public_id: UUID, match_id: int) -> Response:
    """Say that a proposed order is not the claimed one, and why."""
    claim, form = seen_claim(public_id, "match:confirm"), RefuseMatchForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            claims.refuse_match(
                claim=claim, seen=form.seen, match_id=match_id, reason=form.reason.data or "",
                actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
    if form.errors or not form.is_submitted():
        return page_of(seen_claim(public_id), unmatch=form)
    flash(_("That order is not proposed again for %(reference)s.", reference=claim.reference), "ok")
    return _back(claim)


@bp.post("/<uuid:public_id>/message")
@requires("claim:message")
def message(public_id: UUID) -> Response:
    """Write to the firm."""
    claim, form = seen_claim(public_id, "claim:message"), claim_thread.MessageForm()
    if claim_thread.post(claim, form):
        flash(_("Your message is sent."), "ok")
        return _back(claim, "messages")
    return page_of(seen_claim(public_id), message=form)


@bp.post("/approve-small")
@requires("claim:approve_small")
def approve_small() -> Page:
    """Approve the chosen small claims, each as if it were alone; say which did not pass."""
    form, chosen = Form(), request.form.getlist("chosen")[:100]
    if not form.validate_on_submit() or not chosen:
        flash(_("Choose at least one claim."), "stop")
        return redirect(url_for("queue.index", **kept()), 303)
    passed: list[tuple[Claim, str]] = []
    stopped: list[tuple[Claim, str]] = []
    for choice in chosen:
        claim, why = _approve_one(choice)
        (stopped if why else passed).append((claim, why))
    if not stopped:
        flash(ngettext("%(num)s claim is approved.", "%(num)s claims are approved.", len(passed)), "ok")
        return redirect(url_for("queue.index", **kept()), 303)
    return render_template("staff/queue/small.html", passed=passed, stopped=stopped, kept=kept()), 200


def _approve_one(choice: str) -> tuple[Claim, str]:
    """The claim, and why it did not pass: nothing where it did. `choice` is its id and the version seen."""
    key, seen = _chosen(choice)
    claim = seen_claim(key)
    allow("claim:approve_small", partner_id=claim.partner_id)
    try:
        with transaction():
            claims.approve_small(
                public_id=claim.public_id, seen=seen, weight=credit_weight(claim, claim.roles),
                actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
            margin.match_and_credit(claim_ids=[claim.id], at=clock.now())
    except Invalid as invalid:
        db.session.rollback()
        return claims.get_claim(key), words(next(iter(invalid.faults.values())))
    except DomainError as refused:
        db.session.rollback()
        return claims.get_claim(key), _why(refused)
    return claim, ""


def _chosen(choice: str) -> tuple[UUID, int]:
    """What a tick of the list stands for."""
    key, _sep, seen = choice.partition(":")
    try:
        return UUID(key), int(seen)
    except ValueError:
        raise NotFound from None


def _why(refused: DomainError) -> str:
    """A refusal in words; who was faster where somebody was."""
    if refused.params.get("who"):
        return _("%(who)s: %(what)s", who=refused.params["who"], what=words(str(refused.params["what"])))
    return words(refused.code)
