"""Giving partners a PAM, handing them over, and being away."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, select, update

from portal import audit
from portal.calendar import paris_date
from portal.db import AnyRow, db
from portal.errors import Invalid, NotFound, Refused
from portal.partners.models import Partner
from portal.portfolio.emails import tell_of_handover
from portal.portfolio.models import Delegation, PamAssignment
from portal.portfolio.queries import on_day
from portal.users.models import Role, User, UserState


def assign_pam(
    *, partner_id: int, pam_id: int, starts_on: date, reason: str, actor_id: int, at: datetime
) -> None:
    """Give one partner another PAM, now or from a later day on."""
    hand_over(
        partner_ids=[partner_id], pam_id=pam_id, starts_on=starts_on, reason=reason, actor_id=actor_id, at=at
    )


def hand_over(
    *, partner_ids: Sequence[int], pam_id: int, starts_on: date, reason: str, actor_id: int, at: datetime
) -> None:
    """Hand partners over to a PAM from a day on: what each had is closed and the next opened, at once.

    A handover already dated later stays as it is; claims follow, clocks run on, decisions keep their author.
    """
    pam = _able_pam(pam_id)
    if starts_on < paris_date(at):
        raise Invalid({"starts_on": "handover_in_the_past"})
    current = _assignments_on(partner_ids, starts_on)
    _check(current, partner_ids, pam_id)
    given = {"pam_id": pam_id, "reason": reason, "assigned_by_id": actor_id, "assigned_at": at}
    _move(current, starts_on, given)
    for row in current:
        audit.record(
            "pam.assigned", subject=("partner", row.partner_id), at=at, actor_id=actor_id,
            partner_id=row.partner_id, before=row.pam_id, after=pam_id, starts_on=starts_on.isoformat(),
            reason=reason,
        )  # fmt: skip
    tell_of_handover(
        before={row.partner_id: row.pam_id for row in current}, pam=pam, starts_on=starts_on, reason=reason,
        purpose=f"{pam_id}:{starts_on}:{at.isoformat()}", at=at,
    )  # fmt: skip


def _move(current: Sequence[AnyRow], starts_on: date, given: Mapping[str, object]) -> None:
    """Close what began before the day and open what follows; what begins on it has not been lived yet."""
    begun = [row for row in current if row.starts_on < starts_on]
    unlived = [row.id for row in current if row.starts_on == starts_on]
    ids = [row.id for row in begun]
    db.session.execute(update(PamAssignment).where(PamAssignment.id.in_(ids)).values(ends_before=starts_on))
    db.session.execute(update(PamAssignment).where(PamAssignment.id.in_(unlived)).values(**given))
    if begun:
        opened = [
            {"partner_id": row.partner_id, "starts_on": starts_on, "ends_before": row.ends_before, **given}
            for row in begun
        ]
        db.session.execute(insert(PamAssignment), opened)


def _able_pam(pam_id: int) -> User:
    pam = db.session.get(User, pam_id)
    if pam is None or pam.role is not Role.PAM or pam.state is UserState.DEACTIVATED:
        raise Invalid({"pam": "not_a_pam"})
    return pam


def _assignments_on(partner_ids: Sequence[int], on: date) -> Sequence[AnyRow]:
    return db.session.execute(
        select(
            PamAssignment.id, PamAssignment.partner_id, PamAssignment.pam_id, PamAssignment.starts_on,
            PamAssignment.ends_before,
        )
        .join(Partner, Partner.id == PamAssignment.partner_id)
        .where(PamAssignment.partner_id.in_(partner_ids), on_day(on))
        .order_by(PamAssignment.partner_id)
        .with_for_update(of=PamAssignment)
    ).all()  # fmt: skip


def _check(current: Sequence[AnyRow], partner_ids: Sequence[int], pam_id: int) -> None:
    if len(current) != len(set(partner_ids)):
        raise Refused("not_followed_that_day")
    if any(row.pam_id == pam_id for row in current):
        raise Invalid({"pam": "same_pam"})


def set_absence(
    *, pam_id: int, deputy_id: int, starts_on: date, last_day: date, actor_id: int, at: datetime
) -> None:
    """A PAM is away on these days, both included; the deputy answers, and the assignment stays as it is."""
    _able_pam(deputy_id)
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
