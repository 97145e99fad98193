"""Periods paid in advance of a longer one: what each firm was already stated for their part of its base."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select, union_all

from portal.db import AnySelect
from portal.margin.models import Adjustment, MarginResult, MarginRun, RunState
from portal.partners.models import Partner
from portal.periods import Period, select_inside


def select_prior(period: Period, at: datetime | None) -> AnySelect:
    """By partner code, all that was stated for the periods inside this one, their adjustments included.

    Adjustments count wherever they are booked, this period included: there they are an item of their own.
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
    return select(Partner.code, total).join(each, each.c.partner_id == Partner.id).group_by(Partner.code)
