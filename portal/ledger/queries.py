"""Reading the journal: entries, their postings, and what each account holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, func, select

from portal.db import AnyRow, db
from portal.errors import NotFound
from portal.ledger.entries import EXPENSE, PAYABLE
from portal.ledger.models import JournalEntry, Posting
from portal.partners.models import Partner
from portal.periods.models import Period

_COLUMNS = (
    *(JournalEntry.id, JournalEntry.public_id, JournalEntry.partner_id, JournalEntry.period_id),
    *(JournalEntry.kind, JournalEntry.cause_kind, JournalEntry.cause_id, JournalEntry.reference),
    *(JournalEntry.posted_on, JournalEntry.posted_at, JournalEntry.posted_by_id, JournalEntry.reverses_id),
    *(Partner.code, Partner.legal_name, Partner.public_id.label("partner_public_id")),
    Period.code.label("period"),
)


@dataclass(frozen=True)
class Balance:
    """What an account holds: debits less credits."""

    account: str
    amount: Decimal
    postings: int


def list_entries(
    *, partner_code: str = "", period: str = "", kind: str = "", page: int = 1, size: int = 50
) -> tuple[Sequence[AnyRow], int]:
    """Entries, newest first, with the amount each moves; and how many there are in all."""
    filters = _filters(partner_code, period, kind)
    moved = (
        select(func.sum(Posting.amount))
        .where(Posting.entry_id == JournalEntry.id, Posting.amount > 0)
        .scalar_subquery()
    )
    query = select(*_COLUMNS, moved.label("moved")).join(Partner, Partner.id == JournalEntry.partner_id)
    query = query.join(Period, Period.id == JournalEntry.period_id).where(*filters)
    total = select(func.count()).select_from(query.subquery())
    rows = db.session.execute(
        query.order_by(JournalEntry.id.desc()).limit(size).offset((page - 1) * size)
    ).all()
    return rows, db.session.execute(total).scalar_one()


def _filters(partner_code: str, period: str, kind: str) -> list[ColumnElement[Any]]:
    found: list[ColumnElement[Any]] = []
    if partner_code:
        found.append(Partner.code == partner_code.upper())
    if period:
        found.append(Period.code == period)
    if kind:
        found.append(JournalEntry.kind == kind)
    return found


def get_entry(public_id: UUID) -> AnyRow:
    """One entry; NotFound where the reader may not see it or there is none."""
    row = db.session.execute(
        select(*_COLUMNS)
        .join(Partner, Partner.id == JournalEntry.partner_id)
        .join(Period, Period.id == JournalEntry.period_id)
        .where(JournalEntry.public_id == public_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def list_postings(entry_id: int) -> Sequence[AnyRow]:
    """(account, component, amount) of an entry, debits first."""
    return db.session.execute(
        select(Posting.account, Posting.component, Posting.amount)
        .where(Posting.entry_id == entry_id)
        .order_by(Posting.id)
    ).all()


def list_entries_of_cause(cause_kind: str, cause_id: int) -> Sequence[AnyRow]:
    """(id, public_id, kind, posted_on) of what a result, an adjustment or a statement caused."""
    return db.session.execute(
        select(JournalEntry.id, JournalEntry.public_id, JournalEntry.kind, JournalEntry.posted_on)
        .where(JournalEntry.cause_kind == cause_kind, JournalEntry.cause_id == cause_id)
        .order_by(JournalEntry.id)
    ).all()


def balances(*, partner_id: int | None = None, period_id: int | None = None) -> list[Balance]:
    """What each account holds, of a partner, of a period, or in all."""
    query = select(Posting.account, func.sum(Posting.amount), func.count()).group_by(Posting.account)
    if partner_id is not None:
        query = query.where(Posting.partner_id == partner_id)
    if period_id is not None:
        query = query.join(JournalEntry, JournalEntry.id == Posting.entry_id)
        query = query.where(JournalEntry.period_id == period_id)
    return [Balance(*row) for row in db.session.execute(query.order_by(Posting.account))]


def posted_by_cause(cause_kind: str) -> Subquery:
    """(cause_id, earned, made_payable): what the journal has of each result or adjustment."""
    earned = func.sum(Posting.amount).filter(Posting.account == EXPENSE)
    payable = -func.sum(Posting.amount).filter(Posting.account == PAYABLE)
    return (
        select(JournalEntry.cause_id, earned.label("earned"), payable.label("made_payable"))
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(JournalEntry.cause_kind == cause_kind)
        .group_by(JournalEntry.cause_id)
        .subquery("posted")
    )


def public_id_of(entry_id: int) -> UUID:
    """The identifier of an entry that another one reverses."""
    return db.session.execute(select(JournalEntry.public_id).where(JournalEntry.id == entry_id)).scalar_one()
