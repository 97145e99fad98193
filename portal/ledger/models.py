"""The journal: entries and their postings, append-only. Nothing else writes these rows."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import FetchedValue

from portal.db import Instant, Model, Money, words
from portal.ledger.entries import EntryKind


class JournalEntry(Model):
    """One posting of one cause; reversed at most once."""

    __tablename__ = "journal_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    period_id: Mapped[int] = mapped_column(ForeignKey("periods.id"))
    kind: Mapped[EntryKind] = mapped_column(words(EntryKind))
    cause_kind: Mapped[str]
    cause_id: Mapped[int]
    posted_on: Mapped[date]
    posted_at: Mapped[datetime] = mapped_column(Instant)
    posted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reference: Mapped[str] = mapped_column(default="")
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("journal_entries.id"))


class Posting(Model):
    """An amount on an account: positive = debit, negative = credit."""

    __tablename__ = "postings"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    entry_id: Mapped[int] = mapped_column(ForeignKey("journal_entries.id"))
    account: Mapped[str]
    component: Mapped[str] = mapped_column(default="")
    amount: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(default="EUR")
