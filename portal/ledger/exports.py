"""The journal as finance takes it away: what was granted, every posting, what a year paid; streamed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Subquery, case, extract, func, select
from sqlalchemy.orm import aliased

from portal.db import AnyRow, AnySelect, db
from portal.ledger.entries import ACCRUED, BANK, EXPENSE, HELD, PAYABLE
from portal.ledger.models import JournalEntry, Posting
from portal.partners.models import Partner
from portal.periods.models import Period


@dataclass(frozen=True)
class Days:
    """Days from the first to the last, both included; either may be open."""

    first: date | None = None
    last: date | None = None


def granted(on: date) -> Subquery:
    """(partner_id, period_id, kind, component, amount): what the journal granted up to a day.

    A reversal counts with the kind of the entry that it reverses.
    """
    original = aliased(JournalEntry)
    kind = func.coalesce(original.kind, JournalEntry.kind)
    return (
        select(
            *(JournalEntry.partner_id, JournalEntry.period_id, kind.label("kind"), Posting.component),
            func.sum(Posting.amount).label("amount"),
        )
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .outerjoin(original, original.id == JournalEntry.reverses_id)
        .where(Posting.account == EXPENSE, JournalEntry.posted_on <= on)
        .group_by(JournalEntry.partner_id, JournalEntry.period_id, kind, Posting.component)
        .subquery("granted")
    )


def stream_journal(days: Days) -> Iterator[AnyRow]:
    """Every posting of these days, with its entry; `number` counts the entries of the whole journal.

    `by_bank` tells the journal it is of; `matched` and `matched_on` which postings settle one another,
    and since when.
    """
    numbered = select(
        JournalEntry.id, func.row_number().over(order_by=JournalEntry.id).label("number")
    ).subquery()
    matched = _matched()
    query = (
        select(
            *(numbered.c.number, JournalEntry.kind, JournalEntry.posted_on, JournalEntry.posted_at),
            *(JournalEntry.reference, Period.code.label("period"), Partner.code, Partner.legal_name),
            *(Posting.account, Posting.component, Posting.amount, matched.c.matched, matched.c.matched_on),
            func.bool_or(Posting.account == BANK).over(partition_by=Posting.entry_id).label("by_bank"),
        )
        .join(numbered, numbered.c.id == JournalEntry.id)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .outerjoin(matched, matched.c.id == Posting.id)
        .join(Partner, Partner.id == JournalEntry.partner_id)
        .join(Period, Period.id == JournalEntry.period_id)
        .order_by(JournalEntry.id, Posting.id)
    )
    if days.first is not None:
        query = query.where(JournalEntry.posted_on >= days.first)
    if days.last is not None:
        query = query.where(JournalEntry.posted_on <= days.last)
    yield from _streamed(query)


def _matched() -> Subquery:
    """(id, matched, matched_on) of the postings of a partner's account that came to nothing together.

    What one statement makes payable is settled by itself; what is accrued goes from period to period.
    `matched` is the first posting of those that settle one another, which nothing later changes.
    """
    moved = (
        select(
            *(Posting.id, Posting.partner_id, Posting.account, Posting.amount, JournalEntry.posted_on),
            case((Posting.account != ACCRUED, JournalEntry.period_id)).label("period_id"),
        )
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(Posting.account.in_((ACCRUED, PAYABLE, HELD)))
        .subquery()
    )
    item = [moved.c.partner_id, moved.c.account, moved.c.period_id]
    left = func.sum(moved.c.amount).over(partition_by=item, order_by=moved.c.id)
    summed = select(moved, left.label("left")).subquery()
    item = [summed.c.partner_id, summed.c.account, summed.c.period_id]
    before = (
        func.count().filter(summed.c.left == 0).over(partition_by=item, order_by=summed.c.id, rows=(None, -1))
    )
    blocks = select(summed, before.label("block")).subquery()
    block = [blocks.c.partner_id, blocks.c.account, blocks.c.period_id, blocks.c.block]
    found = select(
        blocks.c.id,
        func.min(blocks.c.id).over(partition_by=block).label("matched"),
        func.max(blocks.c.posted_on).over(partition_by=block).label("matched_on"),
        func.bool_or(blocks.c.left == 0).over(partition_by=block).label("settled"),
    ).subquery()
    return select(found.c.id, found.c.matched, found.c.matched_on).where(found.c.settled).subquery("matched")


def stream_paid(year: int) -> Iterator[AnyRow]:
    """What each partner was paid in a calendar year, excluding VAT, less what the bank sent back in it."""
    paid = -func.sum(Posting.amount)
    query = (
        select(
            *(Partner.code, Partner.siren, Partner.legal_name, Partner.address, Partner.postcode),
            *(Partner.city, func.count().filter(Posting.amount < 0).label("payments"), paid.label("paid")),
        )
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .join(Partner, Partner.id == Posting.partner_id)
        .where(Posting.account == BANK, extract("year", JournalEntry.posted_on) == year)
        .group_by(Partner.id)
        .order_by(Partner.code)
    )
    yield from _streamed(query)


def list_transfers(year: int, *, page: int = 1, size: int = 50) -> tuple[Sequence[AnyRow], AnyRow]:
    """A page of what moved on the bank's account in a year, latest first; of all: (transfers, paid)."""
    every = _transfers(year).subquery()
    of_all = select(func.count().label("transfers"), func.coalesce(func.sum(every.c.paid), 0).label("paid"))
    latest = _transfers(year).order_by(JournalEntry.posted_on.desc(), JournalEntry.id.desc())
    rows = db.session.execute(latest.limit(size).offset((page - 1) * size)).all()
    return rows, db.session.execute(of_all.select_from(every)).one()


def stream_transfers(year: int) -> Iterator[AnyRow]:
    """All of it, in the order of the bank's account."""
    yield from _streamed(_transfers(year).order_by(JournalEntry.posted_on, JournalEntry.id))


def _transfers(year: int) -> AnySelect:
    """What was paid for statements, what came back, and what firms that left were paid or paid."""
    return (
        select(
            *(JournalEntry.public_id, JournalEntry.posted_on, JournalEntry.kind, JournalEntry.cause_kind),
            *(JournalEntry.reference, Period.code.label("period"), Partner.code, Partner.legal_name),
            (-Posting.amount).label("paid"),
        )
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .join(Partner, Partner.id == JournalEntry.partner_id)
        .join(Period, Period.id == JournalEntry.period_id)
        .where(Posting.account == BANK, extract("year", JournalEntry.posted_on) == year)
    )


def years_paid() -> list[int]:
    """The calendar years in which something was paid, the latest first."""
    year = extract("year", JournalEntry.posted_on)
    paid = select(year).join(Posting, Posting.entry_id == JournalEntry.id).where(Posting.account == BANK)
    return [int(found) for found in db.session.execute(paid.distinct().order_by(year.desc())).scalars()]


def _streamed(query: AnySelect) -> Iterator[AnyRow]:
    yield from db.session.execute(query, execution_options={"yield_per": 500})
