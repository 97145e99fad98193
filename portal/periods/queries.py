"""Finding periods."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from portal.db import db
from portal.errors import NotFound
from portal.periods.models import Period, PeriodState


def get_period(code: str) -> Period:
    """The period of this code; NotFound where there is none."""
    found = db.session.execute(select(Period).where(Period.code == code)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def current_period(on: date) -> Period | None:
    """The half-year, or else the quarter or year, that this day is in."""
    return db.session.execute(
        select(Period)
        .where(Period.starts_on <= on, Period.ends_before > on)
        .order_by(Period.code.contains("-H").desc(), Period.starts_on.desc())
        .limit(1)
    ).scalar_one_or_none()


def list_periods(*states: PeriodState) -> Sequence[Period]:
    """Periods in these states, or all, the latest first."""
    query = select(Period).order_by(Period.starts_on.desc(), Period.code)
    if states:
        query = query.where(Period.state.in_(states))
    return db.session.execute(query).scalars().all()
