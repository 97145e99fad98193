"""Signing in and out. Runs at the gate, on real time."""

from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from portal import audit
from portal.db import AnyRow, db
from portal.users import attempts, passwords
from portal.users.models import UserSecret, UserSession, UserState
from portal.users.queries import find_for_sign_in
from portal.users.secrets import digest, new_secret

LIFETIME = timedelta(hours=12)
IDLE = timedelta(minutes=30)


def sign_in(
    *, email: str, password: str, address: str, at: datetime, replaces: str = "", user_agent: str = ""
) -> str | None:
    """Token of a new session; None alike for somebody unknown, a wrong password, a wait, a closed account."""
    email = email.strip().lower()
    subjects = attempts.person(email), attempts.network(address)
    waits = attempts.are_locked(*subjects, at=at)
    user = find_for_sign_in(email)
    right = passwords.matches(user.password_hash if user else None, password)
    if waits:
        return None
    if user is None or not right or user.state is not UserState.ACTIVE:
        locked = [attempts.count_failure(subject, at=at) for subject in subjects]
        if user is not None and locked[0]:
            audit.record(
                "user.locked", subject=("user", user.id), at=at, actor_id=None, partner_id=user.partner_id
            )
        return None
    attempts.forget(subjects[0])
    if passwords.is_outdated(user.password_hash):
        store_password(user.id, password, at=at)
    end_session(replaces, at=at)
    return open_session(user.id, partner_id=user.partner_id, at=at, user_agent=user_agent)


def open_session(user_id: int, *, partner_id: int | None, at: datetime, user_agent: str = "") -> str:
    """A new session of this person: its token, of which only the hash is kept."""
    token = new_secret()
    db.session.execute(
        insert(UserSession).values(
            token_hash=digest(token),
            user_id=user_id,
            created_at=at,
            last_seen_at=at,
            expires_at=at + LIFETIME,
            user_agent=user_agent[:300],
        )
    )
    audit.record("user.signed_in", subject=("user", user_id), at=at, actor_id=user_id, partner_id=partner_id)
    return token


def end_session(token: str, *, at: datetime) -> int | None:
    """End the session of this token, if it is live; whose it was."""
    return db.session.execute(
        update(UserSession)
        .where(
            UserSession.token_hash == digest(token),
            UserSession.revoked_at.is_(None),
            UserSession.service.is_(None),
        )
        .values(revoked_at=at)
        .returning(UserSession.user_id)
    ).scalar_one_or_none()


def sign_out(*, token: str, at: datetime) -> None:
    """End this session at once."""
    user_id = end_session(token, at=at)
    if user_id is not None:
        audit.record("user.signed_out", subject=("user", user_id), at=at, actor_id=user_id)


def view_partner(*, token: str, partner_id: int | None, at: datetime) -> None:
    """Look at the portal as this firm's members do, from this session alone; None = as oneself again.

    PostgreSQL grants it to a PAM who follows the firm, for as long as that lasts, and to nobody else.
    """
    row = db.session.execute(
        update(UserSession)
        .where(UserSession.token_hash == digest(token), UserSession.revoked_at.is_(None))
        .values(views_partner_id=partner_id)
        .returning(UserSession.user_id)
    ).one()
    action = "partner.view_ended" if partner_id is None else "partner.viewed"
    audit.record(action, subject=("user", row.user_id), at=at, actor_id=row.user_id, partner_id=partner_id)


def list_sessions(user_id: int, *, at: datetime) -> list[AnyRow]:
    """(id, created_at, last_seen_at, user_agent) of the person's live sessions, the last used first."""
    return list(
        db.session.execute(
            select(UserSession.id, UserSession.created_at, UserSession.last_seen_at, UserSession.user_agent)
            .where(
                UserSession.user_id == user_id, UserSession.revoked_at.is_(None), UserSession.expires_at > at,
                UserSession.last_seen_at > at - IDLE,
            )
            .order_by(UserSession.last_seen_at.desc())
        )
    )  # fmt: skip


def revoke_other_sessions(*, user_id: int, token: str, at: datetime) -> int:
    """End every session of this person but the one of this token; how many there were."""
    ended = end_sessions(user_id, at=at, but=token)
    audit.record("user.sessions_ended", subject=("user", user_id), at=at, actor_id=user_id, ended=ended)
    return ended


def end_sessions(user_id: int, *, at: datetime, but: str = "") -> int:
    """End the sessions of this person, except that of the token; how many there were."""
    ended = db.session.execute(
        update(UserSession)
        .where(
            UserSession.user_id == user_id, UserSession.revoked_at.is_(None), UserSession.expires_at > at,
            UserSession.token_hash != digest(but),
        )
        .values(revoked_at=at)
        .returning(UserSession.id)
    )  # fmt: skip
    return len(ended.all())


def store_password(user_id: int, password: str, *, at: datetime) -> None:
    """Keep the hash of this person's new password."""
    kept = {"password_hash": passwords.hash_password(password), "changed_at": at}
    db.session.execute(
        upsert(UserSecret)
        .values(user_id=user_id, **kept)
        .on_conflict_do_update(index_elements=["user_id"], set_=kept)
    )
