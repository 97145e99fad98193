"""A firm's own words in a conflict: the questionnaire, a signature, a refusal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select

from portal import audit
from portal.claims import Claim, ProjectRole
from portal.conflicts.models import ConflictParty
from portal.db import db
from portal.errors import Invalid, Refused


@dataclass(frozen=True, slots=True)
class Answers:
    """The questionnaire, the same for every firm of a conflict."""

    roles: Sequence[str]
    evidence_on: date | None
    contacts: str
    account: str
    wished_share: Decimal | None = None
    consents: bool = False


def answer_questionnaire(*, party: ConflictParty, answers: Answers, actor_id: int, at: datetime) -> None:
    """Keep a firm's answers; it may complete them as long as the conflict is open."""
    _check_open(party)
    faults: dict[str, str] = {}
    if not answers.roles or set(answers.roles) - set(ProjectRole):
        faults["roles"] = "not_a_choice" if answers.roles else "required"
    for name in ("contacts", "account"):
        if not getattr(answers, name).strip():
            faults[name] = "required"
    if answers.wished_share is not None and not 0 <= answers.wished_share <= 1:
        faults["wished_share"] = "share_out_of_bounds"
    if faults:
        raise Invalid(faults)
    party.roles = [role.value for role in ProjectRole if role in answers.roles]
    party.evidence_on, party.wished_share = answers.evidence_on, answers.wished_share
    party.contacts, party.account = answers.contacts.strip(), answers.account.strip()
    party.consents = answers.consents
    party.answered_at, party.answered_by_id = at, actor_id
    _record("conflict.answered", party, actor_id, at)


def sign_split(*, party: ConflictParty, actor_id: int, at: datetime) -> None:
    """Agree to the part offered; when every firm has signed, the workers carry the split out."""
    _check_offer(party)
    party.signed_at, party.signed_by_id = at, actor_id
    _record("conflict.signed", party, actor_id, at)
    db.session.execute(select(func.leave_to_workers("conflicts.settle", party.conflict_id)))


def decline_split(*, party: ConflictParty, actor_id: int, at: datetime) -> None:
    """Refuse the part offered; the lead will settle the conflict otherwise."""
    _check_offer(party)
    party.declined_at, party.declined_by_id = at, actor_id
    _record("conflict.declined", party, actor_id, at)
    db.session.execute(select(func.leave_to_workers("conflicts.settle", party.conflict_id)))


def _check_open(party: ConflictParty) -> None:
    if party.settled_at is not None:
        raise Refused("conflict_moved_on")


def _check_offer(party: ConflictParty) -> None:
    _check_open(party)
    if party.offered_share is None or party.signed_at is not None or party.declined_at is not None:
        raise Refused("conflict_moved_on")


def _record(action: str, party: ConflictParty, actor_id: int, at: datetime) -> None:
    db.session.flush()
    claim = db.session.get_one(Claim, party.claim_id)
    audit.record(
        action, subject=("claim", claim.reference), at=at, actor_id=actor_id, partner_id=party.partner_id
    )
