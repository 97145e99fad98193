"""Seals: one for each closed period, each upon the one before."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Instant, Model, Money


class PeriodSeal(Model):
    """The hash of the list of all rows that carried money when a period was closed."""

    __tablename__ = "period_seals"

    id: Mapped[int] = mapped_column(primary_key=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"))
    position: Mapped[int]
    sha256: Mapped[str]
    previous_sha256: Mapped[str | None]
    lines: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(Money)
    last_entry: Mapped[int]
    last_payment: Mapped[int]
    sealed_at: Mapped[datetime] = mapped_column(Instant)
