"""People and how they sign in."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import FetchedValue

from portal.db import Instant, Model, Money, words


class Role(StrEnum):
    """What a person may be; the first two belong to partner firms, the others to the vendor."""

    PARTNER_MEMBER = "partner_member"
    PARTNER_ADMIN = "partner_admin"
    PAM = "pam"
    SEGMENT_LEAD = "segment_lead"
    PROGRAMME_MANAGER = "programme_manager"
    FINANCE = "finance"
    ADMIN = "admin"
    AUDITOR = "auditor"

    @property
    def is_partner(self) -> bool:
        """Whether people of this role belong to a partner firm."""
        return self in {Role.PARTNER_MEMBER, Role.PARTNER_ADMIN}

    @property
    def database_role(self) -> str:
        """The PostgreSQL role that transactions of such people play."""
        if self.is_partner:
            return "portal_partner"
        return "portal_staff" if self in {Role.SEGMENT_LEAD, Role.PROGRAMME_MANAGER} else f"portal_{self}"


class UserState(StrEnum):
    """Invited people have no password yet; deactivated ones cannot sign in."""

    INVITED = "invited"
    ACTIVE = "active"
    DEACTIVATED = "deactivated"


class User(Model):
    """A person who may sign in.

    `tele` marks the desk that answers for tele-managed partners; `approval_limit` is lower than everybody's.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    email: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="fr")
    role: Mapped[Role] = mapped_column(words(Role))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partners.id"))
    segment: Mapped[str | None]
    tele: Mapped[bool] = mapped_column(default=False)
    approval_limit: Mapped[Decimal | None] = mapped_column(Money)
    state: Mapped[UserState] = mapped_column(words(UserState), default=UserState.INVITED)
    created_at: Mapped[datetime] = mapped_column(Instant)


class UserSecret(Model):
    """A password's argon2id hash; readable only at the gate."""

    __tablename__ = "user_secrets"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    password_hash: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(Instant)


class UserSession(Model):
    """A signed-in browser, or the workers' service identity, known by the hash of its token."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    service: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    user_agent: Mapped[str] = mapped_column(default="")
    views_partner_id: Mapped[int | None] = mapped_column(ForeignKey("partners.id"))


class CodePurpose(StrEnum):
    """What a one-time code opens."""

    INVITATION = "invitation"
    RESET = "reset"


class OneTimeCode(Model):
    """A code sent by mail, usable once before it expires."""

    __tablename__ = "one_time_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[CodePurpose] = mapped_column(words(CodePurpose))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    code_hash: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class SignInFailure(Model):
    """Failed sign-ins of one address (person or network), kept where a cache flush cannot reset them."""

    __tablename__ = "sign_in_failures"

    subject: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(Instant)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)
