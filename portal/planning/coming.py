"""What a coming plan changes for one firm: its last stated periods under both plans, line by line."""

from collections.abc import Sequence
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

STATED = 3  # periods that are compared


@dataclass(frozen=True)
class Line:
    """One component under the plan it was stated by and under the coming one; none where it has no such."""

    code: str
    before: Decimal | None
    after: Decimal | None
    component: Component


@dataclass(frozen=True)
class Comparison:
    """One stated period of the firm under both plans."""

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
    comparisons: tuple[Comparison, ...]
    acknowledged: AnyRow | None


def find_coming_plan(partner_id: int, *, on: date, at: datetime) -> ComingPlan | None:
    """The plan of the firm's next period; none where none is published before it begins."""
    row = db.session.execute(_coming(partner_id, on)).first()
    if row is None:
        return None
    plan, stated = parse_plan(row.document), _last_stated(partner_id)
    compared = tuple(_compare(plan, one, partner_id, at) for one in stated)
    changes = (
        tuple(one for one in changes_between(parse_plan(stated[0].document), plan) if one.what != "period")
        if stated
        else ()
    )
    return ComingPlan(row.id, plan, row.starts_on, changes, compared, _acknowledged(row.id, partner_id))


def _compare(plan: Plan, stated: AnyRow, partner_id: int, at: datetime) -> Comparison:
    now = evaluate(parse_plan(stated.document), parse_period_facts(stated.facts))
    (trial,) = try_plan(plan, db.session.get_one(Period, stated.period_id), [partner_id], at=at)
    return Comparison(stated.period, now, trial.after)


def waits_to_be_seen(partner_id: int, *, on: date) -> AnyRow | None:
    """The coming plan that the firm has not said it has seen: (code, starts_on)."""
    row = db.session.execute(_coming(partner_id, on)).first()
    return None if row is None or _acknowledged(row.id, partner_id) is not None else row


def _coming(partner_id: int, on: date) -> AnySelect:
    segment = select(Partner.segment).where(Partner.id == partner_id).scalar_subquery()
    return (
        select(PlanVersion.id, PlanVersion.code, PlanVersion.document, Period.starts_on)
        .join(Period, Period.id == PlanVersion.period_id)
        .where(PlanVersion.state == PlanState.PUBLISHED, PlanVersion.segment == segment)
        .where(Period.starts_on > on)
        .order_by(Period.starts_on, PlanVersion.published_at.desc(), PlanVersion.version.desc())
        .limit(1)
    )


def _last_stated(partner_id: int) -> Sequence[AnyRow]:
    return db.session.execute(
        select(MarginResult.facts, PlanVersion.document, MarginRun.period_id, Period.code.label("period"))
        .join(MarginRun, MarginRun.id == MarginResult.run_id)
        .join(Period, Period.id == MarginRun.period_id)
        .join(PlanVersion, PlanVersion.id == MarginResult.plan_id)
        .where(MarginResult.partner_id == partner_id, MarginRun.state == RunState.APPROVED)
        .order_by(Period.starts_on.desc())
        .limit(STATED)
    ).all()


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
