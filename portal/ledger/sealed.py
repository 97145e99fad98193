"""What a seal covers of the journal: entries with their postings, and payments, by their ids."""

from collections.abc import Iterator, Sequence

from sqlalchemy import String, cast, func, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by

from portal.db import AnyRow, AnySelect, db
from portal.ledger.models import JournalEntry, Payment, Posting
from portal.partners.models import Partner
from portal.periods.models import Period

_SEALING = 0x7365616C  # the lock that every writer of the journal shares, see migration 0011


def last_ids(later_periods: Sequence[int] = ()) -> tuple[int, int]:
    """The highest ids of entries and payments, none of which is still being written.

    Those of later periods that are closed already are left to the seals of these.
    """
    db.session.execute(text("select pg_advisory_lock(:key)"), {"key": _SEALING})
    try:
        return _last(JournalEntry, later_periods), _last(Payment, later_periods)
    finally:
        db.session.execute(text("select pg_advisory_unlock(:key)"), {"key": _SEALING})


def _last(model: type[JournalEntry] | type[Payment], later_periods: Sequence[int]) -> int:
    first_later = None
    if later_periods:
        entries = select(JournalEntry.cause_id if model is Payment else JournalEntry.id)
        entries = entries.where(JournalEntry.period_id.in_(later_periods))
        if model is Payment:
            entries = entries.where(JournalEntry.cause_kind == "payment", JournalEntry.kind == "payment")
        first_later = db.session.execute(select(func.min(entries.subquery().c[0]))).scalar_one()
    last = select(func.coalesce(func.max(model.id), 0))
    if first_later is not None:
        last = last.where(model.id < first_later)
    return db.session.execute(last).scalar_one()


def stream_entries(after: int, upto: int) -> Iterator[AnyRow]:
    """Entries with ids in `(after, upto]`; `postings` is a list of [account, component, amount, currency]."""
    posting = func.json_build_array(
        Posting.account, Posting.component, cast(Posting.amount, String), Posting.currency
    )
    moved = func.sum(Posting.amount).filter(Posting.amount > 0)
    yield from _streamed(
        select(
            *(JournalEntry.id, Partner.code, Period.code.label("period"), JournalEntry.kind),
            *(JournalEntry.cause_kind, JournalEntry.cause_id, JournalEntry.posted_on, JournalEntry.posted_at),
            *(JournalEntry.posted_by_id, JournalEntry.reference, JournalEntry.reverses_id),
            func.json_agg(aggregate_order_by(posting, Posting.id)).label("postings"),
            func.coalesce(moved, 0).label("moved"),
        )
        .join(Partner, Partner.id == JournalEntry.partner_id)
        .join(Period, Period.id == JournalEntry.period_id)
        .outerjoin(Posting, Posting.entry_id == JournalEntry.id)
        .where(JournalEntry.id > after, JournalEntry.id <= upto)
        .group_by(JournalEntry.id, Partner.code, Period.code)
        .order_by(JournalEntry.id)
    )


def stream_payments(after: int, upto: int) -> Iterator[AnyRow]:
    """Payments with ids in `(after, upto]`, as they were recorded."""
    yield from _streamed(
        select(
            *(Payment.id, Partner.code, Payment.statement_id, Payment.amount, Payment.paid_on),
            *(Payment.reference, Payment.cause_kind, Payment.file_id, Payment.recorded_by_id),
            Payment.recorded_at,
        )
        .join(Partner, Partner.id == Payment.partner_id)
        .where(Payment.id > after, Payment.id <= upto)
        .order_by(Payment.id)
    )


def _streamed(query: AnySelect) -> Iterator[AnyRow]:
    yield from db.session.execute(query, execution_options={"yield_per": 500})
