"""Adjustments proposed by one person and decided by another, who lets them into the next open period."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal import audit, catalogue
from portal.catalogue import ReasonKind
from portal.corrections.emails import tell_of_adjustment
from portal.corrections.queries import next_open_period, standings_of, statements_of
from portal.db import db
from portal.errors import Forbidden, Invalid, NotFound, Stale
from portal.margin.models import Adjustment
from portal.partners.models import Partner
from portal.periods.models import Period, PeriodState
from portal.periods.queries import get_period
from portal.statements.models import DisputedKind, DisputedLine
from portal.users.models import User


def get_adjustment(public_id: UUID, *, for_update: bool = False) -> Adjustment:
    """An adjustment; NotFound where the reader may not see it or there is none."""
    query = select(Adjustment).where(Adjustment.public_id == public_id)
    query = query.with_for_update() if for_update else query
    found = db.session.execute(
        query, execution_options={"populate_existing": for_update}
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def propose_by_hand(
    *,
    partner_code: str,
    amount: Decimal,
    reason_code: str,
    note: str,
    origin_code: str,
    in_result: bool,
    actor_id: int,
    at: datetime,
    dispute_line: DisputedLine | None = None,
) -> Adjustment:
    """Propose an amount, signed, with its motive; `in_result` when the inputs themselves will follow.

    With a disputed line that was accepted, it corrects the statement that the line is of.
    """
    partner, period, origin = _concerned(partner_code, origin_code)
    faults: dict[str, str] = {}
    if not amount:
        faults["amount"] = "adjustment_of_nothing"
    if reason_code not in catalogue.list_reasons(ReasonKind.ADJUSTMENT):
        faults["reason"] = "required"
    if not note.strip():
        faults["note"] = "required"
    if in_result and origin is None:
        faults["origin"] = "required"
    if faults:
        raise Invalid(faults)
    stated = statements_of(origin.id, [partner.id]) if origin else {}
    row = Adjustment(
        partner_id=partner.id,
        origin_period_id=(origin or period).id,
        period_id=period.id,
        origin_statement_id=stated.get(partner.id),
        amount=amount,
        reason_code=reason_code,
        note=note.strip(),
        by_hand=True,
        in_result=in_result,
        proposed_by_id=actor_id,
        proposed_at=at,
    )
    if dispute_line is not None:
        row.dispute_line_id, row.origin_statement_id = dispute_line.id, dispute_line.statement_id
        row.origin_claim_line_id = _claim_line(dispute_line)
    db.session.add(row)
    db.session.flush()
    _record("adjustment.proposed", row, actor_id, at, by_hand=True, reason=reason_code)
    return row


def _claim_line(line: DisputedLine) -> int | None:
    return standings_of({line.key})[1].get(line.key) if line.kind is DisputedKind.CLAIM else None


def _concerned(partner_code: str, origin_code: str) -> tuple[Partner, Period, Period | None]:
    """The firm, the period that takes the adjustment, and the closed one that it corrects, if any."""
    partner = db.session.execute(
        select(Partner).where(Partner.code == partner_code.strip().upper())
    ).scalar_one_or_none()
    if partner is None:
        raise Invalid({"partner": "firm_unknown"})
    if not origin_code:
        first = select(Period).where(Period.state == PeriodState.OPEN)
        ordered = first.order_by(Period.ends_before, Period.starts_on.desc()).limit(1)
        period = db.session.execute(ordered).scalar_one_or_none()
        if period is None:
            raise Invalid({"origin": "correction_no_open_period"})
        return partner, period, None
    origin = get_period(origin_code)
    if origin.state is not PeriodState.CLOSED:
        raise Invalid({"origin": "correction_not_closed"})
    return partner, next_open_period(origin), origin


def choose_reason(
    *, adjustment: Adjustment, seen: int, reason_code: str, note: str, actor_id: int, at: datetime
) -> None:
    """Say why, where the changes do not say it by themselves, and what the firm is told of it."""
    _check_pending(adjustment, seen)
    if reason_code not in catalogue.list_reasons(ReasonKind.ADJUSTMENT):
        raise Invalid({"reason": "required"})
    if adjustment.by_hand and not note.strip():
        raise Invalid({"note": "required"})
    adjustment.reason_code, adjustment.note = reason_code, note.strip()
    adjustment.version += 1
    db.session.flush()
    _record("adjustment.explained", adjustment, actor_id, at, reason=reason_code)


def approve_adjustment(*, adjustment: Adjustment, seen: int, actor_id: int, at: datetime) -> None:
    """Another person than who proposed it lets it into the next open period."""
    _check_pending(adjustment, seen)
    if adjustment.proposed_by_id == actor_id:
        raise Forbidden("adjustment_four_eyes")
    if adjustment.reason_code is None:
        raise Invalid({"reason": "adjustment_reason_missing"})
    adjustment.period_id = _target(adjustment).id
    adjustment.approved_by_id, adjustment.approved_at = actor_id, at
    adjustment.version += 1
    db.session.flush()
    _record("adjustment.approved", adjustment, actor_id, at, reason=adjustment.reason_code)
    tell_of_adjustment(adjustment, at=at)


def _target(adjustment: Adjustment) -> Period:
    """The period it was proposed for, held open; the next one where that has closed meanwhile."""
    period = db.session.get_one(Period, adjustment.period_id, with_for_update={"read": True})
    if period.state is PeriodState.OPEN:
        return period
    origin = db.session.get_one(Period, adjustment.origin_period_id)
    return next_open_period(origin, held=True)


def refuse_adjustment(*, adjustment: Adjustment, seen: int, motive: str, actor_id: int, at: datetime) -> None:
    """Turn a proposal down, saying why; the same one does not come back while nothing changes."""
    _check_pending(adjustment, seen)
    if not motive.strip():
        raise Invalid({"motive": "required"})
    adjustment.refused_by_id, adjustment.refused_at, adjustment.refusal = actor_id, at, motive.strip()
    adjustment.version += 1
    db.session.flush()
    _record("adjustment.refused", adjustment, actor_id, at, motive=motive.strip())


def _check_pending(adjustment: Adjustment, seen: int) -> None:
    """Stale when somebody decided it, or a recomputation refreshed it, after it was read."""
    decided_at = adjustment.approved_at or adjustment.refused_at
    if decided_at is not None:
        who = adjustment.approved_by_id or adjustment.refused_by_id
        what = "adjustment_approved" if adjustment.approved_at else "adjustment_refused"
        raise Stale(who=name_of(who), what=what, at=decided_at)
    if adjustment.version != seen:
        raise Stale(
            who=name_of(adjustment.proposed_by_id), what="adjustment_changed", at=adjustment.proposed_at
        )


def name_of(user_id: int | None) -> str:
    return db.session.execute(select(User.name).where(User.id == user_id)).scalar() or ""


def _record(action: str, row: Adjustment, actor_id: int, at: datetime, **details: Any) -> None:
    audit.record(
        action,
        subject=("adjustment", row.id),
        at=at,
        actor_id=actor_id,
        partner_id=row.partner_id,
        amount=str(row.amount),
        **details,
    )
