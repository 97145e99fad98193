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


class PaymentFile(Model):
    """A file of payments taken in, whole and once."""

    __tablename__ = "payment_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    sha256: Mapped[str]
    name: Mapped[str]
    lines: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(Money)
    imported_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    imported_at: Mapped[datetime] = mapped_column(Instant)


class Payment(Model):
    """A transfer to a partner for a statement, whole or part; a bank may send it back, once."""

    __tablename__ = "payments"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    partner_id: Mapped[int]
    statement_id: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(Money)
    paid_on: Mapped[date]
    reference: Mapped[str]
    cause_kind: Mapped[str] = mapped_column(default="payment")  # "statement" before payments had rows
    file_id: Mapped[int | None] = mapped_column(ForeignKey("payment_files.id"))
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    returned_on: Mapped[date | None]
    return_reason: Mapped[str | None]
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    returned_at: Mapped[datetime | None] = mapped_column(Instant)


class Hold(Model):
    """A part of what a statement makes payable is not to be paid, until another person releases it."""

    __tablename__ = "holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    partner_id: Mapped[int]
    statement_id: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(Money)
    reason: Mapped[str]
    placed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    placed_at: Mapped[datetime] = mapped_column(Instant)
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    released_at: Mapped[datetime | None] = mapped_column(Instant)
    release_reason: Mapped[str | None]
