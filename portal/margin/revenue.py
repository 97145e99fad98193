"""Sourced, influenced and transacted revenue of a period: three measures of each partner, never added."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select

from portal.calendar import PeriodCode
from portal.db import db
from portal.margin.approved_lines import in_period, select_approved_lines
from portal.money import ZERO
from portal.orders.models import OrderLine, OrderStatus
from portal.partners.models import Partner


@dataclass(frozen=True, slots=True)
class Revenue:
    """Of one partner: recommended before the order, influenced in any role, sold; in euros."""

    public_id: UUID
    code: str
    name: str
    sourced: Decimal
    influenced: Decimal
    transacted: Decimal


def revenue_of(period: PeriodCode, partner_ids: Sequence[int] | None = None) -> list[Revenue]:
    """Each partner with revenue of a kind in the period, in the order of the codes, in two queries."""
    lines = select_approved_lines(period, partner_ids).order_by(None).subquery()
    measured = func.least(lines.c.approved_amount, lines.c.verified)
    influenced = {
        row.partner_id: (row.sourced or ZERO, row.influenced)
        for row in db.session.execute(
            select(
                lines.c.partner_id,
                func.sum(case((lines.c.roles.contains(["PRESCRIBE"]), measured))).label("sourced"),
                func.sum(measured).label("influenced"),
            )
            .where(in_period(lines.c.ordered_on, period))
            .group_by(lines.c.partner_id)
        )
    }
    sellers = OrderLine.reseller_id.is_not(None)
    if partner_ids is not None:
        sellers = OrderLine.reseller_id.in_(partner_ids)
    sold: dict[int | None, Decimal] = dict(
        db.session.execute(
            select(OrderLine.reseller_id, func.sum(_euros()))
            .where(
                OrderLine.is_current, OrderLine.status == OrderStatus.BOOKED,
                sellers, in_period(OrderLine.ordered_on, period),
            )
            .group_by(OrderLine.reseller_id)
        ).all()
    )  # fmt: skip
    wanted = set(influenced) | set(sold)
    firms = select(Partner.id, Partner.public_id, Partner.code, Partner.legal_name).where(
        Partner.id.in_(wanted)
    )
    return [
        Revenue(
            row.public_id, row.code, row.legal_name, *influenced.get(row.id, (ZERO, ZERO)),
            transacted=sold.get(row.id, ZERO),
        )
        for row in db.session.execute(firms.order_by(Partner.code.collate("C")))
    ]  # fmt: skip


def _euros() -> ColumnElement[Decimal]:
    foreign = func.euros(OrderLine.amount, OrderLine.currency, OrderLine.ordered_on)
    return case((OrderLine.currency == "EUR", OrderLine.amount), else_=foreign)
