"""Simulations of plans, and what firms were told of a coming one."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import FetchedValue

from portal.db import Instant, Model, Money


class Simulation(Model):
    """A plan, as it was written then, tried on a past period for every partner of its segment."""

    __tablename__ = "plan_simulations"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"))
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    partners: Mapped[int]
    started_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime] = mapped_column(Instant)


class SimulationResult(Model):
    """What one partner would have earned, beside what it earned."""

    __tablename__ = "simulation_results"

    simulation_id: Mapped[int] = mapped_column(ForeignKey("plan_simulations.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), primary_key=True)
    credited: Mapped[Decimal] = mapped_column(Money)
    attainment: Mapped[Decimal | None] = mapped_column(Numeric)
    before: Mapped[Decimal] = mapped_column(Money)
    after: Mapped[Decimal] = mapped_column(Money)
    components: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    gates: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class PlanAcknowledgement(Model):
    """A firm's administrator has seen what a coming plan changes."""

    __tablename__ = "plan_acknowledgements"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    acknowledged_at: Mapped[datetime] = mapped_column(Instant)
