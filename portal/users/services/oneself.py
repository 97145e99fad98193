"""What people change of themselves. Runs at the gate, which alone may write them."""

from datetime import datetime

from sqlalchemy import select

from portal import audit
from portal.db import db
from portal.errors import Invalid
from portal.users import attempts, passwords
from portal.users.models import User, UserSecret
from portal.users.passwords import check_password
from portal.users.services.sessions import end_sessions, open_session, store_password


def _oneself(user_id: int) -> User:
    return db.session.execute(select(User).where(User.id == user_id)).scalar_one()


def update_profile(*, user_id: int, name: str, phone: str, locale: str, at: datetime) -> None:
    """A new name, phone number or language."""
    user = _oneself(user_id)
    user.name, user.phone, user.locale = name, phone, locale
    audit.record(
        "user.profile_updated", subject=("user", user_id), at=at, actor_id=user_id, partner_id=user.partner_id
    )


def change_locale(*, user_id: int, locale: str) -> None:
    """Read in this language from now on; too small a thing for the record."""
    _oneself(user_id).locale = locale


def change_password(
    *, user_id: int, current: str, password: str, at: datetime, user_agent: str = ""
) -> str | None:
    """A new password in exchange for the current one: every session ends; token of the new one.

    None when the current one is wrong: it counts as a failed sign-in.
    """
    user = _oneself(user_id)
    kept = db.session.execute(select(UserSecret.password_hash).where(UserSecret.user_id == user_id)).scalar()
    subject = attempts.person(user.email)
    if attempts.are_locked(subject, at=at) or not passwords.matches(kept, current):
        attempts.count_failure(subject, at=at)
        return None
    check_password(password, email=user.email)
    if password == current:
        raise Invalid({"password": "password_same"})
    store_password(user_id, password, at=at)
    end_sessions(user_id, at=at)
    audit.record(
        "user.password_changed",
        subject=("user", user_id),
        at=at,
        actor_id=user_id,
        partner_id=user.partner_id,
    )
    return open_session(user_id, partner_id=user.partner_id, at=at, user_agent=user_agent)
