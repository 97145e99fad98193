"""What each partner is to reach in a period."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Numeric
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import FetchedValue

from portal.db import Instant, Model, Money


class Objective(Model):
    """One version of a partner's target for a period; the latest applies."""

    __tablename__ = "objectives"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"))
    version: Mapped[int]
    target: Mapped[Decimal] = mapped_column(Money)
    baseline: Mapped[Decimal | None] = mapped_column(Money)
    reason: Mapped[str] = mapped_column(default="")
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    notified_at: Mapped[datetime] = mapped_column(Instant)
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    accepted_hash: Mapped[str | None]


class SatisfactionScore(Model):
    """The customers' satisfaction with a partner in a period, out of ten."""

    __tablename__ = "satisfaction_scores"

    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), primary_key=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"), primary_key=True)
    score: Mapped[Decimal] = mapped_column(Numeric)
