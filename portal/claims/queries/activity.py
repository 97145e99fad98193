"""How active each firm is: its last claim, what is open, the orders it could still declare."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import case, func, select

from portal.claims.models import Claim, ClaimMatch
from portal.claims.workflow import OPEN, RULES, ClaimState
from portal.db import db
from portal.orders.models import OrderLine, OrderStatus


@dataclass(frozen=True, slots=True)
class Activity:
    """What a firm did lately, and what is about to lapse."""

    last_at: datetime | None = None
    open: int = 0
    asked: int = 0
    lapses_on: date | None = None


def activity_of(partner_ids: Sequence[int]) -> dict[int, Activity]:
    """Of each of these firms, read at once."""
    rows = db.session.execute(
        select(
            Claim.partner_id,
            func.max(Claim.submitted_at),
            func.count(case((Claim.state.in_(OPEN), 1))),
            func.count(case((Claim.state == ClaimState.INFO_REQUESTED, 1))),
            func.min(Claim.info_due_on),
        )
        .where(Claim.partner_id.in_(partner_ids))
        .group_by(Claim.partner_id)
    )
    return {row[0]: Activity(*row[1:]) for row in rows}


def unclaimed_by_firm(partner_ids: Sequence[int], on: date) -> dict[int, int]:
    """How many orders name each firm, can still be declared and carry no claim of it."""
    declared = (
        select(Claim.id)
        .where(Claim.partner_id == OrderLine.named_partner_id)
        .where(Claim.order_no != "", func.upper(Claim.order_no) == OrderLine.order_no)
        .where(Claim.state.not_in((ClaimState.WITHDRAWN, ClaimState.EXPIRED)))
        .exists()
    )
    matched = (
        select(ClaimMatch.id)
        .where(ClaimMatch.partner_id == OrderLine.named_partner_id, ClaimMatch.order_line_id == OrderLine.id)
        .exists()
    )
    rows = db.session.execute(
        select(OrderLine.named_partner_id, func.count(OrderLine.order_no.distinct()))
        .where(OrderLine.named_partner_id.in_(partner_ids), OrderLine.is_current)
        .where(OrderLine.status == OrderStatus.BOOKED, ~declared, ~matched)
        .where(OrderLine.ordered_on >= on - timedelta(days=RULES.window_days))
        .group_by(OrderLine.named_partner_id)
    )
    return {firm: count for firm, count in rows if firm is not None}
