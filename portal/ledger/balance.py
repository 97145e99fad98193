"""What a partner is owed on any day: its entries with a running balance, read from the journal alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from portal.db import AnyRow, db
from portal.ledger.entries import ACCRUED, HELD, PAYABLE
from portal.ledger.models import JournalEntry, Posting
from portal.periods.models import Period

OWED = (ACCRUED, PAYABLE, HELD)


@dataclass(frozen=True, slots=True)
class Owed:
    """What the vendor owed a partner at the end of a day: carried or not yet stated, payable, held."""

    accrued: Decimal
    payable: Decimal
    held: Decimal

    @property
    def total(self) -> Decimal:
        """All of it; below zero where the partner's balance is negative."""
        return self.accrued + self.payable + self.held


def owed_on(partner_id: int, on: date) -> Owed:
    """What a partner was owed at the end of a day."""
    rows = db.session.execute(
        select(Posting.account, -func.sum(Posting.amount))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(Posting.partner_id == partner_id, JournalEntry.posted_on <= on, Posting.account.in_(OWED))
        .group_by(Posting.account)
    )
    found: dict[str, Decimal] = {row[0]: row[1] for row in rows}
    return Owed(*(found.get(account, Decimal("0.00")) for account in OWED))


def list_movements(
    partner_id: int, on: date, *, page: int = 1, size: int = 50
) -> tuple[Sequence[AnyRow], int]:
    """A partner's entries up to a day, newest first, each with the balance after it; and how many there are.

    `moved` is what the entry adds to what is owed; `amount` what it moves between accounts.
    """
    summed = (
        select(
            Posting.entry_id,
            (-func.coalesce(func.sum(Posting.amount).filter(Posting.account.in_(OWED)), 0)).label("moved"),
            func.sum(Posting.amount).filter(Posting.amount > 0).label("amount"),
        )
        .where(Posting.partner_id == partner_id)
        .group_by(Posting.entry_id)
        .subquery()
    )
    running = func.sum(summed.c.moved).over(order_by=(JournalEntry.posted_on, JournalEntry.id))
    entries = (
        select(
            *(JournalEntry.id, JournalEntry.public_id, JournalEntry.kind, JournalEntry.posted_on),
            *(JournalEntry.reference, Period.code.label("period"), summed.c.moved, summed.c.amount),
            running.label("balance"),
        )
        .join(summed, summed.c.entry_id == JournalEntry.id)
        .join(Period, Period.id == JournalEntry.period_id)
        .where(JournalEntry.partner_id == partner_id, JournalEntry.posted_on <= on)
    ).subquery()
    total = db.session.execute(select(func.count()).select_from(entries)).scalar_one()
    newest = select(entries).order_by(entries.c.posted_on.desc(), entries.c.id.desc())
    return db.session.execute(newest.limit(size).offset((page - 1) * size)).all(), total
