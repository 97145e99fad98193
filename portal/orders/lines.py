"""From a row of the file to an order line, or to what is wrong in it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar

from stdnum.exceptions import ValidationError
from stdnum.fr import siren

from portal.calendar import PARIS, paris_date
from portal.files import Cell
from portal.money import NotANumber, read_amount
from portal.orders.inputs import Fault
from portal.orders.models import OrderStatus

T = TypeVar("T")

_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")
_GROUPED = re.compile(r"[0-9]{1,3}(?: [0-9]{3})*|[0-9]+")
_FRENCH_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Known:
    """What a file may name: product families, partners by code, months with a rate by currency."""

    families: frozenset[str]
    partners: Mapping[str, int]
    rates: frozenset[tuple[str, date]] = frozenset()


@dataclass(slots=True)
class OrderRow:
    """One line of the file, read; its fields are the columns of the staging table, in their order."""

    line: int
    order_no: str
    line_no: int
    version: int
    reseller_name: str
    reseller_id: int | None
    named_partner_id: int | None
    agreement: str
    enrolment_no: str
    customer_siren: str
    customer_name: str
    family: str
    amount: Decimal
    currency: str
    ordered_at: datetime
    ordered_on: date
    status: str


class _Wrong(ValueError):
    """The cell cannot be read; the message is the fault's code."""


@dataclass
class _Row:
    line: int
    cells: Mapping[str, Cell]
    faults: list[Fault] = field(default_factory=list)

    def take(self, name: str, read: Callable[[Cell], T], default: T) -> T:
        cell = self.cells.get(name, "")
        if cell == "":
            return default
        try:
            return read(cell)
        except _Wrong as wrong:
            self.faults.append(Fault(self.line, name, str(wrong), str(cell)[:60]))
            return default

    def need(self, name: str, read: Callable[[Cell], T]) -> Any:
        if self.cells.get(name, "") == "":
            self.faults.append(Fault(self.line, name, "required"))
        return self.take(name, read, None)


def read_line(line: int, cells: Mapping[str, Cell], known: Known) -> OrderRow | list[Fault]:
    """The order line that a row says, or every fault found in it."""
    row = _Row(line, cells)

    def family(cell: Cell) -> str:
        code = read_cell_text(cell).upper()
        if code not in known.families:
            raise _Wrong("family_unknown")
        return code

    def partner(cell: Cell) -> int | None:
        try:
            return known.partners[read_cell_text(cell).upper()]
        except KeyError:
            raise _Wrong("partner_unknown") from None

    ordered_at = row.need("ordered_at", read_cell_instant)
    found = OrderRow(
        line=line,
        order_no=row.need("order_no", _number),
        line_no=row.take("line_no", _whole, 1),
        version=row.need("version", _whole),
        reseller_name=row.need("reseller", read_cell_text),
        reseller_id=row.take("reseller_code", partner, None),
        named_partner_id=row.take("named_partner", partner, None),
        agreement=row.take("agreement", read_cell_text, ""),
        enrolment_no=row.take("enrolment_no", _number, ""),
        customer_siren=row.need("customer_siren", _siren),
        customer_name=row.take("customer_name", read_cell_text, ""),
        family=row.need("family", family),
        amount=row.need("amount", read_cell_amount),
        currency=row.take("currency", _currency, "EUR"),
        ordered_at=ordered_at,
        ordered_on=paris_date(ordered_at) if ordered_at else date.min,
        status=row.need("status", _status),
    )
    if ordered_at and found.currency != "EUR":
        month = found.ordered_on.replace(day=1)
        if (found.currency, month) not in known.rates:
            row.faults.append(Fault(line, "currency", "rate_missing", f"{found.currency} {month:%Y-%m}"))
    return row.faults or found


def read_cell_text(cell: Cell) -> str:
    text = _SPACES.sub(" ", _plain(cell)).strip()
    if len(text) > _LONGEST:
        raise _Wrong("too_long")
    if not text.isprintable():
        raise _Wrong("unreadable")
    return text


def _plain(cell: Cell) -> str:
    """A cell as it is read on the screen: spreadsheets hold 18 as 18.0."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _number(cell: Cell) -> str:
    """An order or enrolment number, as it is compared: capitals, no spaces around."""
    return read_cell_text(cell).upper()


def _whole(cell: Cell) -> int:
    text = _plain(cell).strip()
    if not re.fullmatch(r"[0-9]{1,6}", text) or int(text) == 0:
        raise _Wrong("not_a_whole_number")
    return int(text)


def _siren(cell: Cell) -> str:
    """Nine digits with their key; a spreadsheet's number has lost its leading zeros."""
    digits = _SPACES.sub("", _plain(cell))
    if not isinstance(cell, str):
        digits = digits.zfill(9)
    if not re.fullmatch(r"[0-9]{9}", digits):
        raise _Wrong("siren_length")
    try:
        return str(siren.validate(digits))
    except ValidationError:
        raise _Wrong("siren_key") from None


def read_cell_amount(cell: Cell) -> Decimal:
    """`1 234,50`, `1234.50` or a number of a spreadsheet, which is written as shortly as it can be."""
    if isinstance(cell, bool | date):
        raise _Wrong("not_an_amount")
    written = _SPACES.sub(" ", repr(cell) if isinstance(cell, float) else str(cell)).strip()
    if isinstance(cell, float):
        written = written.removesuffix(".0")
    written = written.removesuffix("€").removesuffix("EUR").strip()
    if re.match(r"[-\u2212] ?[0-9]", written):
        raise _Wrong("amount_negative")
    if not re.fullmatch(r"[0-9][0-9 .,]*", written):
        raise _Wrong("not_an_amount")
    if len(re.findall("[.,]", written)) > 1:
        raise _Wrong("amount_two_signs")
    whole, _sign, cents = written.replace(",", ".").partition(".")
    if not _GROUPED.fullmatch(whole) or " " in cents:
        raise _Wrong("amount_spaces")
    if len(cents) > 2:
        raise _Wrong("amount_cents")
    digits = whole.replace(" ", "").lstrip("0") or "0"
    try:
        return read_amount(f"{digits}.{cents or '0'}")
    except NotANumber:
        raise _Wrong("amount_too_large") from None


def _currency(cell: Cell) -> str:
    code = read_cell_text(cell).upper()
    if not re.fullmatch("[A-Z]{3}", code):
        raise _Wrong("currency_unknown")
    return code


def _status(cell: Cell) -> str:
    word = read_cell_text(cell).lower()
    if word not in set(OrderStatus):
        raise _Wrong("status_unknown")
    return word


def read_cell_instant(cell: Cell) -> datetime:
    """An instant with its offset, or a day, taken at noon in Paris; a spreadsheet's time is Paris time."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=PARIS)
    if isinstance(cell, date):
        return _noon(cell)
    text = str(cell).strip()
    try:
        if found := _FRENCH_DAY.fullmatch(text):
            day, month, year = map(int, found.groups())
            return _noon(date(year, month, day))
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return _noon(date.fromisoformat(text))
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise _Wrong("not_an_instant") from None
    if instant.tzinfo is None:
        raise _Wrong("instant_without_offset")
    return instant


def _noon(on: date) -> datetime:
    if not 2000 <= on.year <= 2099:
        raise _Wrong("not_an_instant")
    return datetime.combine(on, time(12), PARIS)
