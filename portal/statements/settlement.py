"""Paying statements: what is due, what blocks it, and recording what was paid or held back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select

from portal import ledger
from portal.db import AnyRow, AnySelect, db
from portal.errors import Invalid, NotFound
from portal.ledger import Occasion
from portal.partners.models import BillingProfile, Partner
from portal.periods.models import Period
from portal.statements.models import Statement
from portal.statements.queries import suspended_by_statement


class Blocker(StrEnum):
    """Why an amount is not paid today."""

    HOLD = "hold"
    DISPUTE = "dispute"
    NO_BANK = "no_bank"
    BANK_CHANGED = "bank_changed"
    INVOICE = "invoice"


@dataclass(frozen=True)
class Transfer:
    """Money that left for a statement: how much, excluding VAT, on which day, under which bank reference."""

    amount: Decimal
    on: date
    reference: str


def select_dues() -> AnySelect:
    """Statements that make something payable: what was paid, what is held, suspended, due, and to whom."""
    paid, held, disputed = ledger.paid_by_statement(), ledger.held_by_statement(), suspended_by_statement()
    given = func.coalesce(paid.c.paid, 0), func.coalesce(held.c.held, 0)
    left = Statement.payable - given[0] - given[1]
    suspended = func.least(func.coalesce(disputed.c.suspended, 0), left)
    return (
        select(
            *(Statement.id, Statement.public_id, Statement.number, Statement.partner_id, Statement.period_id),
            *(Statement.issued_on, Statement.payable, Period.code.label("period"), Period.pays_on),
            *(Partner.code, Partner.legal_name, Partner.siren, Partner.public_id.label("partner_public_id")),
            *(given[0].label("paid"), paid.c.paid_on, given[1].label("held"), held.c.why),
            *(suspended.label("suspended"), (left - suspended).label("due")),
            *(BillingProfile.iban, BillingProfile.bank_held_until, BillingProfile.self_billing_agreed_on),
        )
        .join(Partner, Partner.id == Statement.partner_id)
        .join(Period, Period.id == Statement.period_id)
        .outerjoin(BillingProfile, BillingProfile.partner_id == Statement.partner_id)
        .outerjoin(paid, paid.c.statement_id == Statement.id)
        .outerjoin(held, held.c.statement_id == Statement.id)
        .outerjoin(disputed, disputed.c.statement_id == Statement.id)
        .where(Statement.payable > 0)
    )


def list_open(*, partner_code: str = "", page: int = 1, size: int = 50) -> tuple[list[AnyRow], AnyRow]:
    """A page of what is not yet paid, the oldest first; of all: (statements, due, held, suspended)."""
    dues = _open()
    if partner_code:
        dues = dues.where(Partner.code == partner_code.upper())
    every = dues.subquery()
    sums = [func.coalesce(func.sum(every.c[name]), 0).label(name) for name in ("due", "held", "suspended")]
    of_all = db.session.execute(select(func.count().label("statements"), *sums)).one()
    rows = dues.order_by(Period.pays_on, Statement.number).limit(size).offset((page - 1) * size)
    return list(db.session.execute(rows)), of_all


def stream_open() -> Iterator[AnyRow]:
    """All that is not yet paid, row by row."""
    rows = _open().order_by(Period.pays_on, Statement.number)
    yield from db.session.execute(rows, execution_options={"yield_per": 500})


def _open() -> AnySelect:
    dues = select_dues()
    columns = {column["name"]: column["expr"] for column in dues.column_descriptions}
    return dues.where(columns["due"] + columns["held"] + columns["suspended"] > 0)


def get_due(statement: Statement) -> AnyRow:
    """What is due of one statement; NotFound where it makes nothing payable."""
    row = db.session.execute(select_dues().where(Statement.id == statement.id)).one_or_none()
    if row is None:
        raise NotFound
    return row


def suspended_of(partner_id: int) -> Decimal:
    """What open disputes keep of all that is left to pay to a firm."""
    dues = select_dues().where(Statement.partner_id == partner_id).subquery()
    total = select(func.coalesce(func.sum(dues.c.suspended), 0))
    return Decimal(db.session.execute(total).scalar_one())


def left_to_pay(statement: Statement) -> Decimal:
    """What of a statement is neither paid nor held; a dispute can keep no more."""
    settled = ledger.settled_of([statement.id]).get(statement.id, ledger.Settled())
    return statement.payable - settled.paid - settled.held


def blockers_of(row: Any, on: date) -> list[Blocker]:
    """What keeps a statement's money from being paid on a day; what is held or disputed is apart already."""
    standing = {
        Blocker.HOLD: row.held > 0,
        Blocker.DISPUTE: row.suspended > 0,
        Blocker.NO_BANK: not row.iban,
        Blocker.BANK_CHANGED: row.bank_held_until is not None and on < row.bank_held_until,
        Blocker.INVOICE: row.self_billing_agreed_on is None,
    }
    return [blocker for blocker, stands in standing.items() if stands]


def pay_statement(
    *, statement: Statement, transfer: Transfer, actor_id: int, at: datetime, today: date
) -> int:
    """Record a transfer for a statement, whole or part; more than what is due is refused."""
    row = get_due(statement)
    faults = faults_of(row, transfer, today=today)
    if (statement.id, transfer.reference) in ledger.references_of([statement.id]):
        faults["reference"] = "payment_known"
    if faults:
        raise Invalid(faults, due=row.due)
    return ledger.record_payment(
        occasion_of(row, transfer, actor_id=actor_id, at=at), statement_id=row.id, amount=transfer.amount
    )


def faults_of(row: Any, transfer: Transfer, *, today: date) -> dict[str, str]:
    """What is wrong with a transfer, by field; nothing when it may be recorded."""
    faults = {}
    if transfer.amount <= 0:
        faults["amount"] = "amount_of_nothing"
    elif transfer.amount > row.due:
        faults["amount"] = _beyond(row, transfer.amount)
    if transfer.on > today:
        faults["on"] = "day_in_future"
    elif transfer.on < row.issued_on:
        faults["on"] = "paid_before_stated"
    elif Blocker.BANK_CHANGED in blockers_of(row, transfer.on):
        faults["on"] = "bank_on_hold"
    return faults


def _beyond(row: Any, amount: Decimal) -> str:
    """What is paid with more than what is due: a disputed part, a held one, or nothing that is owed."""
    if amount <= row.due + row.suspended:
        return "payment_of_disputed"
    return "payment_of_held" if amount <= row.due + row.suspended + row.held else "over_payment"


def occasion_of(row: Any, transfer: Transfer, *, actor_id: int, at: datetime) -> Occasion:
    """Whose payment it is, of which period, on which day."""
    return Occasion(
        partner_id=row.partner_id, period_id=row.period_id, on=transfer.on, at=at,
        reference=transfer.reference, actor_id=actor_id,
    )  # fmt: skip


def hold_statement(
    *, statement: Statement, amount: Decimal, reason: str, actor_id: int, at: datetime, today: date
) -> ledger.Hold:
    """Keep a part of what a statement makes payable from being paid."""
    row = get_due(statement)
    if not 0 < amount <= row.due + row.suspended:
        raise Invalid(
            {"amount": "amount_of_nothing" if amount <= 0 else "over_hold"}, due=row.due + row.suspended
        )
    return ledger.place_hold(
        _occasion(statement, actor_id=actor_id, at=at, on=today),
        statement_id=statement.id,
        amount=amount,
        reason=reason,
    )


def release_hold(*, hold: ledger.Hold, reason: str, actor_id: int, at: datetime, today: date) -> None:
    """Another person lets a held amount go."""
    statement = db.session.get_one(Statement, hold.statement_id)
    ledger.release_hold(_occasion(statement, actor_id=actor_id, at=at, on=today), hold=hold, reason=reason)


def return_payment(
    *, payment: ledger.Payment, on: date, reason: str, actor_id: int, at: datetime, today: date
) -> None:
    """The bank sent a transfer back: what it paid is due again."""
    if not payment.paid_on <= on <= today:
        raise Invalid({"on": "day_in_future" if on > today else "returned_before_paid"})
    statement = db.session.get_one(Statement, payment.statement_id)
    occasion = _occasion(statement, actor_id=actor_id, at=at, on=on)
    ledger.return_payment(occasion, payment=payment, reason=reason)


def _occasion(statement: Statement, *, actor_id: int, at: datetime, on: date) -> Occasion:
    return Occasion(
        partner_id=statement.partner_id, period_id=statement.period_id, on=on, at=at,
        reference=statement.number, actor_id=actor_id,
    )  # fmt: skip
