"""What a coming plan changes for one firm: its last stated period under both plans, line by line."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from portal import audit
from portal.db import AnyRow, AnySelect, db
from portal.margin.differences import Change, changes_between
from portal.margin.engine import Component, Plan, Result, evaluate, parse_period_facts, parse_plan
from portal.margin.models import MarginResult, MarginRun, PlanState, PlanVersion, RunState
from portal.partners.models import Partner
from portal.periods.models import Period
from portal.planning.models import PlanAcknowledgement
from portal.planning.trials import try_plan
from portal.users.models import User


@dataclass(frozen=True)
class Line:
    """One component under the plan it was stated by and under the coming one; none where it has no such."""

    code: str
    before: Decimal | None
    after: Decimal | None
    component: Component


@dataclass(frozen=True)
class Comparison:
    """The firm's last stated period under both plans."""

    period: str
    before: Result
    after: Result

    @property
    def lines(self) -> list[Line]:
        """Component by component, those of the coming plan first."""
        before = {one.code: one for one in self.before.components}
        after = {one.code: one for one in self.after.components}
        return [
            Line(
                code,
                before[code].amount if code in before else None,
                after[code].amount if code in after else None,
                (after.get(code) or before[code]).component,
            )
            for code in (*after, *(code for code in before if code not in after))
        ]


@dataclass(frozen=True)
class ComingPlan:
    """The next published plan that does not apply yet, and what it would have changed."""

    id: int
    plan: Plan
    starts_on: date
    changes: tuple[Change, ...]
    comparison: Comparison | None
    acknowledged: AnyRow | None


def find_coming_plan(partner_id: int, *, on: date, at: datetime) -> ComingPlan | None:
    """The plan of the firm's next period; none where none is published before it begins."""
    row = db.session.execute(_coming(partner_id, on)).first()
    if row is None:
        return None
    plan, stated = parse_plan(row.document), _last_stated(partner_id)
    comparison, changes = None, tuple[Change, ...]()
    if stated is not None:
        now = parse_plan(stated.document)
        (trial,) = try_plan(plan, db.session.get_one(Period, stated.period_id), [partner_id], at=at)
        comparison = Comparison(stated.period, evaluate(now, parse_period_facts(stated.facts)), trial.after)
        changes = tuple(one for one in changes_between(now, plan) if one.what != "period")
    return ComingPlan(row.id, plan, row.starts_on, changes, comparison, _acknowledged(row.id, partner_id))


def _coming(partner_id: int, on: date) -> AnySelect:
    segment = select(Partner.segment).where(Partner.id == partner_id).scalar_subquery()
    return (
        select(PlanVersion.id, PlanVersion.document, Period.starts_on)
        .join(Period, Period.id == PlanVersion.period_id)
        .where(PlanVersion.state == PlanState.PUBLISHED, PlanVersion.segment == segment)
        .where(Period.starts_on > on)
        .order_by(Period.starts_on, PlanVersion.published_at.desc(), PlanVersion.version.desc())
        .limit(1)
    )


def _last_stated(partner_id: int) -> AnyRow | None:
    return db.session.execute(
        select(MarginResult.facts, PlanVersion.document, MarginRun.period_id, Period.code.label("period"))
        .join(MarginRun, MarginRun.id == MarginResult.run_id)
        .join(Period, Period.id == MarginRun.period_id)
        .join(PlanVersion, PlanVersion.id == MarginResult.plan_id)
        .where(MarginResult.partner_id == partner_id, MarginRun.state == RunState.APPROVED)
        .order_by(Period.starts_on.desc())
        .limit(1)
    ).one_or_none()


def _acknowledged(plan_id: int, partner_id: int) -> AnyRow | None:
    return db.session.execute(
        select(PlanAcknowledgement.acknowledged_at, User.name)
        .outerjoin(User, User.id == PlanAcknowledgement.user_id)
        .where(PlanAcknowledgement.plan_id == plan_id, PlanAcknowledgement.partner_id == partner_id)
    ).one_or_none()


def acknowledge_plan(*, plan_id: int, partner_id: int, actor_id: int, at: datetime) -> None:
    """The firm's administrator has seen it; a second press changes nothing."""
    if _acknowledged(plan_id, partner_id) is not None:
        return
    row = {"plan_id": plan_id, "partner_id": partner_id, "user_id": actor_id, "acknowledged_at": at}
    db.session.execute(upsert(PlanAcknowledgement).on_conflict_do_nothing(), [row])
    audit.record(
        "plan.acknowledged", subject=("plan", plan_id), at=at, actor_id=actor_id, partner_id=partner_id
    )
