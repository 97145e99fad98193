"""Declaring a project in four short steps over one draft."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import catalogue, claims, clock
from portal.access import allow, current_person, requires
from portal.claims import Claim, ClaimState, Finding
from portal.db import transaction
from portal.errors import NotFound, Stale
from portal.i18n import format_date
from portal.i18n import gettext as _
from portal.web.account import Page
from portal.web.claim_effect import effect_of
from portal.web.claim_words import AGREEMENTS, FIELDS, PROJECT_TYPES, ROLE_HINTS, ROLES, SECTORS
from portal.web.partner.claim_forms import (
    DraftForm,
    LinesForm,
    OrderForm,
    ProjectForm,
    SubmitForm,
    chosen_file,
    line_values,
)
from portal.web.words import words

FORMS: dict[int, type[DraftForm]] = {1: ProjectForm, 2: LinesForm, 3: OrderForm}
LAST = 4
STEP_OF = {
    "roles": 2, "lines": 2, "reseller_name": 3, "order_no": 3, "signed_on": 3, "ordered_on": 3, "evidence": 3,
    "duplicate_reason": 4, "honour": 4,
}  # fmt: skip


def install(bp: Blueprint) -> None:
    """Open the steps under the area of claims."""
    bp.add_url_rule("/new", view_func=new, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:public_id>/edit", view_func=edit, methods=["GET", "POST"])
    bp.add_url_rule("/<uuid:public_id>/autosave", view_func=autosave, methods=["POST"])
    bp.add_url_rule("/<uuid:public_id>/submit", view_func=submit, methods=["POST"])
    bp.add_url_rule("/<uuid:public_id>/discard", view_func=discard, methods=["POST"])


def own_draft(public_id: UUID) -> Claim:
    """A draft of one's own firm, or one that an account manager writes for a firm."""
    claim, person = claims.draft_of(public_id), current_person()
    allow("claim:draft", partner_id=claim.partner_id)
    if not person.role.is_partner and claim.created_by_id != person.id:
        raise NotFound
    return claim


def asked_step() -> int:
    """The step in the URL, the first one by default."""
    asked = request.args.get("step", "1")
    return int(asked) if asked in ("1", "2", "3", "4") else 1


@requires("claim:declare")
def new() -> Page:
    """The first step of a project that is not yet written down."""
    person, form = current_person(), ProjectForm()
    if form.validate_on_submit() and person.partner_id:
        with form.refusals(), transaction():
            claim = claims.start_draft(partner_id=person.partner_id, actor_id=person.id, at=clock.now())
            save(claim, form, seen=claim.version)
            public_id = claim.public_id
        if not form.errors:
            return redirect(after(public_id, 1), 303)
    page = render_template("partner/claims/project.html", form=form, claim=None, step=1, **around(None))
    return page, form.status


@requires("claim:draft")
def edit(public_id: UUID) -> Page:
    """One of the steps of a draft."""
    claim, step = own_draft(public_id), asked_step()
    if step == LAST:
        return check(claim, SubmitForm(data={"duplicate_reason": claim.duplicate_reason}))
    form = form_of(claim, step)
    valid = form.is_submitted() and form.validate()
    if valid:
        try:
            with form.refusals(), transaction():
                save(claim, form, seen=form.seen)
        except Stale as stale:
            form.refuse("", "draft_saved_by", who=stale.params["who"])
            claim = own_draft(public_id)
            say_differences(claim, form)
            form.version.data = form.version.raw_data = None
        if not form.errors:
            return redirect(after(public_id, step), 303)
    return show(claim, form, step)


def say_differences(claim: Claim, form: DraftForm) -> None:
    """Beside each field that a colleague filled otherwise, what they wrote; nothing typed is lost."""
    for name, value in form.changes().items():
        theirs = getattr(claim, name, value)
        field = getattr(form, name)
        if (value or "") != (theirs or "") and not isinstance(theirs, (bool, list)):
            shown = format_date(theirs) if isinstance(theirs, date) else str(theirs or "–")
            field.errors = [*field.errors, _("Your colleague wrote: %(theirs)s", theirs=shown)]


def form_of(claim: Claim, step: int) -> DraftForm:
    """The form of a step, filled with the draft."""
    if step != 2:
        return FORMS[step](obj=claim)
    lines = line_values(claims.lines_of(claim.id))
    return LinesForm(data={"roles": claim.roles, "lines": lines, "version": claim.version})


def save(claim: Claim, form: DraftForm, *, seen: int) -> None:
    """Keep a step of the draft, and the file that came with it."""
    person, at = current_person(), clock.now()
    changes = {
        name: "" if value is None and name in TEXTS else value for name, value in form.changes().items()
    }
    claims.save_draft(
        claim=claim, seen=seen, changes=changes, lines=form.lines_given(), actor_id=person.id, at=at
    )
    if paper_id := request.form.get("remove"):
        paper = claims.get_evidence(known_id(paper_id))
        claims.withdraw_evidence(claim=claim, seen=claim.version, paper=paper, actor_id=person.id, at=at)
    file = chosen_file()
    if isinstance(form, OrderForm) and file:
        claims.add_evidence(
            claim=claim, source=file.content, name=file.name, evidence_type=form.evidence_type.data or "",
            dated_on=form.dated_on.data, actor_id=person.id, at=at,
        )  # fmt: skip


def known_id(text: str) -> UUID:
    """The public id that a button stands for; NotFound for any other text."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


TEXTS = ("customer_sector", "project_type")


def after(public_id: UUID, step: int) -> str:
    """Where a button of a step leads: on, to the list, or to the same step for one more line or file."""
    if "leave" in request.form:
        flash(_("The draft is kept. You and your colleagues can complete it."), "ok")
        return url_for("claims.index" if current_person().role.is_partner else "queue.index")
    if {"more", "remove"} & set(request.form):
        return url_for("claims.edit", public_id=public_id, step=step, more=1, _anchor="more")
    return url_for("claims.edit", public_id=public_id, step=step + 1)


def show(claim: Claim, form: DraftForm, step: int) -> Page:
    """The page of a step."""
    if isinstance(form, LinesForm):
        form.ensure_rows(len(form.lines) + 1 if "more" in request.args or not form.lines else 2)
    name = {1: "project", 2: "lines", 3: "order"}[step]
    page = render_template(
        f"partner/claims/{name}.html",
        form=form,
        claim=claim,
        step=step,
        role_hints=ROLE_HINTS,
        **around(claim),
    )
    return page, form.status


def around(claim: Claim | None) -> dict[str, Any]:
    """What stands beside every step: the grid as it would judge now, and the days left."""
    if claim is None:
        return {"grid": [], "papers": [], "ends_on": None, "Finding": Finding}
    on = clock.today()
    day = claim.ordered_on or claim.signed_on
    ends_on = claims.RULES.window_ends_on(day) if day else None
    return {
        "grid": claims.grid_of(claim, on=on),
        "papers": [paper for paper in claims.evidence_of(claim.id) if paper.current],
        "ends_on": ends_on,
        "days_left": (ends_on - on).days if ends_on else None,
        "kinds": {code: kind.label for code, kind in catalogue.list_evidence_types().items()},
        "Finding": Finding,
    }


def check(claim: Claim, form: SubmitForm) -> Page:
    """The last step: everything on one page, and what is still missing."""
    lines = claims.lines_of(claim.id)
    page = render_template(
        "partner/claims/check.html", form=form, claim=claim, step=LAST, lines=lines, effect=effect_of(claim,
        lines),
        families=catalogue.list_families(), faults=told_faults(claim), step_of=STEP_OF, fields=FIELDS,
        duplicates=claims.own_duplicates(claim), roles=ROLES, sectors=SECTORS, types=PROJECT_TYPES,
        agreements=AGREEMENTS, **around(claim),
    )  # fmt: skip
    return page, form.status


def told_faults(claim: Claim) -> dict[str, str]:
    """What is still missing (no words: it is empty) or wrong, by field."""
    found = claims.faults_of(claim, on=clock.today())
    return {name: "" if code == "required" else words(code) for name, code in found.items()}


@requires("claim:draft")
def autosave(public_id: UUID) -> dict[str, int]:
    """Keep what can be read of a step while it is being typed."""
    claim, step = own_draft(public_id), asked_step()
    form = form_of(claim, step if step in FORMS else 1)
    form.validate()
    with transaction():
        save(claim, form, seen=form.seen)
        version = claim.version
    return {"version": version}


@requires("claim:submit")
def submit(public_id: UUID) -> Page:
    """Declare; pressed twice, the second press finds it done."""
    claim = claims.get_claim(public_id)
    allow("claim:submit", partner_id=claim.partner_id)
    form = SubmitForm()
    form.validate()
    try:
        with form.refusals(), transaction():
            declare(claim, form)
    except Stale as stale:
        claim = claims.get_claim(public_id)
        if claim.state is ClaimState.DRAFT:
            form.refuse("", "draft_saved_by", who=stale.params["who"])
        elif claim.submitted_by_id != current_person().id:
            raise
    if form.errors:
        return check(own_draft(public_id), form)
    flash(_("The claim is declared. Your account manager has received it."), "ok")
    return redirect(url_for("claims.detail", public_id=public_id), 303)


def declare(claim: Claim, form: SubmitForm) -> None:
    """Keep the reason given for a likely double, then submit."""
    person, at, seen = current_person(), clock.now(), form.seen
    if claim.state is ClaimState.DRAFT:
        reason = {"duplicate_reason": form.duplicate_reason.data}
        if claims.save_draft(claim=claim, seen=seen, changes=reason, actor_id=person.id, at=at):
            seen = claim.version
    claims.submit_claim(claim=claim, seen=seen, honour=form.honour.data, actor_id=person.id, at=at)


@requires("claim:declare")
def discard(public_id: UUID) -> Response:
    """Throw a draft away."""
    claim = own_draft(public_id)
    with transaction():
        claims.discard_draft(
            claim=claim,
            seen=SubmitForm().seen,
            actor_id=current_person().id,
            at=clock.now(),
        )
    flash(_("The draft is thrown away."), "ok")
    return redirect(url_for("claims.index"), 303)
