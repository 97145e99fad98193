"""The only writer of the journal: one balanced entry per cause, never changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select

from portal import audit
from portal.db import db
from portal.errors import NotFound, Refused
from portal.ledger import entries
from portal.ledger.entries import EntryKind, Line
from portal.ledger.models import Hold, JournalEntry, Payment, Posting


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


def record_payment(
    occasion: Occasion, *, statement_id: int, amount: Decimal, file_id: int | None = None
) -> int:
    """A transfer for a statement, excluding VAT: its day and bank reference are the occasion's."""
    payment = Payment(
        partner_id=occasion.partner_id, statement_id=statement_id, amount=amount, paid_on=occasion.on,
        reference=occasion.reference, file_id=file_id, recorded_by_id=occasion.actor_id,
        recorded_at=occasion.at,
    )  # fmt: skip
    db.session.add(payment)
    db.session.flush()
    _post(occasion, EntryKind.PAYMENT, ("payment", payment.id), entries.payment(amount))
    _note("payment.recorded", occasion, ("statement", statement_id), amount=str(amount))
    return payment.id


def return_payment(occasion: Occasion, *, payment: Payment, reason: str) -> None:
    """The bank sent a transfer back: its entry is reversed, the amount is due again."""
    if payment.returned_at is not None:
        raise Refused("payment_returned")
    payment.returned_on, payment.return_reason = occasion.on, reason
    payment.returned_by_id, payment.returned_at = occasion.actor_id, occasion.at
    cause = payment.statement_id if payment.cause_kind == "statement" else payment.id
    entry_id = db.session.execute(
        select(JournalEntry.id).where(
            JournalEntry.kind == EntryKind.PAYMENT,
            JournalEntry.cause_kind == payment.cause_kind,
            JournalEntry.cause_id == cause,
        )
    ).scalar_one()
    reverse_entry(occasion, entry_id=entry_id)
    _note("payment.returned", occasion, ("statement", payment.statement_id), reason=reason)


def place_hold(occasion: Occasion, *, statement_id: int, amount: Decimal, reason: str) -> Hold:
    """Keep a part of what a statement makes payable from being paid, saying why."""
    assert occasion.actor_id is not None
    hold = Hold(
        partner_id=occasion.partner_id, statement_id=statement_id, amount=amount, reason=reason,
        placed_by_id=occasion.actor_id, placed_at=occasion.at,
    )  # fmt: skip
    db.session.add(hold)
    db.session.flush()
    _post(occasion, EntryKind.HOLD, ("hold", hold.id), entries.hold(amount))
    _note("hold.placed", occasion, ("statement", statement_id), amount=str(amount), reason=reason)
    return hold


def release_hold(occasion: Occasion, *, hold: Hold, reason: str) -> None:
    """Another person than who placed it lets the amount go."""
    if hold.released_at is not None:
        raise Refused("hold_released")
    if hold.placed_by_id == occasion.actor_id:
        raise Refused("hold_four_eyes")
    hold.released_by_id, hold.released_at, hold.release_reason = occasion.actor_id, occasion.at, reason
    db.session.flush()
    _post(occasion, EntryKind.RELEASE, ("hold", hold.id), entries.release(hold.amount))
    _note("hold.released", occasion, ("statement", hold.statement_id), amount=str(hold.amount), reason=reason)


def _note(action: str, occasion: Occasion, subject: tuple[str, int], **details: Any) -> None:
    audit.record(
        action, subject=subject, at=occasion.at, actor_id=occasion.actor_id, partner_id=occasion.partner_id,
        **details,
    )  # fmt: skip


def post_balance(occasion: Occasion, *, settlement_id: int, amount: Decimal, paid: bool) -> int | None:
    """The balance of a firm that left, paid or written off."""
    kind = EntryKind.PAYMENT if paid else EntryKind.ADJUSTMENT
    lines = entries.paid_off(amount) if paid else entries.written_off(amount)
    return _post(occasion, kind, ("balance_settlement", settlement_id), lines)


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
    _note("entry.reversed", occasion, ("entry", entry_id))
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
