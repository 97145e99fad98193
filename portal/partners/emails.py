"""Who of a firm is told of what changes in its money; the words are in `templates/emails/bank_changed`."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from portal import mail
from portal.db import db
from portal.mail import Recipient
from portal.partners.models import Partner
from portal.users.models import Role, User, UserState


def administrators_of(partner_id: int) -> list[Recipient]:
    """The administrators of a firm, each to be written to in their language."""
    rows = db.session.execute(
        select(User.email, User.name, User.locale, User.id)
        .where(User.partner_id == partner_id, User.role == Role.PARTNER_ADMIN, User.state == UserState.ACTIVE)
        .order_by(User.id)
    )
    return [Recipient(*row) for row in rows]


def tell_of_bank_account(
    partner_id: int, stage: str, *, before: str, after: str, asked_by_id: int, at: datetime, **words: Any
) -> None:
    """All administrators, who asked included, learn of it: whoever took an account over cannot hide it.

    `stage` is first, asked, confirmed or refused.
    """
    firm = db.session.execute(select(Partner.legal_name).where(Partner.id == partner_id)).scalar_one()
    author = db.session.execute(select(User.name).where(User.id == asked_by_id)).scalar() or ""
    mail.queue(
        "bank.changed", to=administrators_of(partner_id), purpose=f"{partner_id}:{stage}:{at.isoformat()}",
        at=at, partner_id=partner_id, priority=1, stage=stage, firm=firm, author=author,
        told_at=at.isoformat(), iban_before=masked(before), iban_after=masked(after), **words,
    )  # fmt: skip


def masked(iban: str) -> str:
    """Enough of an account's number to know it by, and no more."""
    return f"{iban[:4]} •••• {iban[-4:]}" if iban else ""
