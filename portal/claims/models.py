"""Claims, their lines, evidence, matches and history."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Numeric, Text, case, event, func, or_
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import InstrumentedAttribute, Mapped, column_property, mapped_column
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.schema import FetchedValue

from portal.claims.workflow import ClaimState
from portal.db import Instant, Model, Money, words


class Decision(StrEnum):
    """What was decided of a claim."""

    APPROVED = "approved"
    APPROVED_IN_PART = "approved_in_part"
    REJECTED = "rejected"


class Asked(StrEnum):
    """What an appeal is against."""

    DECISION = "decision"
    AMOUNT = "amount"
    ROLES = "roles"


class ProjectRole(StrEnum):
    """What the partner did in the project; PRESCRIBE = recommended in writing before the order."""

    PRESCRIBE = "PRESCRIBE"
    DESIGN = "DESIGN"
    INTEGRATE = "INTEGRATE"
    DEPLOY = "DEPLOY"


class Claim(Model):
    """A partner's request that a project be attributed to it; `version` refuses stale pages."""

    __tablename__ = "claims"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    reference: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[ClaimState] = mapped_column(words(ClaimState), default=ClaimState.DRAFT)
    customer_siren: Mapped[str | None]
    customer_name: Mapped[str] = mapped_column(default="")
    customer_sector: Mapped[str] = mapped_column(default="")
    customer_public: Mapped[bool] = mapped_column(default=False)
    customer_contact: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    project_type: Mapped[str] = mapped_column(default="")
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    reseller_name: Mapped[str] = mapped_column(default="")
    reseller_unknown: Mapped[bool] = mapped_column(default=False)
    order_no: Mapped[str] = mapped_column(default="")
    enrolment_no: Mapped[str] = mapped_column(default="")
    signed_on: Mapped[date | None]
    ordered_on: Mapped[date | None]
    confidential: Mapped[bool] = mapped_column(default=False)
    on_behalf: Mapped[bool] = mapped_column(default=False)
    offered_at: Mapped[datetime | None] = mapped_column(Instant)
    duplicate_reason: Mapped[str] = mapped_column(default="")
    declared_honour_at: Mapped[datetime | None] = mapped_column(Instant)
    declared_honour_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"))
    decide_by: Mapped[date | None]
    clock_left: Mapped[int | None]
    info_due_on: Mapped[date | None]
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    taken_at: Mapped[datetime | None] = mapped_column(Instant)
    first_decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    first_decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision: Mapped[Decision | None] = mapped_column(words(Decision))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    reason_code: Mapped[str | None] = mapped_column(ForeignKey("reason_codes.code"))
    cure_by: Mapped[date | None]
    is_known: Mapped[bool] = column_property(or_(~confidential, func.knows_customer(id)))


# What tells whose project a confidential claim is; who does not know it reads nothing in these.
TELLING = (
    "customer_siren", "customer_name", "customer_contact", "title", "reseller_name", "order_no",
    "enrolment_no", "duplicate_reason",
)  # fmt: skip


def if_known(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A column of a claim, or of what hangs on it, as far as the reader may know whose project it is."""
    return case((Claim.is_known, column)).label(column.key)


@event.listens_for(Claim, "load")
@event.listens_for(Claim, "refresh")
def _keep_confidence(claim: Claim, *_context: object) -> None:
    """A claim read by somebody who may not know whose project it is tells nothing, wherever it is shown."""
    if claim.__dict__.get("is_known") is False:
        for name in TELLING:
            set_committed_value(claim, name, "")


class ClaimLine(Model):
    """One product family of a claim; `share` where several partners share the order."""

    __tablename__ = "claim_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    position: Mapped[int]
    family: Mapped[str] = mapped_column(ForeignKey("product_families.code"))
    agreement: Mapped[str] = mapped_column(default="")
    declared_amount: Mapped[Decimal] = mapped_column(Money)
    approved_amount: Mapped[Decimal | None] = mapped_column(Money)
    cut_reason_code: Mapped[str | None] = mapped_column(ForeignKey("reason_codes.code"))
    share: Mapped[Decimal | None] = mapped_column(Numeric)


class ClaimEvidence(Model):
    """A file that proves a claim, immutable: a new version replaces it."""

    __tablename__ = "claim_evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    partner_id: Mapped[int]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"))
    evidence_type: Mapped[str] = mapped_column(ForeignKey("evidence_types.code"))
    dated_on: Mapped[date | None]
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("claim_evidence.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime] = mapped_column(Instant)


class MatchKind(StrEnum):
    """How sure it is that an order line is the claimed one."""

    EXACT = "EXACT"
    PROBABLE = "PROBABLE"


class MatchState(StrEnum):
    """Probable matches are proposed until a person confirms them."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"


class ClaimMatch(Model):
    """What an order line verifies of a claim line, and what of it is credited to the partner."""

    __tablename__ = "claim_matches"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    claim_line_id: Mapped[int] = mapped_column(ForeignKey("claim_lines.id"))
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"))
    kind: Mapped[MatchKind] = mapped_column(words(MatchKind))
    state: Mapped[MatchState] = mapped_column(words(MatchState))
    verified_amount: Mapped[Decimal] = mapped_column(Money)
    credited_amount: Mapped[Decimal | None] = mapped_column(Money)
    matched_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class MatchRefusal(Model):
    """A proposed order that a person found not to be the claimed one: it is not proposed again."""

    __tablename__ = "claim_match_refusals"

    partner_id: Mapped[int]
    claim_line_id: Mapped[int] = mapped_column(ForeignKey("claim_lines.id"), primary_key=True)
    order_no: Mapped[str] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str]
    refused_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    refused_at: Mapped[datetime] = mapped_column(Instant)


class ClaimEvent(Model):
    """A line of the claim's timeline, open to the partner."""

    __tablename__ = "claim_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    kind: Mapped[str]
    state: Mapped[ClaimState] = mapped_column(words(ClaimState))
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason_code: Mapped[str | None] = mapped_column(ForeignKey("reason_codes.code"))
    note: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class ClaimGridTick(Model):
    """A check of the grid that the reviewer found met."""

    __tablename__ = "claim_grid_ticks"

    partner_id: Mapped[int]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"), primary_key=True)
    check_code: Mapped[str] = mapped_column(primary_key=True)
    grid_id: Mapped[int]
    ticked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    ticked_at: Mapped[datetime] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(default="")


class AppealOutcome(StrEnum):
    """How an appeal ended."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"


class ClaimAppeal(Model):
    """A firm's appeal: level 1 is judged by a lead, level 2 by the programme manager."""

    __tablename__ = "claim_appeals"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    level: Mapped[int]
    asks: Mapped[Asked] = mapped_column(words(Asked))
    grounds: Mapped[str]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    judge_by: Mapped[date]
    outcome: Mapped[AppealOutcome | None] = mapped_column(words(AppealOutcome))
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    judged_at: Mapped[datetime | None] = mapped_column(Instant)
    reasons: Mapped[str] = mapped_column(default="")


class ClaimRevocation(Model):
    """An approval to be taken back: proposed by finance or the programme, confirmed by the other."""

    __tablename__ = "claim_revocations"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    reason_code: Mapped[str] = mapped_column(ForeignKey("reason_codes.code"))
    reasons: Mapped[str]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    dropped_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    dropped_at: Mapped[datetime | None] = mapped_column(Instant)


class ClaimMessage(Model):
    """A message between the firm and the vendor's people, with a paper or without."""

    __tablename__ = "claim_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    body: Mapped[str] = mapped_column(default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"))


class DecisionTime(Model):
    """The median of a team's decisions in working days, as published on a day."""

    __tablename__ = "decision_times"

    published_on: Mapped[date] = mapped_column(primary_key=True)
    team: Mapped[str] = mapped_column(primary_key=True)
    median_days: Mapped[Decimal] = mapped_column(Numeric(6, 1))
