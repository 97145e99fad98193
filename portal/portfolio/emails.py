"""Who is told of a handover: the firm, the PAM who leaves and the PAM who comes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from portal import mail
from portal.db import AnyRow, db
from portal.mail import Recipient
from portal.partners.models import Partner
from portal.portfolio.models import PamAssignment
from portal.users.models import Role, User, UserState


def tell_of_handover(
    *, before: Mapping[int, int], pam: User, starts_on: date, reason: str, purpose: str, at: datetime
) -> None:
    """One mail to each firm's administrators, one to the PAM who comes, one to each PAM who leaves.

    `before` says who followed each partner until then.
    """
    partners = {
        row.id: row
        for row in db.session.execute(
            select(Partner.id, Partner.legal_name, Partner.code).where(Partner.id.in_(before))
        )
    }
    leaving = {
        user.id: user
        for user in db.session.execute(select(User).where(User.id.in_(before.values()))).scalars()
    }
    words: dict[str, Any] = {
        "pam": pam.name,
        "phone": pam.phone,
        "email": pam.email,
        "starts_on": starts_on.isoformat(),
        "note": reason,
        "previous": "",
    }
    _tell_firms(before, partners, leaving, purpose, at, words)
    came = [f"{row.legal_name} ({row.code})" for row in partners.values()]
    mail.queue(
        "pam.changed", to=[_recipient(pam)], purpose=f"{purpose}:to", at=at, audience="new",
        path="/staff/portfolio", firms=came, **words,
    )  # fmt: skip
    for user in leaving.values():
        gone = [
            f"{partners[key].legal_name} ({partners[key].code})"
            for key, who in before.items()
            if who == user.id
        ]
        mail.queue(
            "pam.changed", to=[_recipient(user)], purpose=f"{purpose}:from", at=at, audience="old",
            path="/staff/portfolio", firms=gone, **words,
        )  # fmt: skip


def _tell_firms(
    before: Mapping[int, int],
    partners: Mapping[int, AnyRow],
    leaving: Mapping[int, User],
    purpose: str,
    at: datetime,
    words: Mapping[str, Any],
) -> None:
    people: dict[int, list[Recipient]] = {}
    rows: Sequence[AnyRow] = db.session.execute(
        select(User.partner_id, User.email, User.name, User.locale, User.id).where(
            User.partner_id.in_(before), User.role == Role.PARTNER_ADMIN, User.state == UserState.ACTIVE
        )
    ).all()
    for row in rows:
        people.setdefault(row.partner_id, []).append(Recipient(*row[1:]))
    for partner_id, recipients in people.items():
        mail.queue(
            "pam.changed", to=recipients, purpose=f"{purpose}:{partner_id}", at=at, partner_id=partner_id,
            audience="firm", path="/", firms=[partners[partner_id].legal_name],
            **{**words, "previous": leaving[before[partner_id]].name},
        )  # fmt: skip


def tell_deputy(*, deputy: User, pam_id: int, starts_on: date, last_day: date, at: datetime) -> None:
    """The deputy is told who is away, when, and that their claims are in the queue meanwhile."""
    absent = db.session.execute(select(User.name).where(User.id == pam_id)).scalar_one()
    mail.queue(
        "absence.set", to=[_recipient(deputy)], purpose=f"{pam_id}:{deputy.id}:{at.isoformat()}", at=at,
        absent=absent, starts_on=starts_on.isoformat(), last_day=last_day.isoformat(),
    )  # fmt: skip


def tell_of_leaving(partner: Partner, *, last_day: date, reason: str, at: datetime) -> None:
    """The firm's administrators and its PAM learn of its last day and of what stays open to it."""
    pam = (
        select(PamAssignment.pam_id)
        .where(PamAssignment.partner_id == partner.id)
        .order_by(PamAssignment.starts_on.desc())
        .limit(1)
        .scalar_subquery()
    )
    people = db.session.execute(
        select(User).where(
            User.state == UserState.ACTIVE,
            (User.id == pam) | ((User.partner_id == partner.id) & (User.role == Role.PARTNER_ADMIN)),
        )
    ).scalars()
    for user in people:
        mail.queue(
            "partner.left", to=[_recipient(user)], purpose=f"{partner.id}:{last_day}:{at.isoformat()}", at=at,
            partner_id=partner.id, audience="firm" if user.partner_id else "pam", firm=partner.legal_name,
            code=partner.code, last_day=last_day.isoformat(), note=reason,
            path="/statements" if user.partner_id else f"/staff/partners/{partner.public_id}",
        )  # fmt: skip


def _recipient(user: User) -> Recipient:
    return Recipient(user.email, user.name, user.locale, user.id)
