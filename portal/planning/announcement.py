"""Telling the firms of a segment that the plan of their next period is published."""

from datetime import datetime

from portal import mail
from portal.calendar import paris_date
from portal.db import db
from portal.mail import Recipient
from portal.margin.facts import select_partners
from portal.margin.models import PlanState, PlanVersion
from portal.partners.models import Partner
from portal.periods.models import Period
from portal.users.models import Role, User, UserState


def announce_plan(plan_id: int, *, at: datetime) -> None:
    """Write to the administrators of every firm of the segment, before the plan applies; each once."""
    plan = db.session.get(PlanVersion, plan_id)
    if plan is None or plan.state is not PlanState.PUBLISHED:
        return
    period = db.session.get_one(Period, plan.period_id)
    if period.starts_on <= paris_date(at):
        return
    rows = db.session.execute(
        select_partners(period)
        .with_only_columns(
            Partner.id, Partner.legal_name, User.email, User.name, User.locale, User.id.label("user")
        )
        .join(User, User.partner_id == Partner.id)
        .where(Partner.segment == plan.segment)
        .where(User.role == Role.PARTNER_ADMIN, User.state == UserState.ACTIVE)
        .order_by(Partner.id, User.id)
    )
    for row in rows.all():
        mail.queue(
            "plan.published", to=[Recipient(row.email, row.name, row.locale, row.user)],
            purpose=plan.id, at=at, partner_id=row.id, path="/coming-plan", firm=row.legal_name,
            period=period.code, plan=plan.code, version=plan.version, starts_on=period.starts_on.isoformat(),
        )  # fmt: skip
