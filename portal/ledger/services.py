"""The only writer of the journal: one balanced entry per cause, never changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import insert, select

from portal import audit
from portal.db import db
from portal.errors import NotFound, Refused
from portal.ledger import entries
from portal.ledger.entries import EntryKind, Line
from portal.ledger.models import JournalEntry, Posting


@dataclass(frozen=True)
class Occasion:
    """Whose entry it is, of which period, and when it is posted by whom (nobody: the workers)."""

    partner_id: int
    period_id: int
    on: date
    at: datetime
    reference: str = ""
    actor_id: int | None = None


def post_earnings(occasion: Occasion, *, result_id: int, components: Mapping[str, Decimal]) -> int | None:
    """What a result earned, component by component, each cap a line of its own."""
    return _post(occasion, EntryKind.EARNINGS, ("result", result_id), entries.earnings(components))


def post_adjustment(occasion: Occasion, *, adjustment_id: int, amount: Decimal) -> int | None:
    """A correction of what an earlier period earned."""
    return _post(occasion, EntryKind.ADJUSTMENT, ("adjustment", adjustment_id), entries.adjustment(amount))


def post_settlement(occasion: Occasion, *, result_id: int, payable: Decimal) -> int | None:
    """What a result makes payable."""
    return _post(occasion, EntryKind.SETTLEMENT, ("result", result_id), entries.settlement(payable))


def record_payment(occasion: Occasion, *, statement_id: int, amount: Decimal) -> int:
    """What was paid of a statement, excluding VAT; a statement is paid once."""
    entry_id = _post(occasion, EntryKind.PAYMENT, ("statement", statement_id), entries.payment(amount))
    if entry_id is None:
        raise Refused("payment_of_nothing")
    audit.record(
        "payment.recorded",
        subject=("statement", statement_id),
        at=occasion.at,
        actor_id=occasion.actor_id,
        partner_id=occasion.partner_id,
        amount=str(amount),
    )
    return entry_id


def reverse_entry(occasion: Occasion, *, entry_id: int) -> int:
    """The opposite of an entry, that refers to it; an entry is reversed once."""
    postings = db.session.execute(
        select(Posting.account, Posting.amount, Posting.component).where(Posting.entry_id == entry_id)
    ).all()
    if not postings:
        raise NotFound
    lines = [Line(account, -amount, component) for account, amount, component in postings]
    reversal = _post(occasion, EntryKind.REVERSAL, ("entry", entry_id), lines, reverses_id=entry_id)
    assert reversal is not None
    audit.record(
        "entry.reversed",
        subject=("entry", entry_id),
        at=occasion.at,
        actor_id=occasion.actor_id,
        partner_id=occasion.partner_id,
    )
    return reversal


def _post(
    occasion: Occasion,
    kind: EntryKind,
    cause: tuple[str, int],
    lines: Iterable[Line],
    *,
    reverses_id: int | None = None,
) -> int | None:
    """Write an entry and its postings; what moves nothing is not written."""
    lines = list(lines)
    if not lines:
        return None
    cause_kind, cause_id = cause
    entry = JournalEntry(
        partner_id=occasion.partner_id,
        period_id=occasion.period_id,
        kind=kind,
        cause_kind=cause_kind,
        cause_id=cause_id,
        posted_on=occasion.on,
        posted_at=occasion.at,
        posted_by_id=occasion.actor_id,
        reference=occasion.reference,
        reverses_id=reverses_id,
    )
    db.session.add(entry)
    db.session.flush()
    rows = [
        {
            "partner_id": occasion.partner_id,
            "entry_id": entry.id,
            "account": line.account,
            "component": line.component,
            "amount": line.amount,
        }
        for line in lines
    ]
    db.session.execute(insert(Posting), rows)
    return entry.id
