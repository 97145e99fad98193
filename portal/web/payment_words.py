"""How blockers, payment files and settlement types are called."""

from datetime import date
from decimal import Decimal
from typing import Any

from portal import statements
from portal.i18n import format_date, format_money, gettext
from portal.i18n import lazy_gettext as _l
from portal.ledger.entries import EntryKind
from portal.orders import Fault
from portal.statements import Blocker
from portal.web.order_words import FAULTS as FILE_FAULTS
from portal.web.words import N_

FAULTS: dict[str, str] = {
    **FILE_FAULTS,
    "payee_unknown": N_(
        "%(value)s is neither the number of a statement that pays something nor a partner's code."
    ),
    "payment_known_none": N_("Nothing is due to %(value)s."),
    "payment_twofold": N_("Several statements are due to %(value)s: give the statement's number instead."),
    "payment_known": N_("A payment of this statement is already recorded under the reference %(value)s."),
    "over_payment": N_("This is more than what is due: %(value)s."),
    "payment_of_held": N_("A part is on hold: %(value)s may be paid. Have the hold released first."),
    "payment_of_disputed": N_("A part is in dispute: %(value)s may be paid until it is decided."),
    "amount_of_nothing": N_("The amount must be above zero."),
    "day_in_future": N_("The day %(value)s has not come yet."),
    "paid_before_stated": N_("The statement was issued after %(value)s."),
    "bank_on_hold": N_(
        "On %(value)s the bank account had just changed: nothing is paid to it during its delay."
    ),
}
AMOUNTS = ("over_payment", "payment_of_held", "payment_of_disputed")
ROUTES: dict[str, Any] = {
    "SELF_BILLED": _l("Self-billed invoice"),
    "INVOICE": _l("Invoice of the partner"),
    "NONE": _l("Carried over"),
}
EXAMPLE = (
    (
        "statement",
        "R-FY26H2-000042",
        _l("number of the statement, or the partner's code when one statement is due"),
    ),
    ("amount", "7 675,73", _l("amount paid, excluding VAT")),
    ("paid_on", "2026-12-31", _l("value date at the bank")),
    ("reference", "VIR 4410077", _l("reference of the transfer at the bank")),
)  # fmt: skip


def told(fault: Fault) -> str:
    """The sentence of a fault in a payment file."""
    value = format_money(Decimal(fault.value)) if fault.code in AMOUNTS else fault.value
    return gettext(FAULTS.get(fault.code, FAULTS["file_unreadable"]), value=value)


def transfer_kind(row: Any) -> str:
    """What a movement of the bank's account is."""
    if row.cause_kind == "balance_settlement":
        return gettext("balance of a firm that left")
    return gettext("came back") if row.kind is EntryKind.REVERSAL else gettext("payment")


def blocked(row: Any, on: date) -> list[tuple[str, str]]:
    """What keeps a statement's money, as badges."""
    found = []
    for blocker in statements.blockers_of(row, on):
        if blocker is Blocker.HOLD:
            found.append(("stop", gettext("on hold")))
        elif blocker is Blocker.DISPUTE:
            found.append(("wait", gettext("in dispute") if not row.due else gettext("partly in dispute")))
        elif blocker is Blocker.NO_BANK:
            found.append(("stop", gettext("no bank account")))
        elif blocker is Blocker.BANK_CHANGED:
            until = format_date(row.bank_held_until, "day")
            found.append(("wait", gettext("new bank account, from %(day)s", day=until)))
        else:
            found.append(("wait", gettext("invoice expected")))
    return found
