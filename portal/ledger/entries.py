"""Journal entries as values: which accounts a cause moves. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

EXPENSE = "6222"  # commissions and brokerage on sales
ACCRUED = "4081"  # suppliers, invoices not yet received: earned, not yet payable
PAYABLE = "401"  # suppliers: payable
HELD = "4017"  # suppliers: payable, held back for a reason
BANK = "512"


class EntryKind(StrEnum):
    """What caused an entry."""

    EARNINGS = "earnings"
    ADJUSTMENT = "adjustment"
    SETTLEMENT = "settlement"
    PAYMENT = "payment"
    HOLD = "hold"
    RELEASE = "release"
    REVERSAL = "reversal"


@dataclass(frozen=True)
class Line:
    """An amount on an account: positive = debit, negative = credit."""

    account: str
    amount: Decimal
    component: str = ""


def earnings(components: Mapping[str, Decimal]) -> tuple[Line, ...]:
    """What a period earned by component, caps being components of their own; all-zero gives no line."""
    debits = tuple(Line(EXPENSE, amount, code) for code, amount in components.items() if amount)
    total = sum((line.amount for line in debits), Decimal(0))
    return (*debits, Line(ACCRUED, -total)) if total else debits


def adjustment(amount: Decimal) -> tuple[Line, ...]:
    """A correction of an earlier period, either way."""
    return (Line(EXPENSE, amount), Line(ACCRUED, -amount)) if amount else ()


def settlement(payable: Decimal) -> tuple[Line, ...]:
    """What the statement makes payable leaves the accrual."""
    return (Line(ACCRUED, payable), Line(PAYABLE, -payable)) if payable else ()


def payment(amount: Decimal) -> tuple[Line, ...]:
    """What was paid to the partner, excluding VAT."""
    return (Line(PAYABLE, amount), Line(BANK, -amount)) if amount else ()


def hold(amount: Decimal) -> tuple[Line, ...]:
    """A part of what is payable is held back."""
    return Line(PAYABLE, amount), Line(HELD, -amount)


def release(amount: Decimal) -> tuple[Line, ...]:
    """What was held back is payable again."""
    return Line(HELD, amount), Line(PAYABLE, -amount)


def paid_off(balance: Decimal) -> tuple[Line, ...]:
    """What a firm left with is paid to it, or by it where it owed: accrued no more."""
    return (Line(ACCRUED, balance), Line(BANK, -balance)) if balance else ()


def written_off(balance: Decimal) -> tuple[Line, ...]:
    """What a firm left with is given up, either way: accrued no more, and no expense."""
    return (Line(ACCRUED, balance), Line(EXPENSE, -balance)) if balance else ()
