"""From the components' amounts to what is paid, and on which documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from portal.margin.engine.facts import ZERO, Facts
from portal.margin.engine.plan import Plan, TrueUp
from portal.money import vat


class DocumentKind(StrEnum):
    """What the vendor writes in the partner's name."""

    SELF_BILLED_INVOICE = "SELF_BILLED_INVOICE"
    SELF_BILLED_CREDIT_NOTE = "SELF_BILLED_CREDIT_NOTE"


@dataclass(frozen=True, slots=True)
class Document:
    """A document's totals; both kinds have positive ones."""

    kind: DocumentKind
    net: Decimal
    vat: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Payment:
    """The bridge from gross to payable."""

    gross: Decimal
    capped: Decimal
    earnings: Decimal
    adjustments: Decimal
    balance: Decimal
    payable: Decimal
    carry_out: Decimal
    documents: tuple[Document, ...]
    net_to_pay: Decimal


def settle_payment(plan: Plan, facts: Facts, gross: Decimal, *, earlier: Sequence[Payment] = ()) -> Payment:
    """Caps bind what the period earns; adjustments and carry-over come after them.

    What earlier parts of the period earn, each under its own plan's cap, adds up with this one's.
    """
    capped = gross if plan.partner_cap is None else min(gross, plan.partner_cap)
    gross = sum((part.gross for part in earlier), gross)
    capped = sum((part.capped for part in earlier), capped)
    earnings = capped - facts.prior_earnings
    if plan.true_up is TrueUp.POSITIVE_ONLY:
        earnings = max(earnings, ZERO)
    adjustments = sum((adjustment.amount for adjustment in facts.adjustments), ZERO)
    balance = earnings + adjustments + facts.carry_in
    payable = balance if _is_paid(plan, facts, balance) else ZERO
    items = [earnings, facts.carry_in, *(adjustment.amount for adjustment in facts.adjustments)]
    invoice, credit_note = _documents(items, plan.vat_rate)
    return Payment(
        gross=gross,
        capped=capped,
        earnings=earnings,
        adjustments=adjustments,
        balance=balance,
        payable=payable,
        carry_out=balance - payable,
        documents=tuple(one for one in (invoice, credit_note) if payable and one.net),
        net_to_pay=invoice.total - credit_note.total if payable else ZERO,
    )


def _is_paid(plan: Plan, facts: Facts, balance: Decimal) -> bool:
    flushed = plan.flush_at_fiscal_year_end and facts.closes_fiscal_year
    return balance > 0 and (balance >= plan.min_payout or flushed)


def _documents(items: Sequence[Decimal], vat_rate: Decimal) -> tuple[Document, Document]:
    invoiced = sum((amount for amount in items if amount > 0), ZERO)
    credited = sum((-amount for amount in items if amount < 0), ZERO)
    return (
        _document(DocumentKind.SELF_BILLED_INVOICE, invoiced, vat_rate),
        _document(DocumentKind.SELF_BILLED_CREDIT_NOTE, credited, vat_rate),
    )


def _document(kind: DocumentKind, net: Decimal, vat_rate: Decimal) -> Document:
    tax = vat(net, vat_rate)
    return Document(kind, net, tax, net + tax)
