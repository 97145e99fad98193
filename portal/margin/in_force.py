"""Which plan applies: the latest version published for a segment and a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from portal.db import db
from portal.errors import Refused
from portal.margin.engine import Plan, parse_plan
from portal.margin.models import PlanState, PlanVersion
from portal.periods.models import Period


class PlanMissing(Refused):
    """No plan is published for this segment and period."""

    code = "plan_missing"


@dataclass(frozen=True)
class PlanInForce:
    """A published plan: its row's id, its document as written, and what it says."""

    id: int
    document: dict[str, Any]
    plan: Plan


PlansInForce = dict[tuple[int, str], PlanInForce]


def plans_in_force(period_ids: Sequence[int]) -> PlansInForce:
    """The plan of each (period id, segment), all in one reading."""
    rows = db.session.execute(
        select(PlanVersion.id, PlanVersion.period_id, PlanVersion.segment, PlanVersion.document)
        .ext(distinct_on(PlanVersion.period_id, PlanVersion.segment))
        .where(PlanVersion.period_id.in_(period_ids), PlanVersion.state == PlanState.PUBLISHED)
        .order_by(PlanVersion.period_id, PlanVersion.segment)
        .order_by(PlanVersion.published_at.desc(), PlanVersion.version.desc())
    )
    return {
        (row.period_id, row.segment): PlanInForce(row.id, row.document, parse_plan(row.document))
        for row in rows
    }


def plan_for(segment: str, period: Period) -> PlanInForce:
    """The plan of one segment; raise PlanMissing where none is published."""
    found = plans_in_force([period.id]).get((period.id, segment))
    if found is None:
        raise PlanMissing(segment=segment, period=period.code)
    return found
