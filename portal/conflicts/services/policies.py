"""The published rule of a plan, set while the plan is written."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from portal import audit
from portal.conflicts.models import ConflictPolicy, PolicyOfPlan
from portal.db import db
from portal.errors import Refused
from portal.margin.models import PlanState, PlanVersion


def set_policy(*, plan: PlanVersion, policy: ConflictPolicy, actor_id: int, at: datetime) -> None:
    """Say how conflicts of this plan's claims are settled; no more once it is published."""
    if plan.state is PlanState.PUBLISHED:
        raise Refused("plan_not_at_this_step")
    values = {"policy": policy.value, "set_by_id": actor_id, "set_at": at}
    db.session.execute(
        insert(PolicyOfPlan)
        .values(plan_code=plan.code, **values)
        .on_conflict_do_update(index_elements=[PolicyOfPlan.plan_code], set_=values)
    )
    audit.record("plan.conflict_policy", subject=("plan", plan.code), at=at, actor_id=actor_id, policy=policy)
