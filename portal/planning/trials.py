"""What a plan would have made of a partner's period, beside what that period came to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal import margin
from portal.calendar import PeriodCode
from portal.db import db
from portal.margin.engine import Plan, Result, evaluate, parse_period_facts
from portal.margin.models import MarginResult, MarginRun, RunState
from portal.periods.models import Period


@dataclass(frozen=True)
class Trial:
    """One partner: what it earned (or would as things stand), and the result under another plan."""

    partner_id: int
    before: Decimal
    after: Result


def try_plan(plan: Plan, period: Period, partner_ids: Sequence[int], *, at: datetime) -> Iterator[Trial]:
    """The plan as if it had been the period's, on its frozen facts; on those known `at` while it is open."""
    moved = replace(plan, period=PeriodCode.parse(period.code))
    run_id = find_approved_run(period.id)
    known = _as_known(period, partner_ids, at) if run_id is None else _as_frozen(run_id, partner_ids)
    for partner_id, facts, before in known:
        yield Trial(partner_id, before, evaluate(moved, parse_period_facts(facts)))


def find_approved_run(period_id: int) -> int | None:
    """The run by which a period was stated; none where it was not yet."""
    return db.session.execute(
        select(MarginRun.id).where(MarginRun.period_id == period_id, MarginRun.state == RunState.APPROVED)
    ).scalar_one_or_none()


def _as_frozen(run_id: int, partner_ids: Sequence[int]) -> Iterator[tuple[int, dict[str, Any], Decimal]]:
    rows = db.session.execute(
        select(MarginResult.partner_id, MarginResult.facts, MarginResult.earnings)
        .where(MarginResult.run_id == run_id, MarginResult.partner_id.in_(partner_ids))
        .order_by(MarginResult.position)
    )
    yield from (tuple(row) for row in rows)


def _as_known(
    period: Period, partner_ids: Sequence[int], at: datetime
) -> Iterator[tuple[int, dict[str, Any], Decimal]]:
    for found in margin.facts_of(period, partner_ids=partner_ids, at=at):
        earned = Decimal("0.00")
        if found.plan is not None:
            earned = evaluate(found.plan.plan, parse_period_facts(found.document)).payment.earnings
        yield found.partner.id, found.document, earned
