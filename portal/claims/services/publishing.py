"""How long decisions take, published every day for both sides."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median

from sqlalchemy import case, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import Date

from portal.calendar import paris_date, working_days_between
from portal.claims.models import Claim, DecisionTime
from portal.db import db
from portal.partners.models import Coverage, Partner

LOOKED_AT = timedelta(days=90)
LEAST = 5  # fewer decisions say more of one firm than of a team
TELE = "TELE"


def publish_times(*, at: datetime) -> int:
    """Publish the median of each team's last ninety days, in working days; return how many teams."""
    spans: dict[str, list[int]] = defaultdict(list)
    for team, submitted_on, decided_on, count in _decided(at):
        spans[team] += [max(0, working_days_between(submitted_on, decided_on))] * count
    on = paris_date(at)
    rows = [
        {"published_on": on, "team": team, "median_days": Decimal(str(median(days)))}
        for team, days in sorted(spans.items())
        if len(days) >= LEAST
    ]
    if rows:
        db.session.execute(insert(DecisionTime).on_conflict_do_nothing(), rows)
    return len(rows)


def _decided(at: datetime) -> list[tuple[str, date, date, int]]:
    """Team, day of declaration, day of decision, how many; a first decision, not one on appeal."""
    team = case((Partner.coverage == Coverage.TELE, TELE), else_=Partner.segment)
    days = [
        cast(func.timezone("Europe/Paris", moment), Date)
        for moment in (Claim.submitted_at, func.coalesce(Claim.first_decided_at, Claim.decided_at))
    ]
    query = (
        select(team, *days, func.count())
        .join(Partner, Partner.id == Claim.partner_id)
        .where(Claim.decided_at >= at - LOOKED_AT, Claim.decided_at <= at, Claim.submitted_at.is_not(None))
        .group_by(team, *days)
    )
    return [(row[0], row[1], row[2], row[3]) for row in db.session.execute(query)]
