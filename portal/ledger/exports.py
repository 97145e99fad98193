"""The journal as finance takes it away: what was granted, every posting, what a year paid; streamed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Subquery, extract, func, select
from sqlalchemy.orm import aliased

from portal.db import AnyRow, AnySelect, db
from portal.ledger.entries import BANK, EXPENSE
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
    """Every posting of these days, with its entry; `number` counts the entries of the whole journal."""
    numbered = select(
        JournalEntry.id, func.row_number().over(order_by=JournalEntry.id).label("number")
    ).subquery()
    query = (
        select(
            *(numbered.c.number, JournalEntry.kind, JournalEntry.posted_on, JournalEntry.posted_at),
            *(JournalEntry.reference, Period.code.label("period"), Partner.code, Partner.legal_name),
            *(Posting.account, Posting.component, Posting.amount),
        )
        .join(numbered, numbered.c.id == JournalEntry.id)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .join(Partner, Partner.id == JournalEntry.partner_id)
        .join(Period, Period.id == JournalEntry.period_id)
        .order_by(JournalEntry.id, Posting.id)
    )
    if days.first is not None:
        query = query.where(JournalEntry.posted_on >= days.first)
    if days.last is not None:
        query = query.where(JournalEntry.posted_on <= days.last)
    yield from _streamed(query)


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


def years_paid() -> list[int]:
    """The calendar years in which something was paid, the latest first."""
    year = extract("year", JournalEntry.posted_on)
    paid = select(year).join(Posting, Posting.entry_id == JournalEntry.id).where(Posting.account == BANK)
    return [int(found) for found in db.session.execute(paid.distinct().order_by(year.desc())).scalars()]


def _streamed(query: AnySelect) -> Iterator[AnyRow]:
    yield from db.session.execute(query, execution_options={"yield_per": 500})
