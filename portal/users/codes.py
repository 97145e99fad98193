"""One-time codes: made while a mail is written, kept as hashes, used once. Always on real time."""

from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from portal.db import AnyRow, db
from portal.users.models import CodePurpose, OneTimeCode, User, UserState
from portal.users.secrets import digest, new_secret

LIFETIMES = {CodePurpose.INVITATION: timedelta(days=7), CodePurpose.RESET: timedelta(hours=1)}


def issue_code(user_id: int, purpose: CodePurpose, at: datetime) -> str:
    """A new code for this person; only its hash is kept, and never read back by whoever issues it."""
    code = new_secret()
    row = {"purpose": purpose.value, "user_id": user_id, "code_hash": digest(code), "created_at": at}
    db.session.execute(insert(OneTimeCode).values(**row, expires_at=at + LIFETIMES[purpose]).inline())
    return code


def find_code_owner(code: str, purpose: CodePurpose, *, at: datetime) -> AnyRow | None:
    """(id, email, name, locale) of whom this unused code was sent to; at the gate only."""
    return db.session.execute(
        select(User.id, User.email, User.name, User.locale)
        .join(OneTimeCode, OneTimeCode.user_id == User.id)
        .where(OneTimeCode.code_hash == digest(code), OneTimeCode.purpose == purpose)
        .where(OneTimeCode.used_at.is_(None), OneTimeCode.expires_at > at)
        .where(User.state != UserState.DEACTIVATED)
    ).one_or_none()


def use_up(code: str, purpose: CodePurpose, *, user_id: int, at: datetime) -> bool:
    """Spend this code and its siblings; False when somebody else just did."""
    used = db.session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.user_id == user_id, OneTimeCode.purpose == purpose, OneTimeCode.used_at.is_(None))
        .values(used_at=at)
        .returning(OneTimeCode.code_hash)
    ).scalars()
    return digest(code) in set(map(bytes, used))
