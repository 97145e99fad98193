"""Closed periods computed again, and what that found of each partner."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import FetchedValue

from portal.corrections.recount import Outcome
from portal.db import Instant, Model, Money, words


class CorrectionRun(Model):
    """A closed period computed again as inputs stood when it was started."""

    __tablename__ = "correction_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"))
    partners: Mapped[int]
    started_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime] = mapped_column(Instant)


class CorrectionFinding(Model):
    """What one partner's period earns by now, beside what was stated of it, and which inputs differ."""

    __tablename__ = "correction_findings"

    run_id: Mapped[int] = mapped_column(ForeignKey("correction_runs.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    before_amount: Mapped[Decimal] = mapped_column(Money)
    after_amount: Mapped[Decimal] = mapped_column(Money)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    outcome: Mapped[Outcome] = mapped_column(words(Outcome))
