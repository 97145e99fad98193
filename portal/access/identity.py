"""Who is behind a session token."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_login import UserMixin
from sqlalchemy import select, text

from portal.db import Identity, acting_as, db, transaction
from portal.users.models import Role, User


@dataclass(frozen=True)
class Person(UserMixin):
    """Somebody signed in; a PAM who looks at the portal as a firm does is, meanwhile, a member of it."""

    id: int
    public_id: UUID
    session_id: int
    token: str
    role: Role
    partner_id: int | None
    name: str
    email: str
    locale: str
    segment: str | None
    tele: bool
    expires_at: datetime
    viewing: bool = False

    @property
    def identity(self) -> Identity:
        """What PostgreSQL is told at the start of each of this person's transactions."""
        return Identity(self.token, self.role.database_role, only_reads=self.viewing)

    def get_id(self) -> str:
        """The session, not the person: signing out ends this one alone."""
        return str(self.session_id)


def resume(token: str) -> Person | None:
    """The person whose live session this token opens; keeps the session awake."""
    with acting_as(Identity(token)):
        with transaction() as session:
            found = session.execute(
                text(
                    "select user_id, session_id, role, expires_at, identity_viewed() as viewed"
                    " from resume_session(:token)"
                ),
                {"token": token},
            ).one_or_none()
        if found is None:
            return None
    role = Role.PARTNER_MEMBER if found.viewed else Role(found.role)
    with acting_as(Identity(token, role.database_role)):
        user = db.session.execute(
            select(
                User.public_id, User.partner_id, User.name, User.email, User.locale, User.segment, User.tele
            ).where(User.id == found.user_id)
        ).one()
    return Person(
        id=found.user_id,
        session_id=found.session_id,
        token=token,
        role=role,
        expires_at=found.expires_at,
        viewing=found.viewed is not None,
        **{**user._mapping, **({"partner_id": found.viewed} if found.viewed else {})},
    )


def followed_partner_ids() -> frozenset[int]:
    """Partners that the current person follows today, as PostgreSQL itself sees it."""
    return frozenset(db.session.execute(text("select identity_partner_ids()")).scalar() or ())
