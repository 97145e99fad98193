"""Conflicts as the lead knows them, and each firm's own side of one."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Numeric, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import FetchedValue

from portal.db import Instant, Model, words


class ConflictState(StrEnum):
    """Suspected until a person confirms it; open until it has an exit."""

    SUSPECTED = "suspected"
    OPEN = "open"
    SETTLED = "settled"
    DISMISSED = "dismissed"


class Cause(StrEnum):
    """What two declarations have in common, the surest first."""

    ORDER = "order"
    ENROLMENT = "enrolment"
    CUSTOMER = "customer"
    NAME = "name"

    @property
    def certain(self) -> bool:
        """Whether nobody needs to confirm it: the same order or enrolment of the same customer."""
        return self in (Cause.ORDER, Cause.ENROLMENT)


class Outcome(StrEnum):
    """How a conflict ends."""

    UNFOUNDED = "unfounded"
    DISJOINT = "disjoint"
    SPLIT = "split"
    RULE = "rule"
    ARBITRATED = "arbitrated"


class ConflictPolicy(StrEnum):
    """The published rule of a plan."""

    BEST_EVIDENCE = "best_evidence"
    FIRST_COMPLETE = "first_complete"
    SPLIT = "split"


class Conflict(Model):
    """Declarations of one project by several firms."""

    __tablename__ = "conflicts"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    state: Mapped[ConflictState] = mapped_column(words(ConflictState))
    cause: Mapped[Cause] = mapped_column(words(Cause))
    families: Mapped[list[str]] = mapped_column(ARRAY(Text))
    found_at: Mapped[datetime] = mapped_column(Instant)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    outcome: Mapped[Outcome | None] = mapped_column(words(Outcome))
    policy: Mapped[ConflictPolicy | None] = mapped_column(words(ConflictPolicy))
    reasons: Mapped[str] = mapped_column(default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


class ConflictParty(Model):
    """One firm's side: what it is told, answers and signs, and what it ends with."""

    __tablename__ = "conflict_parties"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    conflict_id: Mapped[int] = mapped_column(ForeignKey("conflicts.id"))
    partner_id: Mapped[int]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    found_in: Mapped[str | None]
    stated: Mapped[bool] = mapped_column(default=False)
    told_at: Mapped[datetime | None] = mapped_column(Instant)
    due_on: Mapped[date | None]
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    evidence_on: Mapped[date | None]
    contacts: Mapped[str] = mapped_column(default="")
    account: Mapped[str] = mapped_column(default="")
    wished_share: Mapped[Decimal | None] = mapped_column(Numeric)
    consents: Mapped[bool] = mapped_column(default=False)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    offered_share: Mapped[Decimal | None] = mapped_column(Numeric)
    offered_at: Mapped[datetime | None] = mapped_column(Instant)
    signed_at: Mapped[datetime | None] = mapped_column(Instant)
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    declined_at: Mapped[datetime | None] = mapped_column(Instant)
    declined_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    share: Mapped[Decimal | None] = mapped_column(Numeric)
    outcome: Mapped[Outcome | None] = mapped_column(words(Outcome))
    told: Mapped[str] = mapped_column(default="")
    settled_at: Mapped[datetime | None] = mapped_column(Instant)


class PolicyOfPlan(Model):
    """Which rule settles conflicts of a plan's claims; best evidence where nothing is said."""

    __tablename__ = "conflict_policies"

    plan_code: Mapped[str] = mapped_column(primary_key=True)
    policy: Mapped[ConflictPolicy] = mapped_column(words(ConflictPolicy))
    set_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    set_at: Mapped[datetime] = mapped_column(Instant)
