"""Who is told of what happens to a dispute; the words are in `templates/emails/dispute_*`."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal import claims, mail
from portal.calendar import paris_date
from portal.db import db
from portal.disputes.models import Dispute, DisputeMessage
from portal.mail import Recipient
from portal.partners.models import Partner
from portal.statements.models import Statement
from portal.users.models import Role, User, UserState

_person = (User.email, User.name, User.locale, User.id)


def tell_the_vendor(
    dispute: Dispute, statement: Statement, kind: str, *, at: datetime, actor_id: int, **words: Any
) -> None:
    """Write to the account manager or the deputy, and to whoever of the vendor has taken part."""
    people = [*claims.pam_of(dispute.partner_id, paris_date(at)), *_taken_part(dispute, firm=False)]
    _tell(dispute, statement, kind, people, f"/staff/disputes/{dispute.public_id}", at, actor_id, words)


def tell_the_firm(
    dispute: Dispute, statement: Statement, kind: str, *, at: datetime, actor_id: int, **words: Any
) -> None:
    """Write to who opened it; to the administrators of the firm when that person is gone."""
    _tell(dispute, statement, kind, _of_firm(dispute), f"/disputes/{dispute.public_id}", at, actor_id, words)


def _of_firm(dispute: Dispute) -> list[Recipient]:
    active = select(*_person).where(User.partner_id == dispute.partner_id, User.state == UserState.ACTIVE)
    found = db.session.execute(active.where(User.id == dispute.opened_by_id)).all()
    found = found or db.session.execute(active.where(User.role == Role.PARTNER_ADMIN)).all()
    return [Recipient(*row) for row in found]


def _taken_part(dispute: Dispute, *, firm: bool) -> list[Recipient]:
    authors = select(DisputeMessage.author_id).where(DisputeMessage.dispute_id == dispute.id)
    rows = db.session.execute(
        select(*_person)
        .where(User.id.in_(authors), User.state == UserState.ACTIVE)
        .where(User.partner_id.is_not(None) if firm else User.partner_id.is_(None))
    )
    return [Recipient(*row) for row in rows]


def _tell(
    dispute: Dispute, statement: Statement, kind: str, to: list[Recipient], path: str, at: datetime,
    actor_id: int, words: dict[str, Any],
) -> None:  # fmt: skip
    """One mail per message and person; nobody is told of what they wrote themselves."""
    firm = db.session.execute(select(Partner.legal_name).where(Partner.id == dispute.partner_id)).scalar_one()
    said = select(func.count()).where(DisputeMessage.dispute_id == dispute.id)
    purpose = f"{dispute.id}:{db.session.execute(said).scalar_one()}"
    others = {one.email: one for one in to if one.user_id != actor_id}
    mail.queue(
        kind, to=others.values(), purpose=purpose, at=at, partner_id=dispute.partner_id, path=path,
        number=statement.number, position=dispute.position, firm=firm, reason=dispute.reason,
        decide_by=dispute.decide_by.isoformat(), **words,
    )  # fmt: skip
