"""Periods paid in advance of a longer one: what each firm was already stated for their part of its base."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select, union_all

from portal.db import AnySelect, is_among
from portal.margin.models import Adjustment, MarginResult, MarginRun, RunState
from portal.periods import Period, select_inside


def select_prior(period: Period, at: datetime | None, partner_ids: Sequence[int]) -> AnySelect:
    """By partner, all that was stated for the periods inside this one, their adjustments included.

    These count wherever they are booked, this period included: there they are an item of their own.
    """
    inside = select_inside(period)
    stated = (
        select(MarginResult.partner_id, MarginResult.earnings.label("amount"))
        .join(MarginRun, MarginRun.id == MarginResult.run_id)
        .where(MarginRun.state == RunState.APPROVED, MarginRun.period_id.in_(inside))
    )
    since = select(Adjustment.partner_id, Adjustment.amount).where(
        Adjustment.origin_period_id.in_(inside), Adjustment.approved_at.is_not(None), Adjustment.in_result
    )
    if at is not None:
        since = since.where(Adjustment.approved_at <= at)
    each = union_all(stated, since).subquery()
    # A goodwill taken back by hand may exceed what was stated: nothing is then deducted, nothing added.
    total = func.greatest(func.sum(each.c.amount), Decimal("0.00")).label("amount")
    of = is_among(each.c.partner_id, partner_ids)
    return select(each.c.partner_id, total).where(of).group_by(each.c.partner_id)
