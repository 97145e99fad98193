"""Statements: issued once, replaced only by another that refers to them."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import FetchedValue

from portal.db import Instant, Model, Money, words


class Statement(Model):
    """A partner's statement of a period: its number, and the document frozen when it was issued."""

    __tablename__ = "statements"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"))
    result_id: Mapped[int] = mapped_column(ForeignKey("margin_results.id"))
    number: Mapped[str]
    serial: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("statements.id"))
    locale: Mapped[str]
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    document_sha256: Mapped[str]
    short_code: Mapped[str]
    payable: Mapped[Decimal] = mapped_column(Money)
    issued_on: Mapped[date]
    issued_at: Mapped[datetime] = mapped_column(Instant)
    dispute_until: Mapped[date]


class StatementFile(Model):
    """The PDF of a statement, by the hash of its content and the renderer that made it."""

    __tablename__ = "statement_files"

    statement_id: Mapped[int] = mapped_column(ForeignKey("statements.id"), primary_key=True)
    renderer: Mapped[str] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    sha256: Mapped[str]
    size: Mapped[int]
    rendered_at: Mapped[datetime] = mapped_column(Instant)


class DisputedKind(StrEnum):
    """What a line of a statement is."""

    CLAIM = "claim"
    NOT_COUNTED = "not_counted"
    ADJUSTMENT = "adjustment"
    COMPONENT = "component"
    OBJECTIVE = "objective"
    CARRY_IN = "carry_in"


class LineState(StrEnum):
    """What became of a disputed line: upheld stays as stated, accepted calls for an adjustment."""

    OPEN = "open"
    UPHELD = "upheld"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class DisputedLine(Model):
    """A figure of the statement that is contested, and how much of the payment waits for it."""

    __tablename__ = "dispute_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    dispute_id: Mapped[int]
    statement_id: Mapped[int]
    kind: Mapped[DisputedKind] = mapped_column(words(DisputedKind))
    key: Mapped[str]
    stated: Mapped[Decimal | None] = mapped_column(Money)
    expected: Mapped[Decimal | None] = mapped_column(Money)
    suspended: Mapped[Decimal] = mapped_column(Money)
    state: Mapped[LineState] = mapped_column(words(LineState), default=LineState.OPEN)
