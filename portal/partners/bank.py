"""A known bank account changes by two people: the firm asks, finance confirms with it, and payments wait."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from portal import audit
from portal.db import AnyRow, db
from portal.errors import Invalid, NotFound, Refused
from portal.partners.emails import tell_of_bank_account
from portal.partners.models import BankChange, BillingProfile, Partner
from portal.users.models import User

DELAY = timedelta(days=5)  # in which nothing is paid to a new account, and the firm may cry out


def propose_bank_change(
    *, profile: BillingProfile, iban: str | None, actor_id: int, at: datetime
) -> BankChange:
    """An administrator of the firm asks to be paid elsewhere, or nowhere."""
    if find_open_bank_change(profile.partner_id) is not None:
        raise Invalid({"iban": "bank_change_open"})
    change = BankChange(
        partner_id=profile.partner_id, iban=iban, iban_before=profile.iban or "", proposed_by_id=actor_id,
        proposed_at=at,
    )  # fmt: skip
    db.session.add(change)
    db.session.flush()
    _note("bank.change_proposed", change, actor_id=actor_id, at=at)
    _tell("asked", change, at=at)
    return change


def decide_bank_change(
    *, change: BankChange, confirmed: bool, note: str, actor_id: int, at: datetime, on: date
) -> None:
    """Finance, having asked the firm by a number known before, lets the account change or refuses it."""
    if change.decided_at is not None:
        raise Refused("bank_change_decided")
    if not note:
        raise Refused("bank_note_missing")
    change.decided_by_id, change.decided_at, change.confirmed, change.note = actor_id, at, confirmed, note
    db.session.flush()
    if confirmed:
        profile = db.session.get_one(BillingProfile, change.partner_id)
        profile.iban, profile.bank_held_until = change.iban, on + DELAY
    action = "bank.change_confirmed" if confirmed else "bank.change_refused"
    _note(action, change, actor_id=actor_id, at=at)
    if confirmed:
        _tell("confirmed", change, at=at, pays_on=(on + DELAY).isoformat())
    else:
        _tell("refused", change, at=at)


def _tell(stage: str, change: BankChange, *, at: datetime, **words: str) -> None:
    tell_of_bank_account(
        change.partner_id, stage, before=change.iban_before, after=change.iban or "",
        asked_by_id=change.proposed_by_id, at=at, **words,
    )  # fmt: skip


def _note(action: str, change: BankChange, *, actor_id: int, at: datetime) -> None:
    firm = change.partner_id
    audit.record(
        action, subject=("partner", firm), at=at, actor_id=actor_id, partner_id=firm,
        iban_before=change.iban_before[-4:], iban_after=(change.iban or "")[-4:], note=change.note or "",
    )  # fmt: skip


def find_open_bank_change(partner_id: int) -> BankChange | None:
    """The firm's change that waits for a decision."""
    return db.session.execute(
        select(BankChange).where(BankChange.partner_id == partner_id, BankChange.decided_at.is_(None))
    ).scalar_one_or_none()


def list_bank_changes() -> Sequence[AnyRow]:
    """Every change that waits, the oldest first, with whom to call."""
    return db.session.execute(
        select(
            *(BankChange.public_id, BankChange.iban, BankChange.iban_before, BankChange.proposed_at),
            *(Partner.code, Partner.legal_name, User.name.label("proposed_by"), User.phone),
        )
        .join(Partner, Partner.id == BankChange.partner_id)
        .join(User, User.id == BankChange.proposed_by_id)
        .where(BankChange.decided_at.is_(None))
        .order_by(BankChange.id)
    ).all()


def get_bank_change(public_id: UUID) -> BankChange:
    """One change; NotFound where the reader may not see it or there is none."""
    query = select(BankChange).where(BankChange.public_id == public_id)
    found = db.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found
