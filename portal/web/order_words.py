"""What is wrong in an order file, in words that say how to mend it."""

from typing import Any

from portal.i18n import gettext
from portal.i18n import lazy_gettext as _l
from portal.orders import Fault, OrderStatus
from portal.web.words import N_

STATUSES: dict[OrderStatus, tuple[str, Any]] = {
    OrderStatus.BOOKED: ("ok", _l("booked")),
    OrderStatus.CANCELLED: ("stop", _l("cancelled")),
}
FAULTS: dict[str, str] = {
    "file_empty": N_("The file is empty."),
    "file_unreadable": N_("This is neither a CSV nor an XLSX file. Save it again from the spreadsheet."),
    "file_too_long": N_("The file has more than %(value)s lines. Cut it into several files."),
    "line_too_long": N_("This line has no end. Check the quotation marks and the ends of the lines."),
    "encoding_unknown": N_("The encoding cannot be read. Save the file as CSV UTF-8."),
    "encodings_mixed": N_("This line has another encoding than the others. Save the file as CSV UTF-8."),
    "quotes_unbalanced": N_("A quotation mark is opened and never closed, here or above."),
    "cells_count": N_("This line has not as many cells as the header (%(value)s). Check the separators."),
    "column_unknown": N_("The column %(value)s is not known. Remove it or correct its name."),
    "column_missing": N_("The column %(value)s is missing. Add it to the header."),
    "column_repeated": N_("The column %(value)s stands twice in the header. Keep one of them."),
    "required": N_("This cell must be filled in."),
    "too_long": N_("This text is too long: 200 characters at most."),
    "unreadable": N_("This text contains characters that cannot be kept. Type it again."),
    "family_unknown": N_("The product family %(value)s is not in the catalogue."),
    "partner_unknown": N_("No partner has the code %(value)s."),
    "not_a_whole_number": N_("%(value)s is not a whole number of at least 1."),
    "siren_length": N_("%(value)s is not a SIREN: it has 9 digits, leading zeros included."),
    "siren_key": N_("The SIREN %(value)s does not exist: its last digit does not match the others."),
    "not_an_amount": N_("%(value)s is not an amount. Write it as 1234.50 or 1 234.50."),
    "amount_two_signs": N_("%(value)s has two points or commas. Write one only, before the cents."),
    "amount_cents": N_("%(value)s has more than two decimals. Thousands are parted by spaces."),
    "amount_spaces": N_("The spaces of %(value)s do not part thousands."),
    "amount_negative": N_("%(value)s is negative. A cancelled order has the status cancelled."),
    "amount_too_large": N_("%(value)s is larger than can be kept. Check the number of digits."),
    "currency_unknown": N_("%(value)s is not a currency. Write its three letters, for example USD."),
    "rate_missing": N_("No rate is entered for %(value)s. Enter it under Rates, then check the file again."),
    "not_a_rate": N_("%(value)s is not a rate. Write it as USD 2026-03 1,0837."),
    "rate_repeated": N_("%(value)s repeats a currency and month given above."),
    "status_unknown": N_("The status is booked or cancelled, not %(value)s."),
    "not_an_instant": N_("%(value)s is not a date. Write it as 2026-12-31 or 31/12/2026."),
    "instant_without_offset": N_("%(value)s lacks its offset. Write for example 2026-12-31T18:30:00+01:00."),
    "line_repeated": N_("This line of the order is already on line %(value)s of the file."),
    "version_older": N_("A later version of this line is already imported."),
    "version_rewritten": N_("This version is known with another content. A change needs a new version."),
}


def told(fault: Fault) -> str:
    """The sentence of a fault."""
    return gettext(FAULTS[fault.code], value=fault.value)


EXAMPLE = (
    ("order_no", "V2611020001", _l("number of the order")),
    ("line_no", "1", _l("line of the order, 1 when absent")),
    ("version", "1", _l("rises each time the line changes")),
    ("reseller", "Distribution Boréale", _l("who sells")),
    ("reseller_code", "", _l("code of the reseller when it is a partner")),
    ("named_partner", "P-00042", _l("code of the partner that the order names")),
    ("agreement", "EA", _l("kind of agreement")),
    ("enrolment_no", "E-4410077", _l("enrolment number")),
    ("customer_siren", "000000018", _l("SIREN of the customer, with its leading zeros")),
    ("customer_name", "Menuiserie de l'Aube", _l("name of the customer")),
    ("family", "M365", _l("code of the product family")),
    ("amount", "12 345,60", _l("net amount, excluding VAT")),
    ("ordered_at", "2026-11-02T09:30:00+01:00", _l("day, or instant with its offset")),
    ("currency", "EUR", _l("three letters, EUR when absent")),
    ("status", "booked", _l("booked or cancelled")),
)
