"""A firm's own side of a conflict: the questions, the part offered, the end. Never a word of another firm."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal import claims, clock, conflicts
from portal.access import allow, allowed, current_person, requires
from portal.claims import Claim
from portal.conflicts import Answers, ConflictParty, Outcome
from portal.db import db, transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web.account import Page
from portal.web.claim_words import ROLES
from portal.web.conflict_words import POLICIES
from portal.web.forms import AmountField, DayField, Form, LongTextField, TextField, TickField, TicksField

bp = Blueprint("conflict", __name__, url_prefix="/conflicts")


class QuestionsForm(Form):
    """The same questions for every firm of a conflict."""

    roles = TicksField(_l("Roles your firm held in the project"), choices=list(ROLES.items()))
    account = LongTextField(_l("What your firm did, and when"), longest=2000)
    evidence_on = DayField(_l("Day of your oldest evidence"), required=False)
    contacts = TextField(_l("Who can confirm it at the customer"), longest=400)
    wished_share = AmountField(_l("Part you would accept in a split"), required=False)
    consents = TickField(_l("My firm's name may be told, if every other firm agrees to the same"))

    def answers(self) -> Answers:
        """What was answered, the part as a ratio."""
        part: Decimal | None = self.wished_share.data
        return Answers(
            roles=self.roles.data or (), evidence_on=self.evidence_on.data, contacts=self.contacts.data,
            account=self.account.data, wished_share=None if part is None else part / 100,
            consents=self.consents.data,
        )  # fmt: skip


def own_side(public_id: UUID, permission: str = "conflict:answer") -> ConflictParty:
    """One's own firm's side of a conflict."""
    party = conflicts.get_party(public_id)
    allow(permission, partner_id=party.partner_id)
    return party


@bp.get("/<uuid:public_id>")
@requires("conflict:answer")
def detail(public_id: UUID) -> Page:
    """The notice, the questions and what became of them."""
    party = own_side(public_id)
    form = QuestionsForm(
        formdata=None,
        data={
            "roles": party.roles, "account": party.account, "evidence_on": party.evidence_on,
            "contacts": party.contacts, "consents": party.consents,
            "wished_share": None if party.wished_share is None else party.wished_share * 100,
        },
    )  # fmt: skip
    return page_of(party, form)


def page_of(party: ConflictParty, form: QuestionsForm) -> Page:
    """The page of one side, with a form that was refused where there is one."""
    claim = db.session.get_one(Claim, party.claim_id)
    ruled = [one.details["policy"] for one in claims.timeline_of(claim.id) if "policy" in one.details]
    context: dict[str, Any] = {
        "party": party, "claim": claim, "form": form, "roles": ROLES, "Outcome": Outcome,
        "others": conflicts.names_of_others(party),
        "rule": POLICIES[conflicts.policy_of(party.conflict_id)],
        "ruled": POLICIES[ruled[0]] if ruled else None,
        "may_sign": allowed("conflict:sign", partner_id=party.partner_id),
    }  # fmt: skip
    return render_template("partner/conflict.html", **context), form.status


@bp.post("/<uuid:public_id>/answers")
@requires("conflict:answer")
def answer(public_id: UUID) -> Page | Response:
    """Keep the answers."""
    party, form = own_side(public_id), QuestionsForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            conflicts.answer_questionnaire(
                party=party, answers=form.answers(), actor_id=current_person().id, at=clock.now()
            )
        if not form.errors:
            flash(_("Your answers are kept. You may complete them until the question is settled."), "ok")
            return redirect(url_for("conflict.detail", public_id=public_id), 303)
    return page_of(own_side(public_id), form)


@bp.post("/<uuid:public_id>/sign")
@requires("conflict:sign")
def sign(public_id: UUID) -> Response:
    """Agree to the part offered."""
    party = own_side(public_id, "conflict:sign")
    with transaction():
        conflicts.sign_split(party=party, actor_id=current_person().id, at=clock.now())
    flash(_("The split is signed for your firm. It applies once every firm has signed."), "ok")
    return redirect(url_for("conflict.detail", public_id=public_id), 303)


@bp.post("/<uuid:public_id>/decline")
@requires("conflict:sign")
def decline(public_id: UUID) -> Response:
    """Refuse the part offered."""
    party = own_side(public_id, "conflict:sign")
    with transaction():
        conflicts.decline_split(party=party, actor_id=current_person().id, at=clock.now())
    flash(_("The split is declined. The question will be settled otherwise."), "ok")
    return redirect(url_for("conflict.detail", public_id=public_id), 303)
