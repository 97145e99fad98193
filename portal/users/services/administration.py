"""What administrators change: who comes in, as what, and who leaves. Runs as the administrator."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from portal import audit
from portal.db import db
from portal.errors import Invalid, Refused
from portal.users.models import Role, User, UserState
from portal.users.services.codes import queue_invitation


def invite_user(
    *,
    email: str,
    name: str,
    role: Role,
    actor_id: int,
    actor_name: str,
    at: datetime,
    partner_id: int | None = None,
    firm: str = "",
    locale: str = "fr",
    phone: str = "",
    segment: str | None = None,
    tele: bool = False,
) -> User:
    """A new person, who will choose a password through the link that is mailed."""
    if role.is_partner != (partner_id is not None):
        raise Invalid({"role": "role_elsewhere"})
    if db.session.execute(select(User.id).where(User.email == email)).first():
        raise Invalid({"email": "email_taken"})
    user = User(
        email=email, name=name, role=role, partner_id=partner_id, locale=locale, phone=phone, segment=segment,
        tele=tele, state=UserState.INVITED, created_at=at,
    )  # fmt: skip
    db.session.add(user)
    db.session.flush()
    audit.record(
        "user.invited", subject=("user", user.id), at=at, actor_id=actor_id, partner_id=partner_id, role=role
    )
    queue_invitation(user, purpose=f"{user.id}:{at:%Y%m%d%H%M}", invited_by=actor_name, firm=firm, at=at)
    return user


def resend_invitation(*, user: User, actor_id: int, actor_name: str, at: datetime, firm: str = "") -> None:
    """Invite somebody again who has not come yet, or who had left."""
    if user.state is UserState.ACTIVE:
        raise Refused("user_already_in")
    user.state = UserState.INVITED
    audit.record(
        "user.invited_again", subject=("user", user.id), at=at, actor_id=actor_id, partner_id=user.partner_id
    )
    queue_invitation(user, purpose=f"{user.id}:{at:%Y%m%d%H%M}", invited_by=actor_name, firm=firm, at=at)


def change_role(*, user: User, role: Role, actor_id: int, at: datetime) -> None:
    """Another role on the same side; PostgreSQL ends the person's sessions with it."""
    if user.id == actor_id:
        raise Refused("not_oneself")
    if role.is_partner != user.role.is_partner:
        raise Invalid({"role": "role_elsewhere"})
    before, user.role = user.role, role
    audit.record(
        "user.role_changed", subject=("user", user.id), at=at, actor_id=actor_id, partner_id=user.partner_id,
        before=before, after=role,
    )  # fmt: skip
    db.session.flush()


def set_approval_limit(*, user: User, limit: Decimal | None, actor_id: int, at: datetime) -> None:
    """Up to what credit an account manager approves alone; none = the programme's own limit."""
    if user.role is not Role.PAM:
        raise Refused("not_a_pam")
    before, user.approval_limit = user.approval_limit, limit
    audit.record(
        "user.limit_set", subject=("user", user.id), at=at, actor_id=actor_id,
        before=str(before) if before is not None else None, after=str(limit) if limit is not None else None,
    )  # fmt: skip
    db.session.flush()


def deactivate_user(*, user: User, actor_id: int, at: datetime) -> None:
    """Somebody leaves; PostgreSQL ends their sessions with it, and keeps a PAM who still follows partners."""
    if user.id == actor_id:
        raise Refused("not_oneself")
    user.state = UserState.DEACTIVATED
    audit.record(
        "user.deactivated", subject=("user", user.id), at=at, actor_id=actor_id, partner_id=user.partner_id
    )
    db.session.flush()
