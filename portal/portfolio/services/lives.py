"""A firm joins the programme and leaves it: its PAM comes and goes with it, day for day."""

from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, select, update

from portal import audit
from portal.calendar import paris_date
from portal.db import db
from portal.errors import Invalid, Refused
from portal.partners.models import Coverage, Partner, Segment, Unit
from portal.partners.names import search_key
from portal.portfolio.emails import tell_of_leaving
from portal.portfolio.models import PamAssignment
from portal.portfolio.services.handover import able_pam


def join_programme(
    *,
    code: str,
    siren: str,
    legal_name: str,
    segment: Segment,
    coverage: Coverage,
    pam_id: int | None,
    starts_on: date,
    actor_id: int,
    at: datetime,
) -> Partner:
    """A new firm, with its PAM from its first day; an alliance has none, it is followed by EPG."""
    alliance = segment is Segment.ALLIANCE
    if alliance and pam_id:
        raise Invalid({"pam": "alliance_has_no_pam"})
    if not alliance:
        able_pam(pam_id or 0)
    if starts_on < paris_date(at):
        raise Invalid({"starts_on": "joining_in_the_past"})
    _refuse_known(code, siren)
    partner = Partner(
        code=code, siren=siren, legal_name=legal_name, search_name=search_key(legal_name), segment=segment,
        settled_coverage=coverage, unit=Unit.EPG if alliance else Unit.PST, starts_on=starts_on,
    )  # fmt: skip
    db.session.add(partner)
    db.session.flush()
    if pam_id and not alliance:
        db.session.execute(
            insert(PamAssignment).values(
                partner_id=partner.id, pam_id=pam_id, starts_on=starts_on, assigned_by_id=actor_id,
                assigned_at=at,
            )
        )  # fmt: skip
    audit.record(
        "partner.joined", subject=("partner", partner.id), at=at, actor_id=actor_id,
        partner_id=partner.id, siren=siren, segment=segment,
        pam=pam_id, starts_on=starts_on.isoformat(),
    )  # fmt: skip
    return partner


def _refuse_known(code: str, siren: str) -> None:
    known = db.session.execute(
        select(Partner.code, Partner.siren).where((Partner.code == code) | (Partner.siren == siren))
    ).all()
    if any(row.code == code for row in known):
        raise Invalid({"code": "code_taken"})
    if known:
        raise Invalid({"siren": "siren_taken"}, code=known[0].code)


def leave_programme(*, partner: Partner, last_day: date, reason: str, actor_id: int, at: datetime) -> None:
    """A firm leaves after this day: its PAM's assignment ends with it, what it did and is owed stays."""
    if partner.ends_before is not None:
        raise Refused("leaves_already")
    _check_last_day(partner, last_day, at)
    _end(partner, last_day + timedelta(days=1))
    audit.record(
        "partner.left", subject=("partner", partner.id), at=at, actor_id=actor_id, partner_id=partner.id,
        last_day=last_day.isoformat(), reason=reason,
    )  # fmt: skip
    tell_of_leaving(partner, last_day=last_day, reason=reason, at=at)


def change_last_day(*, partner: Partner, last_day: date | None, actor_id: int, at: datetime) -> None:
    """A firm that has not left yet leaves on another day, or stays."""
    if partner.ends_before is None or partner.ends_before <= paris_date(at):
        raise Refused("left_already")
    if partner.merged_into_id is not None:
        raise Refused("merged_already")
    if last_day is not None:
        _check_last_day(partner, last_day, at)
    before = partner.ends_before - timedelta(days=1)
    _end(partner, last_day + timedelta(days=1) if last_day else None)
    audit.record(
        "partner.stays", subject=("partner", partner.id), at=at, actor_id=actor_id, partner_id=partner.id,
        before=before.isoformat(), after=last_day.isoformat() if last_day else None,
    )  # fmt: skip


def _check_last_day(partner: Partner, last_day: date, at: datetime) -> None:
    if last_day < paris_date(at):
        raise Invalid({"last_day": "leaving_in_the_past"})
    if last_day < partner.starts_on:
        raise Invalid({"last_day": "leaving_before_joining"})


def _end(partner: Partner, ends_before: date | None) -> None:
    """The firm's last assignment ends with it; those that would have begun later never do."""
    of = PamAssignment.partner_id == partner.id
    last = (
        select(PamAssignment.id).where(of).order_by(PamAssignment.starts_on.desc()).limit(1).scalar_subquery()
    )
    if ends_before is not None:
        db.session.execute(delete(PamAssignment).where(of, PamAssignment.starts_on >= ends_before))
    db.session.execute(
        update(PamAssignment)
        .where(PamAssignment.id == last)
        .values(ends_before=ends_before)
        .execution_options(synchronize_session=False)
    )
    partner.ends_before = ends_before
    db.session.flush()
