"""How journal entries and accounts are called on pages."""

from typing import Any

from portal.i18n import lazy_gettext as _l
from portal.ledger.entries import ACCRUED, BANK, EXPENSE, HELD, PAYABLE, EntryKind
from portal.margin.earned import PARTNER_CAP, PRIOR_EARNINGS

ENTRIES: dict[EntryKind, Any] = {
    EntryKind.EARNINGS: _l("Margin earned"),
    EntryKind.ADJUSTMENT: _l("Adjustment"),
    EntryKind.SETTLEMENT: _l("Made payable"),
    EntryKind.PAYMENT: _l("Payment"),
    EntryKind.HOLD: _l("Hold"),
    EntryKind.RELEASE: _l("Hold released"),
    EntryKind.REVERSAL: _l("Reversal"),
}
ACCOUNTS: dict[str, Any] = {
    EXPENSE: _l("Margins granted"),
    ACCRUED: _l("Earned, not yet payable"),
    PAYABLE: _l("Payable to partners"),
    HELD: _l("Payable, on hold"),
    BANK: _l("Bank"),
}
COMPONENTS: dict[str, Any] = {
    PARTNER_CAP: _l("Limit per partner"),
    PRIOR_EARNINGS: _l("Already stated"),
}
