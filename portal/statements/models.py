"""Statements: issued once, replaced only by another that refers to them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import FetchedValue

from portal.db import Instant, Model, Money


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
