"""Finding periods."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, or_, select

from portal.db import AnySelect, db
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


def list_unstated(on: date) -> Sequence[Period]:
    """Periods that have begun and take a run still, the one that is stated next first."""
    query = select(Period).where(
        Period.starts_on <= on, Period.state.not_in((PeriodState.APPROVED, PeriodState.CLOSED))
    )
    return db.session.execute(query.order_by(Period.ends_before, Period.starts_on.desc())).scalars().all()


def select_inside(period: Period) -> AnySelect:
    """Ids of the shorter periods whose days are all this one's: paid in advance of it."""
    shorter = or_(Period.starts_on > period.starts_on, Period.ends_before < period.ends_before)
    return select(Period.id).where(
        Period.starts_on >= period.starts_on, Period.ends_before <= period.ends_before, shorter
    )


def select_earlier(period: Period) -> AnySelect:
    """Ids of the periods stated before this one, the nearest first: those inside come before the whole."""
    same_end = and_(Period.ends_before == period.ends_before, Period.starts_on > period.starts_on)
    earlier = or_(Period.ends_before < period.ends_before, same_end)
    return select(Period.id).where(earlier).order_by(Period.ends_before.desc(), Period.starts_on)


def select_later(period: Period) -> AnySelect:
    """Ids of the periods stated after this one."""
    same_end = and_(Period.ends_before == period.ends_before, Period.starts_on < period.starts_on)
    return select(Period.id).where(or_(Period.ends_before > period.ends_before, same_end))
