"""Fiscal periods and the state of their close."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Numeric
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Instant, Model, words


class PeriodState(StrEnum):
    """The five steps of a period, in this order."""

    OPEN = "open"
    CLOSING = "closing"
    COMPUTED = "computed"
    APPROVED = "approved"
    CLOSED = "closed"


class Period(Model):
    """A fiscal period `[starts_on, ends_before)`, immutable once closed."""

    __tablename__ = "periods"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    starts_on: Mapped[date]
    ends_before: Mapped[date]
    cut_off_on: Mapped[date]
    pays_on: Mapped[date]
    state: Mapped[PeriodState] = mapped_column(words(PeriodState), default=PeriodState.OPEN)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class FxRate(Model):
    """Units of a currency for one euro, for the orders of a month."""

    __tablename__ = "fx_rates"

    currency: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[Decimal] = mapped_column(Numeric)
