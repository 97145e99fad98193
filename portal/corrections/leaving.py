"""Firms that left with a balance: proposed by one person, paid or written off by another, never forgotten."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from portal import audit, ledger
from portal.calendar import paris_date
from portal.corrections.decisions import name_of
from portal.db import AnyRow, AnySelect, db
from portal.errors import Forbidden, Invalid, NotFound, Refused, Stale
from portal.margin.models import BalanceSettlement, MarginResult, MarginRun, RunState, SettlementManner
from portal.partners.models import Partner
from portal.periods.models import Period, PeriodState
from portal.statements.models import Statement
from portal.users.models import User


def list_leaving(*, on: date) -> Sequence[AnyRow]:
    """Firms that left and whose last result carries a balance, the oldest first, with what is proposed."""
    return db.session.execute(_leaving(on).order_by(Partner.ends_before, Partner.code)).all()


def count_leaving(*, on: date) -> int:
    """How many of them nobody has settled."""
    return db.session.execute(select(func.count()).select_from(_leaving(on).subquery())).scalar_one()


def find_leaving(partner_id: int, *, on: date) -> AnyRow | None:
    """The balance that a firm left with; none where it has none, or is still there."""
    return db.session.execute(_leaving(on).where(Partner.id == partner_id)).one_or_none()


def _leaving(on: date) -> AnySelect:
    last = (
        select(MarginResult.partner_id, func.max(Period.ends_before).label("ends_before"))
        .join(MarginRun, MarginRun.id == MarginResult.run_id)
        .join(Period, Period.id == MarginRun.period_id)
        .where(MarginRun.state == RunState.APPROVED)
        .group_by(MarginResult.partner_id)
        .subquery()
    )
    alive, proposer = aliased(BalanceSettlement), aliased(User)
    proposed = and_(alive.result_id == MarginResult.id, alive.refused_at.is_(None))
    return (
        select(
            *(Partner.id, Partner.public_id, Partner.code, Partner.legal_name, Partner.ends_before),
            *(MarginResult.id.label("result_id"), MarginResult.carry_out, Period.code.label("period")),
            *(alive.public_id.label("settlement"), alive.manner, alive.note, alive.reference),
            *(alive.settled_on, alive.proposed_at, alive.proposed_by_id, proposer.name.label("proposed_by")),
        )
        .join(MarginResult, MarginResult.partner_id == Partner.id)
        .join(MarginRun, MarginRun.id == MarginResult.run_id)
        .join(Period, Period.id == MarginRun.period_id)
        .join(last, and_(last.c.partner_id == Partner.id, last.c.ends_before == Period.ends_before))
        .outerjoin(alive, proposed)
        .outerjoin(proposer, proposer.id == alive.proposed_by_id)
        .where(MarginRun.state == RunState.APPROVED, MarginResult.carry_out != 0)
        .where(Partner.ends_before <= on, alive.approved_at.is_(None))
    )


def propose_settlement(
    *,
    partner_id: int,
    manner: SettlementManner,
    settled_on: date,
    reference: str,
    note: str,
    actor_id: int,
    at: datetime,
) -> BalanceSettlement:
    """Propose to pay, or to write off, all that a firm left with."""
    found = find_leaving(partner_id, on=paris_date(at))
    if found is None:
        raise NotFound
    if found.settlement is not None:
        raise Refused("uq_balance_settlements_result")
    faults = {} if note.strip() else {"note": "required"}
    if manner is SettlementManner.PAID and not reference.strip():
        faults["reference"] = "required"
    if settled_on > paris_date(at):
        faults["settled_on"] = "day_in_future"
    elif manner is SettlementManner.PAID and settled_on < _stated_on(found.result_id):
        faults["settled_on"] = "paid_before_stated"
    if faults:
        raise Invalid(faults)
    row = BalanceSettlement(
        partner_id=partner_id,
        result_id=found.result_id,
        amount=found.carry_out,
        manner=manner,
        settled_on=settled_on,
        reference=reference.strip(),
        note=note.strip(),
        proposed_by_id=actor_id,
        proposed_at=at,
    )
    db.session.add(row)
    db.session.flush()
    _record("balance.settlement_proposed", row, actor_id, at)
    return row


def _stated_on(result_id: int) -> date:
    """The day on which the balance was stated; the first of days where it never was."""
    stated = select(func.min(Statement.issued_on)).where(Statement.result_id == result_id)
    return db.session.execute(stated).scalar() or date.min


def get_settlement(public_id: UUID, *, for_update: bool = False) -> BalanceSettlement:
    """A settlement; NotFound where there is none."""
    query = select(BalanceSettlement).where(BalanceSettlement.public_id == public_id)
    query = query.with_for_update() if for_update else query
    found = db.session.execute(
        query, execution_options={"populate_existing": for_update}
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def approve_settlement(*, settlement: BalanceSettlement, actor_id: int, at: datetime) -> None:
    """Another person lets it through: the journal has its entry, and the balance is carried no further."""
    _check_pending(settlement)
    if settlement.proposed_by_id == actor_id:
        raise Forbidden("adjustment_four_eyes")
    settlement.approved_by_id, settlement.approved_at = actor_id, at
    db.session.flush()
    paid = settlement.manner is SettlementManner.PAID
    occasion = ledger.Occasion(
        partner_id=settlement.partner_id,
        period_id=_period(settlement).id,
        on=settlement.settled_on if paid else paris_date(at),  # a payment counts in the year of its day
        at=at,
        reference=settlement.reference,
        actor_id=actor_id,
    )
    ledger.post_balance(occasion, settlement_id=settlement.id, amount=settlement.amount, paid=paid)
    _record("balance.settled", settlement, actor_id, at)


def _period(settlement: BalanceSettlement) -> Period:
    """The open period into which the balance would have been carried, held; or the one it comes from."""
    origin = db.session.execute(
        select(Period)
        .join(MarginRun, MarginRun.period_id == Period.id)
        .join(MarginResult, MarginResult.run_id == MarginRun.id)
        .where(MarginResult.id == settlement.result_id)
    ).scalar_one()
    later = select(Period).where(Period.ends_before > origin.ends_before)
    following = db.session.execute(
        later.order_by(Period.ends_before, Period.starts_on.desc()).limit(1).with_for_update(read=True)
    ).scalar_one_or_none()
    if following is not None and following.state is not PeriodState.OPEN:
        raise Refused("balance_settlements_period_open")
    return following or origin


def refuse_settlement(*, settlement: BalanceSettlement, motive: str, actor_id: int, at: datetime) -> None:
    """Turn it down, saying why; another may be proposed."""
    _check_pending(settlement)
    if not motive.strip():
        raise Invalid({"motive": "required"})
    settlement.refused_by_id, settlement.refused_at, settlement.refusal = actor_id, at, motive.strip()
    db.session.flush()
    _record("balance.settlement_refused", settlement, actor_id, at, motive=motive.strip())


def _check_pending(settlement: BalanceSettlement) -> None:
    decided_at = settlement.approved_at or settlement.refused_at
    if decided_at is not None:
        what = "adjustment_approved" if settlement.approved_at else "adjustment_refused"
        who = settlement.approved_by_id or settlement.refused_by_id
        raise Stale(who=name_of(who), what=what, at=decided_at)


def _record(action: str, row: BalanceSettlement, actor_id: int, at: datetime, **details: Any) -> None:
    audit.record(
        action,
        subject=("balance_settlement", row.id),
        at=at,
        actor_id=actor_id,
        partner_id=row.partner_id,
        amount=str(row.amount),
        manner=row.manner.value,
        **details,
    )


def carried_balance(partner_id: int) -> Decimal:
    """What the firm's last stated period carries on: negative where later margins have to absorb it."""
    row = db.session.execute(
        select(MarginResult.id, MarginResult.carry_out)
        .join(MarginRun, MarginRun.id == MarginResult.run_id)
        .join(Period, Period.id == MarginRun.period_id)
        .where(MarginResult.partner_id == partner_id, MarginRun.state == RunState.APPROVED)
        .order_by(Period.ends_before.desc(), Period.starts_on)
        .limit(1)
    ).one_or_none()
    if row is None:
        return Decimal("0.00")
    settled = select(BalanceSettlement.id).where(
        BalanceSettlement.result_id == row.id, BalanceSettlement.approved_at.is_not(None)
    )
    return Decimal("0.00") if db.session.execute(settled).first() else row.carry_out
