"""Being away: a deputy answers, and the assignment stays as it is."""

from datetime import date, datetime, timedelta

from sqlalchemy import delete

from portal import audit
from portal.calendar import paris_date
from portal.db import db
from portal.errors import Invalid, NotFound
from portal.portfolio.emails import tell_deputy
from portal.portfolio.models import Delegation
from portal.portfolio.services.handover import able_pam


def set_absence(
    *, pam_id: int, deputy_id: int, starts_on: date, last_day: date, actor_id: int, at: datetime
) -> None:
    """A PAM is away on these days, both included; the deputy answers, and the assignment stays as it is."""
    deputy = able_pam(deputy_id, field="deputy")
    if starts_on < paris_date(at):
        raise Invalid({"starts_on": "absence_in_the_past"})
    if last_day < starts_on:
        raise Invalid({"last_day": "ends_before_it_starts"})
    if deputy_id == pam_id:
        raise Invalid({"deputy": "deputy_is_oneself"})
    ends_before = last_day + timedelta(days=1)
    db.session.add(
        Delegation(
            pam_id=pam_id, deputy_id=deputy_id, starts_on=starts_on, ends_before=ends_before, created_at=at
        )
    )
    db.session.flush()
    audit.record(
        "absence.set", subject=("user", pam_id), at=at, actor_id=actor_id, deputy=deputy_id,
        starts_on=starts_on.isoformat(), last_day=last_day.isoformat(),
    )  # fmt: skip
    tell_deputy(deputy=deputy, pam_id=pam_id, starts_on=starts_on, last_day=last_day, at=at)


def end_absence(*, delegation_id: int, pam_id: int, actor_id: int, at: datetime) -> None:
    """The PAM is back today, or will not be away after all."""
    today = paris_date(at)
    absence = db.session.get(Delegation, delegation_id)
    if absence is None or absence.pam_id != pam_id or absence.ends_before <= today:
        raise NotFound
    if absence.starts_on < today:
        absence.ends_before = today
        db.session.flush()
    else:
        db.session.execute(delete(Delegation).where(Delegation.id == delegation_id))
    audit.record("absence.ended", subject=("user", pam_id), at=at, actor_id=actor_id, on=today.isoformat())
