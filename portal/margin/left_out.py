"""Every claim of a period that is not counted, or not yet, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, func, or_, select, true

from portal.calendar import PeriodCode
from portal.claims.models import Claim, ClaimLine, ClaimMatch, Decision, MatchState
from portal.claims.workflow import ClaimState
from portal.db import AnyRow, AnySelect, db
from portal.margin.approved_lines import CORE_ROLES, in_period, is_alone, ref_of
from portal.margin.engine import ClaimLine as EngineLine
from portal.margin.engine import Role
from portal.orders.models import OrderLine
from portal.periods.models import Period


class Exclusion(StrEnum):
    """Reasons of the catalogue for which a claim is not counted; a refusal keeps its own."""

    PENDING = "PENDING"
    UNDER_APPEAL = "UNDER_APPEAL"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    NO_TRANSACTION = "NO_TRANSACTION"
    CANCELLED = "CANCELLED"
    EVIDENCE_WITHDRAWN = "EVIDENCE_WITHDRAWN"
    OTHER_PERIOD = "OTHER_PERIOD"
    NO_CORE_ROLE = "NO_CORE_ROLE"


@dataclass(frozen=True)
class LeftOut:
    """One line of a claim that is not counted: what it is worth, why, and until when that can be cured."""

    partner_id: int
    claim_id: UUID
    ref: str
    reference: str
    customer_name: str
    confidential: bool
    family: str
    amount: Decimal
    state: ClaimState
    reason: str
    last_day: date | None
    counts_in: PeriodCode | None
    roles: tuple[Role, ...]
    share: Decimal | None
    ordered_on: date

    def as_if_counted(self, partner: str) -> EngineLine:
        """The line as the engine would take it if it were approved."""
        shares = None if self.share is None else {partner: self.share, "-": 1 - self.share}
        return EngineLine(
            ref=f"{self.ref} ", family=self.family, ordered_on=self.ordered_on, approved=self.amount,
            roles=self.roles, shares=shares, project=self.reference,
            lead=all(role in self.roles for role in CORE_ROLES),
        )  # fmt: skip


def left_out(
    period: Period, partner_ids: Sequence[int], *, at: datetime | None = None
) -> dict[int, list[LeftOut]]:
    """By partner, in the order of the references; `at` is the cut-off as in `facts_of`."""
    span, found = PeriodCode.parse(period.code), dict[int, list[LeftOut]]()
    for row in db.session.execute(_lines(span).where(ClaimLine.partner_id.in_(partner_ids))):
        reason = _reason(row, span, at)
        if reason is not None:
            found.setdefault(row.partner_id, []).append(_left_out(row, reason, period))
    return found


def _lines(span: PeriodCode) -> AnySelect:
    """Lines of submitted claims dated in the period, with what their confirmed orders say."""
    matched = (
        select(
            func.sum(ClaimMatch.verified_amount).label("verified"),
            func.min(OrderLine.ordered_on).label("matched_on"),
        )
        .join(OrderLine, OrderLine.id == ClaimMatch.order_line_id)
        .where(ClaimMatch.claim_line_id == ClaimLine.id, ClaimMatch.state == MatchState.CONFIRMED)
        .lateral("matched")
    )  # fmt: skip
    day = func.coalesce(matched.c.matched_on, Claim.ordered_on, Claim.signed_on)
    dated = or_(in_period(Claim.ordered_on, span), in_period(Claim.signed_on, span))
    return (
        select(
            *(ClaimLine.partner_id, Claim.public_id, Claim.reference, Claim.customer_name),
            *(Claim.confidential, Claim.roles, Claim.state, Claim.decision, Claim.decided_at),
            *(Claim.reason_code, Claim.cure_by, Claim.info_due_on, is_alone().label("alone")),
            *(ClaimLine.position, ClaimLine.family, ClaimLine.share, ClaimLine.declared_amount),
            *(ClaimLine.approved_amount, matched.c.verified, matched.c.matched_on),
            func.coalesce(Claim.ordered_on, Claim.signed_on).label("claimed_on"),
        )
        .join(Claim, Claim.id == ClaimLine.claim_id)
        .join(matched, true())
        .where(
            Claim.state != ClaimState.DRAFT,
            or_(in_period(day, span), and_(matched.c.matched_on.is_not(None), dated)),
        )
        .order_by(ClaimLine.partner_id, Claim.reference, ClaimLine.position)
    )  # fmt: skip


_BY_STATE = {
    ClaimState.APPEALED: Exclusion.UNDER_APPEAL,
    ClaimState.WITHDRAWN: Exclusion.WITHDRAWN,
    ClaimState.EXPIRED: Exclusion.EXPIRED,
}


def _reason(row: AnyRow, span: PeriodCode, at: datetime | None) -> str | None:
    """Why a line is not counted; None where it is."""
    if row.state in (ClaimState.REJECTED, ClaimState.REVOKED):
        return row.reason_code or Exclusion.EVIDENCE_WITHDRAWN
    if row.state is not ClaimState.APPROVED:
        return _BY_STATE.get(row.state, Exclusion.PENDING)
    if at is not None and row.decided_at > at:
        return Exclusion.PENDING
    if row.verified is None:
        return Exclusion.NO_TRANSACTION
    if row.verified == 0:
        return Exclusion.CANCELLED
    if not span.contains(row.matched_on):
        return Exclusion.OTHER_PERIOD
    core = row.share is not None or any(role in row.roles for role in CORE_ROLES)
    return None if core else Exclusion.NO_CORE_ROLE


def _left_out(row: AnyRow, reason: str, period: Period) -> LeftOut:
    elsewhere = None
    if reason == Exclusion.OTHER_PERIOD:
        elsewhere = PeriodCode.parse(period.code).same_kind_on(row.matched_on)
    return LeftOut(
        partner_id=row.partner_id,
        claim_id=row.public_id,
        ref=ref_of(row),
        reference=row.reference,
        customer_name=row.customer_name,
        confidential=row.confidential,
        family=row.family,
        amount=_amount(row),
        state=row.state,
        reason=reason,
        last_day=_last_day(row, reason, period),
        counts_in=elsewhere,
        roles=tuple(role for role in Role if role in row.roles),
        share=row.share,
        ordered_on=row.matched_on or row.claimed_on,
    )


def _amount(row: AnyRow) -> Decimal:
    """What is at stake: the part under appeal, what was approved, or else what was declared."""
    if row.state is ClaimState.APPEALED and row.decision is Decision.APPROVED_IN_PART:
        return row.declared_amount - (row.approved_amount or 0)
    if row.state is ClaimState.APPROVED:
        return row.approved_amount
    return row.declared_amount


def _last_day(row: AnyRow, reason: str, period: Period) -> date | None:
    """The last day to cure it: to answer, to appeal, or to have the order found before the cut-off."""
    if reason == Exclusion.NO_TRANSACTION:
        return period.cut_off_on
    return row.info_due_on or row.cure_by
