"""Fields that take what people type as it is on paper, and say how to mend what they cannot take."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from email_validator import EmailNotValidError, validate_email
from stdnum.exceptions import ValidationError as BadNumber
from stdnum.fr import siren, siret
from wtforms import Field
from wtforms.validators import StopValidation
from wtforms.widgets import EmailInput, TelInput, TextInput

from portal.i18n import current_locale, format_amount, format_date
from portal.web.words import words

SPACES = re.compile(r"[\s\u200b\u2060\ufeff]+")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
PLAIN = re.compile(r"[0-9]+")
GROUPED = re.compile(r"[0-9]{1,3}( [0-9]{3})+")
ENGLISH = re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]*)?")


class Fault(ValueError):
    """What was typed cannot be taken; the message says how to mend it."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(words(code, **params))


class _Typed(Field):
    """One line that stands for a value: what was typed is shown again until it can be read."""

    widget = TextInput()
    data: Any

    def __init__(self, label: Any = None, *, required: bool = True, **options: Any) -> None:
        super().__init__(label, **options)
        self.required = required
        self.typed: str | None = None

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return self.show(self.data) if self.data is not None else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        self.typed = CONTROLS.sub("", str(valuelist[0])) if valuelist else ""
        if self.typed.strip():
            self.data = self.read(SPACES.sub(" ", self.typed).strip())

    def pre_validate(self, form: Any) -> None:
        if self.required and self.data is None and not self.errors:
            raise StopValidation(words("required"))

    def read(self, text: str) -> Any:
        """The value of a line that is not empty; raise Fault when it cannot be read."""
        raise NotImplementedError

    def show(self, value: Any) -> str:
        """The value as one would type it."""
        return str(value)


class AmountField(_Typed):
    """An amount as on paper: `1 234,50`, `1234.5`, `€1,234.50` in English; two decimals at most."""

    def read(self, text: str) -> Decimal:
        return read_amount(text)

    def show(self, value: Decimal) -> str:
        return format_amount(value)


def read_amount(text: str) -> Decimal:
    """Read an amount that a person typed; raise Fault, which says how to write it."""
    bare = SPACES.sub(" ", text).removeprefix("€").removesuffix("€").removesuffix("EUR").strip()
    if re.match(r"[-\u2212\u2013] ?[0-9]", bare):
        raise Fault("amount_negative")
    if not re.fullmatch(r"[0-9][0-9 .,]*", bare):
        raise Fault("not_an_amount")
    if current_locale() == "en" and ENGLISH.fullmatch(bare):
        bare = bare.replace(",", "")
    if len(re.findall("[.,]", bare)) > 1:
        raise Fault("amount_two_signs")
    whole, _sign, cents = bare.replace(",", ".").partition(".")
    if cents and not PLAIN.fullmatch(cents):
        raise Fault("amount_spaces")
    if not (PLAIN.fullmatch(whole) or GROUPED.fullmatch(whole)):
        raise Fault("amount_spaces")
    if len(cents) > 2:
        raise Fault("amount_cents")
    digits = whole.replace(" ", "")
    if len(digits.lstrip("0")) > 16:
        raise Fault("amount_too_large")
    return Decimal(f"{digits}.{cents or '0'}").quantize(Decimal("0.01"))


class SignedAmountField(AmountField):
    """An amount that may be taken back: `-412,37`."""

    def read(self, text: str) -> Decimal:
        found = re.match(r"([-+\u2212\u2013]) ?", text)
        amount = read_amount(text[found.end() :] if found else text)
        return -amount if found and found[1] != "+" else amount


class DayField(_Typed):
    """A day as 31/12/2026 or 2026-12-31."""

    def read(self, text: str) -> date:
        text = re.sub(r" ?([/.-]) ?", r"\1", text)
        if found := re.fullmatch(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4})", text):
            day, month, year = map(int, found.groups())
        elif found := re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", text):
            year, month, day = map(int, found.groups())
        elif re.fullmatch(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{2})", text):
            raise Fault("short_year")
        else:
            raise Fault("not_a_day")
        try:
            return date(year, month, day)
        except ValueError:
            raise Fault("no_such_day") from None

    def show(self, value: date) -> str:
        return format_date(value, "short")


class SirenField(_Typed):
    """A SIREN, pasted with any spaces; of a SIRET its company is taken."""

    def read(self, text: str) -> str:
        digits = re.sub(r"[ .]", "", text)
        if PLAIN.fullmatch(digits) and len(digits) == 14:
            return _checked(siret, digits, "siret_key")[:9]
        if not PLAIN.fullmatch(digits) or len(digits) != 9:
            raise Fault("siren_length")
        return _checked(siren, digits, "siren_key")

    def show(self, value: str) -> str:
        return f"{value[:3]} {value[3:6]} {value[6:]}"


class SiretField(_Typed):
    """A SIRET, pasted with any spaces."""

    def read(self, text: str) -> str:
        digits = re.sub(r"[ .]", "", text)
        if not PLAIN.fullmatch(digits) or len(digits) != 14:
            raise Fault("siret_length")
        return _checked(siret, digits, "siret_key")

    def show(self, value: str) -> str:
        return f"{value[:3]} {value[3:6]} {value[6:9]} {value[9:]}"


def _checked(kind: Any, digits: str, code: str) -> str:
    try:
        return str(kind.validate(digits))
    except BadNumber:
        raise Fault(code) from None


class EmailField(_Typed):
    """An address, kept in lower case."""

    widget = EmailInput()

    def read(self, text: str) -> str:
        try:
            return validate_email(text, check_deliverability=False).normalized.lower()
        except EmailNotValidError:
            raise Fault("not_an_email") from None


class PhoneField(_Typed):
    """A phone number, kept as its owner writes it."""

    widget = TelInput()

    def read(self, text: str) -> str:
        if not re.fullmatch(r"\+?[0-9 ().-]{6,30}", text) or len(re.findall("[0-9]", text)) < 6:
            raise Fault("not_a_phone")
        return text
