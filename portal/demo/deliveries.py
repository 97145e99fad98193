"""Taking in the vendor's order files, then matching and crediting what they concern."""

import hashlib
from datetime import date, timedelta
from itertools import count
from typing import Any

import psycopg
from sqlalchemy import and_, func, or_, select

from portal import margin
from portal.calendar import PeriodCode
from portal.claims.matching import confirm_match
from portal.claims.models import ClaimLine, ClaimMatch, MatchState
from portal.db import transaction
from portal.demo.calendar import instant
from portal.demo.firms import Firm
from portal.demo.loading import copy
from portal.demo.orders import Order
from portal.demo.staff import LEADS, PROGRAMME
from portal.demo.stage import Stage
from portal.orders.models import OrderLine

Row = dict[str, Any]


class Deliveries:
    """The files taken in so far."""

    def __init__(self, firms: list[Firm]) -> None:
        self.ids = {firm.code: firm.id for firm in firms}
        self.numbers = count(1)

    def take_in(self, owner: psycopg.Connection, on: date, orders: list[Order]) -> int:
        """One file: its import's id."""
        import_id = next(self.numbers)
        amended = [order for order in orders if order.version > 1]
        name = f"commandes-{on.isoformat()}.csv"
        row = {
            "id": import_id, "sha256": hashlib.sha256(name.encode()).hexdigest(), "name": name,
            "lines": len(orders),
            "created": len(orders) - len(amended), "amended": len(amended), "unchanged": 0,
            "imported_by_id": PROGRAMME, "imported_at": instant(on, 7, 10),
        }  # fmt: skip
        copy(owner, "order_imports", [row])
        for order in amended:
            owner.execute(
                "update order_lines set is_current = false"
                " where order_no = %s and line_no = %s and is_current",
                [order.order_no, order.line_no],
            )
        copy(owner, "order_lines", (self._row(import_id, order) for order in orders))
        return import_id

    def _row(self, import_id: int, order: Order) -> Row:
        return {
            "import_id": import_id, "order_no": order.order_no, "line_no": order.line_no,
            "version": order.version,
            "reseller_name": order.reseller, "reseller_id": self.ids.get(order.reseller_code),
            "named_partner_id": self.ids.get(order.named_code), "agreement": order.agreement,
            "enrolment_no": order.enrolment_no, "customer_siren": order.customer.siren,
            "customer_name": order.customer.name, "family": order.family, "amount": order.amount,
            "ordered_at": order.ordered_at, "ordered_on": order.ordered_on, "status": order.status,
        }  # fmt: skip


def confirm_matches(stage: Stage, period: PeriodCode) -> None:
    """The lead confirmed what was shared and three in five of the probable ones; the others still wait."""
    lead, order = LEADS["SSII"], ClaimMatch.order_line_id
    rivals = select(func.count()).where(order == OrderLine.id).correlate(OrderLine).scalar_subquery()
    with stage.acting(lead), transaction() as session:
        found = session.execute(
            select(ClaimMatch.id, ClaimMatch.matched_at)
            .join(ClaimLine, ClaimLine.id == ClaimMatch.claim_line_id)
            .join(OrderLine, OrderLine.id == order)
            .where(ClaimMatch.state == MatchState.PROPOSED, OrderLine.ordered_on >= period.starts_on)
            .where(or_(ClaimLine.share.is_not(None), and_(rivals == 1, ClaimMatch.id % 5 < 3)))
            .order_by(ClaimMatch.id)
        )
        touched = [
            confirm_match(match_id=match_id, actor_id=lead, at=matched_at + timedelta(days=6))
            for match_id, matched_at in found.tuples().all()
        ]
        margin.refresh_credit(touched)
