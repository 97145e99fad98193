"""Disputes, what is said about them, and what firms expected."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import FetchedValue

from portal.db import Instant, Model, Money, words
from portal.statements.models import DisputedKind


class DisputeReason(StrEnum):
    """Why a line is contested."""

    AMOUNT = "amount"
    SHARE = "share"
    NOT_COUNTED = "not_counted"
    CALCULATION = "calculation"
    OBJECTIVE = "objective"
    ADJUSTMENT = "adjustment"
    RECONCILIATION = "reconciliation"
    OTHER = "other"


class DisputeState(StrEnum):
    """Where a dispute stands."""

    OPEN = "open"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class Cause(StrEnum):
    """Why an amount that a firm expected differs from what is stated."""

    SAME = "same"
    NOT_DECLARED = "not_declared"
    PENDING = "pending"
    REJECTED = "rejected"
    CAPPED = "capped"
    OTHER_PERIOD = "other_period"
    SHARE = "share"
    WEIGHT = "weight"
    AMOUNT = "amount"
    UNKNOWN = "unknown"


class Dispute(Model):
    """One or more lines of a statement contested together."""

    __tablename__ = "disputes"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    statement_id: Mapped[int] = mapped_column(ForeignKey("statements.id"))
    position: Mapped[int]
    reason: Mapped[DisputeReason] = mapped_column(words(DisputeReason))
    state: Mapped[DisputeState] = mapped_column(words(DisputeState), default=DisputeState.OPEN)
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    opened_on: Mapped[date]
    decide_by: Mapped[date]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    reconciliation_id: Mapped[int | None]


class DisputeMessage(Model):
    """What one side said to the other; never changed."""

    __tablename__ = "dispute_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    dispute_id: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    words: Mapped[str]


class Reconciliation(Model):
    """A file in which a firm says what it expected of a statement."""

    __tablename__ = "reconciliations"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    partner_id: Mapped[int]
    statement_id: Mapped[int]
    name: Mapped[str]
    sha256: Mapped[str]
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime] = mapped_column(Instant)


class ReconciliationLine(Model):
    """One line of it beside the figure of the statement, and why they differ."""

    __tablename__ = "reconciliation_lines"

    reconciliation_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    reference: Mapped[str]
    order_no: Mapped[str]
    expected: Mapped[Decimal | None] = mapped_column(Money)
    stated: Mapped[Decimal | None] = mapped_column(Money)
    cause: Mapped[Cause] = mapped_column(words(Cause))
    kind: Mapped[DisputedKind | None] = mapped_column(words(DisputedKind))
    key: Mapped[str | None]
