"""Plans, runs, results and adjustments."""

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


class PlanState(StrEnum):
    """A plan is written by one person and published by another."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    PUBLISHED = "published"


class PlanVersion(Model):
    """One version of a segment's plan for a period; the latest published applies."""

    __tablename__ = "plans"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    code: Mapped[str]
    version: Mapped[int]
    segment: Mapped[str]
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"))
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[PlanState] = mapped_column(words(PlanState), default=PlanState.DRAFT)
    written_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    written_at: Mapped[datetime] = mapped_column(Instant)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(default="")


class RunState(StrEnum):
    """The steps of a period's computation."""

    COMPUTING = "computing"
    COMPUTED = "computed"
    PROPOSED = "proposed"
    APPROVED = "approved"
    CANCELLED = "cancelled"


class MarginRun(Model):
    """One computation of a period for every partner; at most one is approved."""

    __tablename__ = "margin_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"))
    number: Mapped[int]
    state: Mapped[RunState] = mapped_column(words(RunState), default=RunState.COMPUTING)
    partners: Mapped[int]
    started_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime] = mapped_column(Instant)
    computed_at: Mapped[datetime | None] = mapped_column(Instant)
    inputs_sha256: Mapped[str | None]
    outputs_sha256: Mapped[str | None]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    proposed_at: Mapped[datetime | None] = mapped_column(Instant)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    printed_seal: Mapped[str | None]


class MarginResult(Model):
    """What a run found for one partner: frozen facts, the engine's result and its totals."""

    __tablename__ = "margin_results"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("margin_runs.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    position: Mapped[int]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plans.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    facts_sha256: Mapped[str]
    result: Mapped[dict[str, Any]] = mapped_column(JSONB)
    result_sha256: Mapped[str | None]
    credited: Mapped[Decimal] = mapped_column(Money)
    gross: Mapped[Decimal] = mapped_column(Money)
    earnings: Mapped[Decimal] = mapped_column(Money)
    adjustments: Mapped[Decimal] = mapped_column(Money)
    carry_in: Mapped[Decimal] = mapped_column(Money)
    balance: Mapped[Decimal] = mapped_column(Money)
    payable: Mapped[Decimal] = mapped_column(Money)
    carry_out: Mapped[Decimal] = mapped_column(Money)


class Adjustment(Model):
    """A correction of what was stated for an earlier period, booked in a later one.

    Found by a recomputation (`run_id`) or proposed by hand; `in_result` ones count as stated when the origin
    is computed again. `changes` says which inputs differ, `before_amount` and `after_amount` what it earns.
    """

    __tablename__ = "adjustments"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    origin_period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"))
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"))
    origin_claim_line_id: Mapped[int | None] = mapped_column(ForeignKey("claim_lines.id"))
    origin_statement_id: Mapped[int | None]
    amount: Mapped[Decimal] = mapped_column(Money)
    reason_code: Mapped[str | None] = mapped_column(ForeignKey("reason_codes.code"))
    note: Mapped[str] = mapped_column(default="")
    run_id: Mapped[int | None]
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id"))
    before_amount: Mapped[Decimal | None] = mapped_column(Money)
    after_amount: Mapped[Decimal | None] = mapped_column(Money)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    inputs_sha256: Mapped[str] = mapped_column(default="")
    in_result: Mapped[bool] = mapped_column(default=True)
    by_hand: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    refused_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    refused_at: Mapped[datetime | None] = mapped_column(Instant)
    refusal: Mapped[str] = mapped_column(default="")
    dispute_line_id: Mapped[int | None]  # the accepted line that it corrects


class SettlementManner(StrEnum):
    """How the balance of a firm that left comes to nothing."""

    PAID = "paid"
    WRITTEN_OFF = "written_off"


class BalanceSettlement(Model):
    """The balance that a firm left with, paid or written off; once approved it is carried no further."""

    __tablename__ = "balance_settlements"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    result_id: Mapped[int] = mapped_column(ForeignKey("margin_results.id"))
    amount: Mapped[Decimal] = mapped_column(Money)
    manner: Mapped[SettlementManner] = mapped_column(words(SettlementManner))
    settled_on: Mapped[date]
    reference: Mapped[str] = mapped_column(default="")
    note: Mapped[str]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    refused_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    refused_at: Mapped[datetime | None] = mapped_column(Instant)
    refusal: Mapped[str] = mapped_column(default="")
