"""What waits for the firm: questions, drafts, approved claims without order, orders without claim."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from portal.claims.models import Claim, ClaimEvent, ClaimLine, ClaimMatch, MatchState
from portal.claims.workflow import RULES, ClaimState
from portal.db import AnyRow, db
from portal.orders.models import OrderLine, OrderStatus, if_named
from portal.partners.models import Partner

_UNCLAIMING = (ClaimState.WITHDRAWN, ClaimState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """Orders that name a partner and carry no claim, as long as they may be declared."""

    orders: int
    amount: Decimal
    last_day: date | None


def waiting_for_firm(partner_id: int, *, limit: int = 6) -> Sequence[AnyRow]:
    """Claims on which the firm has something to do, the most pressing first; `asked` is the last question."""
    matched = (
        select(ClaimMatch.id)
        .join(ClaimLine, ClaimLine.id == ClaimMatch.claim_line_id)
        .where(ClaimLine.claim_id == Claim.id, ClaimMatch.state == MatchState.CONFIRMED)
        .exists()
    )
    asked = (
        select(func.coalesce(func.nullif(ClaimEvent.note, ""), ClaimEvent.reason_code))
        .where(ClaimEvent.claim_id == Claim.id, ClaimEvent.kind == ClaimState.INFO_REQUESTED)
        .order_by(ClaimEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    due = func.coalesce(Claim.info_due_on, Claim.ordered_on + RULES.window_days)
    return db.session.execute(
        select(
            *(Claim.public_id, Claim.reference, Claim.title, Claim.customer_name, Claim.state),
            *(Claim.info_due_on, Claim.ordered_on, Claim.decided_at, Claim.on_behalf, asked.label("asked")),
        )
        .where(
            Claim.partner_id == partner_id,
            or_(
                Claim.state.in_((ClaimState.INFO_REQUESTED, ClaimState.DRAFT)),
                and_(Claim.state == ClaimState.APPROVED, ~matched),
            ),
        )
        .order_by((Claim.state != ClaimState.INFO_REQUESTED), due.nulls_last(), Claim.id)
        .limit(limit)
    ).all()


def unclaimed_orders(partner_id: int, on: date) -> Unclaimed:
    """Booked orders that name this partner, can still be declared and are in none of its claims."""
    row = db.session.execute(
        select(
            func.count(OrderLine.order_no.distinct()),
            func.coalesce(func.sum(_euros()), 0),
            func.min(OrderLine.ordered_on) + RULES.window_days,
        ).where(OrderLine.named_partner_id == partner_id, *_unclaimed(on))
    ).one()
    return Unclaimed(*row)


def list_unclaimed(partner_ids: Sequence[int], on: date) -> Sequence[AnyRow]:
    """Orders that name these partners, can still be declared and are in no claim, the most pressing first."""
    rows = db.session.execute(
        select(
            *(OrderLine.order_no, OrderLine.enrolment_no),
            func.min(if_named(OrderLine.customer_siren)).label("customer_siren"),
            func.min(if_named(OrderLine.customer_name)).label("customer_name"),
            *(OrderLine.reseller_name, OrderLine.ordered_on, OrderLine.named_partner_id),
            Partner.legal_name.label("partner"),
            Partner.public_id.label("partner_public_id"),
            func.sum(_euros()).label("amount"),
            (OrderLine.ordered_on + RULES.window_days).label("last_day"),
            func.array_agg(OrderLine.family.distinct()).label("families"),
        )
        .join(Partner, Partner.id == OrderLine.named_partner_id)
        .where(OrderLine.named_partner_id.in_(partner_ids), *_unclaimed(on))
        .group_by(
            OrderLine.order_no, OrderLine.enrolment_no, OrderLine.customer_siren, OrderLine.customer_name,
            OrderLine.reseller_name, OrderLine.ordered_on, OrderLine.named_partner_id, Partner.id,
        )
        .order_by(OrderLine.ordered_on, OrderLine.order_no)
        .limit(200)
    )  # fmt: skip
    return rows.all()


def lines_of_order(partner_id: int, order_no: str, on: date) -> Sequence[AnyRow]:
    """What one of these orders holds, by family, in euros."""
    rows = db.session.execute(
        select(OrderLine.family, func.sum(_euros()).label("amount"))
        .where(OrderLine.named_partner_id == partner_id, OrderLine.order_no == order_no, *_unclaimed(on))
        .group_by(OrderLine.family)
        .order_by(OrderLine.family)
    )
    return rows.all()


def _unclaimed(on: date) -> tuple[ColumnElement[bool], ...]:
    firm = OrderLine.named_partner_id
    declared = (
        select(Claim.id)
        .where(Claim.partner_id == firm, func.upper(Claim.order_no) == OrderLine.order_no)
        .where(Claim.order_no != "", Claim.state.not_in(_UNCLAIMING))
        .exists()
    )
    matched = (
        select(ClaimMatch.id)
        .where(ClaimMatch.partner_id == firm, ClaimMatch.order_line_id == OrderLine.id)
        .exists()
    )
    return (
        OrderLine.is_current.is_(True),
        OrderLine.status == OrderStatus.BOOKED,
        OrderLine.ordered_on >= on - timedelta(days=RULES.window_days),
        ~declared,
        ~matched,
    )


def _euros() -> ColumnElement[Decimal]:
    foreign = func.euros(OrderLine.amount, OrderLine.currency, OrderLine.ordered_on)
    return case((OrderLine.currency == "EUR", OrderLine.amount), else_=foreign)
