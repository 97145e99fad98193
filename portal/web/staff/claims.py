"""Claims on the vendor's side: every claim to read, and the reviewer's verbs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import catalogue, claims, clock, margin
from portal.access import allow, allowed, current_person, requires
from portal.claims import Claim, ClaimState
from portal.db import transaction
from portal.errors import NotFound
from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.users.models import Role
from portal.web import claim_lists
from portal.web.account import Page
from portal.web.claim_detail import detail_of
from portal.web.claim_effect import credit_weight, effect_of
from portal.web.claim_thread import MessageForm
from portal.web.claim_words import SECOND_REASONS
from portal.web.people import SEGMENTS
from portal.web.security import POLICY
from portal.web.staff import claim_judging
from portal.web.staff.claim_forms import (
    ApproveForm,
    AskForm,
    RefuseMatchForm,
    RejectForm,
    RevokeForm,
    UpholdForm,
    cut_reasons,
)
from portal.web.staff.queue import kept, next_after, queue_of

bp = Blueprint("staff_claims", __name__, url_prefix="/staff/claims")
REVIEWERS = {Role.PAM, Role.SEGMENT_LEAD, Role.PROGRAMME_MANAGER}
READABLE = (ClaimState.SUBMITTED, ClaimState.IN_REVIEW)


@bp.get("")
@requires("claim:read")
def index() -> Page | Response:
    """Every claim this reader may see, drafts of firms excepted."""
    person = current_person()
    states = claim_lists.GROUPS.get(request.args.get("state", "")) or claim_lists.DECLARED
    wanted = claim_lists.asked_filter(
        states=states, segment=request.args.get("segment", ""), revoking="revoking" in request.args
    )
    if request.args.get("export") in ("csv", "xlsx"):
        return claim_lists.export(request.args["export"], claims.list_claims(wanted, size=None))
    page = claims.list_claims(wanted)
    return render_template(
        "staff/claims/index.html", page=page, rows=claim_lists.badges(page.rows, person), wanted=wanted,
        families=catalogue.list_families(), halves=claim_lists.halves(clock.today()), segments=SEGMENTS,
        link=claim_lists.link, sort_link=claim_lists.sort_link, page_link=claim_lists.page_link,
    )  # fmt: skip


def seen_claim(public_id: UUID, permission: str = "claim:read") -> Claim:
    """A claim of a firm that this person answers for, or may read; a draft is its author's alone."""
    claim = claims.get_claim(public_id)
    allow(permission, partner_id=claim.partner_id)
    if claim.state is ClaimState.DRAFT and claim.created_by_id != current_person().id:
        raise NotFound
    return claim


@bp.get("/<uuid:public_id>")
@requires("claim:read")
def review(public_id: UUID) -> Page | Response:
    """One claim, to decide or to read."""
    if current_person().role.is_partner:
        return redirect(url_for("claims.detail", public_id=public_id), 303)
    return page_of(seen_claim(public_id))


def page_of(claim: Claim, **forms: Any) -> Response:
    """The claim beside the queue for reviewers, alone for other readers."""
    person = current_person()
    shown = detail_of(claim, person)
    context = {**shown, **panel_of(claim, shown["lines"], forms)}
    reviewer = person.role in REVIEWERS
    if reviewer:
        g.place = "queue"
    template = "staff/claims/review.html" if reviewer else "staff/claims/detail.html"
    html = render_template(template, **{**(queue_of(person) if reviewer else {}), **context})
    response = make_response(html, max([form.status for form in forms.values()] or [200]))
    response.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return response


def panel_of(claim: Claim, lines: Sequence[Any], forms: dict[str, Any]) -> dict[str, Any]:
    """What the panel needs beyond the claim itself: orders, effect, verbs."""
    deciding = claim.state in READABLE and allowed("claim:approve", partner_id=claim.partner_id)
    deciding = deciding and (claim.on_behalf or current_person().role is not Role.SEGMENT_LEAD)
    judging = claim_judging.may_judge(claim)
    verbs: dict[str, Any] = {
        "approve": forms.get("approve") or ApproveForm(lines, formdata=None),
        "ask": forms.get("ask") or AskForm(formdata=None),
        "reject": forms.get("reject") or RejectForm(formdata=None),
        "uphold": forms.get("uphold") or UpholdForm(formdata=None),
        "revoke": forms.get("revoke") or RevokeForm(formdata=None),
        "message": forms.get("message") or MessageForm(formdata=None),
        "unmatch": forms.get("unmatch") or RefuseMatchForm(formdata=None),
    }
    for name, form in verbs.items():
        form.apart(name)
    return {
        "matches": claims.matches_of(claim.id),
        "effect": effect_of(claim, lines) if claim.state in (*READABLE, ClaimState.PENDING_SECOND) else None,
        "deciding": deciding,
        "judging": judging,
        "declared_roles": claims.roles_declared(claim) if judging else claim.roles,
        "seconding": claim.state is ClaimState.PENDING_SECOND
        and allowed("claim:approve_second", partner_id=claim.partner_id),
        **verbs,
        **claim_judging.revoking_of(claim),
        "writing": allowed("claim:message", partner_id=claim.partner_id),
        "confirming": allowed("match:confirm", partner_id=claim.partner_id),
        "cuts": cut_reasons() if deciding or judging else (),
        "second_words": SECOND_REASONS,
    }


def opened(claim: Claim, seen: int) -> int:
    """A decision on an unread claim begins its review; the version to go on with."""
    if claim.state is not ClaimState.SUBMITTED:
        return seen
    claims.take_claim(claim=claim, seen=seen, actor_id=current_person().id, at=clock.now())
    return claim.version


@bp.post("/<uuid:public_id>/take")
@requires("claim:review")
def take(public_id: UUID) -> Response:
    """Begin the review."""
    claim, form = seen_claim(public_id, "claim:review"), AskForm()
    with transaction():
        claims.take_claim(claim=claim, seen=form.seen, actor_id=current_person().id, at=clock.now())
    flash(_("You are reading claim %(reference)s; the firm sees it.", reference=claim.reference), "ok")
    return redirect(url_for("staff_claims.review", public_id=public_id, **kept()), 303)


@bp.post("/<uuid:public_id>/approve")
@requires("claim:approve")
def approve(public_id: UUID) -> Response:
    """Approve in full or in part."""
    claim, person = seen_claim(public_id, "claim:approve"), current_person()
    form = ApproveForm(claims.lines_of(claim.id))
    form.validate()
    verdict = form.verdict(credit_weight(claim, form.roles))
    second: tuple[str, ...] = ()
    if not form.faults and not form.errors:
        with form.refusals(), transaction():
            seen = opened(claim, form.seen)
            second = claims.approve_claim(
                claim=claim, seen=seen, verdict=verdict, actor_id=person.id, at=clock.now()
            )
            margin.match_and_credit(claim_ids=[claim.id], at=clock.now())
    if form.faults or form.errors:
        return page_of(seen_claim(public_id), approve=form)
    if second:
        why = ", ".join(str(SECOND_REASONS[code]) for code in second)
        flash(
            _("%(reference)s waits for a second person: %(why)s.", reference=claim.reference, why=why), "info"
        )
    else:
        flash(_("%(reference)s is approved; the firm is told.", reference=claim.reference), "ok")
    return redirect(next_after(person), 303)


@bp.post("/<uuid:public_id>/second")
@requires("claim:approve_second")
def approve_second(public_id: UUID) -> Response:
    """Confirm a first approval."""
    claim, person, form = seen_claim(public_id, "claim:approve_second"), current_person(), RejectForm()
    with transaction():
        claims.approve_second(
            claim=claim,
            seen=form.seen,
            note=(form.note.data or "").strip(),
            actor_id=person.id,
            at=clock.now(),
        )
        margin.match_and_credit(claim_ids=[claim.id], at=clock.now())
    flash(_("%(reference)s is approved; the firm is told.", reference=claim.reference), "ok")
    return redirect(next_after(person), 303)


@bp.post("/<uuid:public_id>/ask")
@requires("claim:review")
def ask(public_id: UUID) -> Response:
    """Ask the firm a question."""
    claim, person, form = seen_claim(public_id, "claim:review"), current_person(), AskForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            seen = opened(claim, form.seen)
            claims.request_info(
                claim=claim, seen=seen, reason=form.reason.data or "", note=form.note.data,
                actor_id=person.id,
                at=clock.now(),
            )  # fmt: skip
    if form.errors or not form.is_submitted():
        return page_of(seen_claim(public_id), ask=form)
    due = format_date(claim.info_due_on) if claim.info_due_on else ""
    flash(
        _("The firm is asked about %(reference)s, until %(day)s.", reference=claim.reference, day=due), "ok"
    )
    return redirect(next_after(person), 303)


@bp.post("/<uuid:public_id>/reject")
@requires("claim:reject")
def reject(public_id: UUID) -> Response:
    """Refuse with a reason and its cure."""
    claim, person, form = seen_claim(public_id, "claim:reject"), current_person(), RejectForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            begins = person.role is Role.PAM or claim.on_behalf
            seen = opened(claim, form.seen) if begins else form.seen
            claims.reject_claim(
                claim=claim, seen=seen, reason=form.reason.data or "", note=form.note.data,
                place=form.place.data or "", page=form.page.data or "", actor_id=person.id, at=clock.now(),
            )  # fmt: skip
            margin.refresh_credit([claim.id])
    if form.errors or not form.is_submitted():
        return page_of(seen_claim(public_id), reject=form)
    flash(
        _("%(reference)s is refused; the firm is told why and what cures it.", reference=claim.reference),
        "ok",
    )
    return redirect(next_after(person), 303)
