"""Giving partners another PAM: now or dated ahead, one by one or a whole portfolio."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update

from portal import audit
from portal.calendar import paris_date
from portal.db import AnyRow, db
from portal.errors import Invalid, Refused
from portal.partners.models import Partner
from portal.portfolio.emails import tell_of_handover
from portal.portfolio.models import PamAssignment
from portal.portfolio.queries import on_day
from portal.portfolio.services.notes import ask_for_notes
from portal.users.models import Role, User, UserState


@dataclass(frozen=True, slots=True)
class Refusal:
    """A partner that was not handed over, and why."""

    partner_id: int
    code: str
    name: str
    why: str


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
    able, refusals = check_handover(partner_ids=partner_ids, pam_id=pam_id, starts_on=starts_on, at=at)
    if refusals and refusals[0].why == "same_pam":
        raise Invalid({"pam": "same_pam"})
    if refusals:
        raise Refused(refusals[0].why)
    _carry_out(able, pam_id=pam_id, starts_on=starts_on, reason=reason, actor_id=actor_id, at=at)


def hand_over_portfolio(
    *, partner_ids: Sequence[int], pam_id: int, starts_on: date, reason: str, actor_id: int, at: datetime
) -> tuple[int, list[Refusal]]:
    """Hand over those of these partners that can be: how many, and why each of the others was not."""
    able, refusals = check_handover(partner_ids=partner_ids, pam_id=pam_id, starts_on=starts_on, at=at)
    if able:
        _carry_out(able, pam_id=pam_id, starts_on=starts_on, reason=reason, actor_id=actor_id, at=at)
    return len(able), refusals


def check_handover(
    *, partner_ids: Sequence[int], pam_id: int, starts_on: date, at: datetime
) -> tuple[Sequence[AnyRow], list[Refusal]]:
    """Each partner checked alone: the assignments that would end, and why the others would not."""
    able_pam(pam_id)
    if starts_on < paris_date(at):
        raise Invalid({"starts_on": "handover_in_the_past"})
    if not partner_ids:
        raise Invalid({"partners": "required"})
    current = {row.partner_id: row for row in _assignments_on(partner_ids, starts_on)}
    names = db.session.execute(
        select(Partner.id, Partner.code, Partner.legal_name)
        .where(Partner.id.in_(partner_ids))
        .order_by(Partner.code)
    )
    able, refusals = [], []
    for partner_id, code, name in names:
        row = current.get(partner_id)
        if row is not None and row.pam_id != pam_id:
            able.append(row)
        else:
            why = "same_pam" if row else "not_followed_that_day"
            refusals.append(Refusal(partner_id, code, name, why))
    return able, refusals


def able_pam(pam_id: int, *, field: str = "pam") -> User:
    """The account manager, if he or she is here."""
    pam = db.session.get(User, pam_id)
    if pam is None or pam.role is not Role.PAM or pam.state is UserState.DEACTIVATED:
        raise Invalid({field: "not_a_pam"})
    return pam


def _carry_out(
    current: Sequence[AnyRow], *, pam_id: int, starts_on: date, reason: str, actor_id: int, at: datetime
) -> None:
    given = {"pam_id": pam_id, "reason": reason, "assigned_by_id": actor_id, "assigned_at": at}
    move([(row, starts_on, given) for row in current])
    for row in current:
        audit.record(
            "pam.assigned", subject=("partner", row.partner_id), at=at, actor_id=actor_id,
            partner_id=row.partner_id, before=row.pam_id, after=pam_id, starts_on=starts_on.isoformat(),
            reason=reason,
        )  # fmt: skip
    before = {row.partner_id: row.pam_id for row in current}
    tell_of_handover(
        before=before, pam=able_pam(pam_id), starts_on=starts_on, reason=reason,
        purpose=f"{pam_id}:{starts_on}:{at.isoformat()}", at=at,
    )  # fmt: skip
    ask_for_notes(
        moves=[(row.partner_id, row.pam_id, pam_id, starts_on) for row in current], reason=reason,
        actor_id=actor_id, at=at,
    )  # fmt: skip


def move(moves: Sequence[tuple[AnyRow, date, dict[str, object]]]) -> None:
    """Close what began before the day and open what follows; what begins on it has not been lived yet.

    Each move is (assignment to end, first day of the next, its values).
    """
    begun = [one for one in moves if one[0].starts_on < one[1]]
    unlived = [{"id": row.id, **_kept(given)} for row, on, given in moves if row.starts_on == on]
    if begun:
        closed = [{"id": row.id, "ends_before": on} for row, on, _given in begun]
        db.session.execute(update(PamAssignment), closed)
        opened = [
            {"partner_id": row.partner_id, "starts_on": on, "ends_before": row.ends_before, **given}
            for row, on, given in begun
        ]
        db.session.execute(insert(PamAssignment), opened)
    if unlived:
        db.session.execute(update(PamAssignment), unlived)


def _kept(given: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in given.items() if name != "reorganisation_id"}


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
