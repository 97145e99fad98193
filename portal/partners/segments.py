"""A firm that comes into another segment from a day on: earlier orders stay under the old one's plan."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select

from portal import audit, mail
from portal.calendar import paris_date
from portal.db import AnyRow, db
from portal.errors import Invalid
from portal.mail import Recipient
from portal.partners.models import Partner, Segment, SegmentChange, Unit
from portal.periods.models import Period, PeriodState
from portal.users.models import Role, User, UserState


def change_segment(
    *, partner: Partner, segment: Segment, changes_on: date, reason: str, actor_id: int, at: datetime
) -> None:
    """Move a firm to another segment from a day on that no statement covers yet, and tell it."""
    partner = db.session.get_one(Partner, partner.id, with_for_update=True, populate_existing=True)
    before = partner.segment
    faults = _faults(partner, segment, changes_on, reason, at)
    if faults:
        raise Invalid(faults)
    partner.segment = segment
    db.session.add(
        SegmentChange(
            partner_id=partner.id, changes_on=changes_on, before=before, after=segment, reason=reason,
            changed_by_id=actor_id, changed_at=at,
        )
    )  # fmt: skip
    db.session.flush()
    audit.record(
        "partner.segment_changed", subject=("partner", partner.id), at=at, actor_id=actor_id,
        partner_id=partner.id, before=before, after=segment, changes_on=changes_on.isoformat(), reason=reason,
    )  # fmt: skip
    _tell(partner, before, changes_on, at)


def list_segment_changes(partner_id: int) -> Sequence[AnyRow]:
    """The changes of a firm's segment, the latest first."""
    return db.session.execute(
        select(SegmentChange.changes_on, SegmentChange.before, SegmentChange.after, SegmentChange.reason)
        .where(SegmentChange.partner_id == partner_id)
        .order_by(SegmentChange.changes_on.desc())
    ).all()


def _faults(
    partner: Partner, segment: Segment, changes_on: date, reason: str, at: datetime
) -> dict[str, str]:
    faults = {}
    if segment is partner.segment or segment is Segment.ALLIANCE or partner.unit is not Unit.PST:
        faults["segment"] = "segment_same" if segment is partner.segment else "segment_elsewhere"
    last = select(func.max(SegmentChange.changes_on)).where(SegmentChange.partner_id == partner.id)
    since = db.session.execute(last).scalar_one() or partner.starts_on
    if not since < changes_on <= paris_date(at):
        faults["changes_on"] = "segment_day"
    elif _is_stated(changes_on):
        faults["changes_on"] = "segment_stated"
    if not reason:
        faults["reason"] = "required"
    return faults


def _is_stated(day: date) -> bool:
    """Whether a period that was stated already has this day or a later one."""
    done = (PeriodState.APPROVED, PeriodState.CLOSED)
    query = select(Period.id).where(Period.ends_before > day, Period.state.in_(done))
    return db.session.execute(query.limit(1)).first() is not None


def _tell(partner: Partner, before: Segment, changes_on: date, at: datetime) -> None:
    people = db.session.execute(
        select(User.email, User.name, User.locale, User.id).where(
            User.partner_id == partner.id, User.role == Role.PARTNER_ADMIN, User.state == UserState.ACTIVE
        )
    )
    mail.queue(
        "partner.segment_changed", to=[Recipient(*person) for person in people],
        purpose=f"{partner.id}-{changes_on}", at=at, partner_id=partner.id, path="/objectives",
        firm=partner.legal_name, before=before.value, after=partner.segment.value,
        changes_on=changes_on.isoformat(),
    )  # fmt: skip
