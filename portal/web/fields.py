"""Fields that take what people type as it is on paper, and say how to mend what they cannot take."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from email_validator import EmailNotValidError, validate_email
from stdnum.exceptions import ValidationError as BadNumber
from stdnum.fr import siren, siret
from wtforms import (
    BooleanField,
    Field,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import PasswordField as PlainPasswordField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, EmailInput, ListWidget, TelInput, TextInput

from portal.i18n import format_amount, format_date
from portal.web.words import words

SPACES = re.compile(r"[\s\u200b\u2060\ufeff]+")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
PLAIN = re.compile(r"[0-9]+")
GROUPED = re.compile(r"[0-9]{1,3}( [0-9]{3})+")


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
    """An amount as on paper: `1 234,50`, `1234.5`, `1 234,50 €`; Decimal with two decimals at most."""

    def read(self, text: str) -> Decimal:
        return read_amount(text)

    def show(self, value: Decimal) -> str:
        return format_amount(value)


def read_amount(text: str) -> Decimal:
    """Read an amount that a person typed; raise Fault, which says how to write it."""
    bare = SPACES.sub(" ", text).removesuffix("€").removesuffix("EUR").strip()
    if re.match(r"[-\u2212\u2013] ?[0-9]", bare):
        raise Fault("amount_negative")
    if not re.fullmatch(r"[0-9][0-9 .,]*", bare):
        raise Fault("not_an_amount")
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


class _Words(Field):
    """Text of a bounded length; nothing typed is an empty text."""

    data: Any

    def __init__(
        self, label: Any = None, *, required: bool = True, longest: int = 200, **options: Any
    ) -> None:
        super().__init__(label, **options)
        self.required, self.longest = required, longest

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep what was typed, without the spaces around it."""
        self.data = str(valuelist[0]).strip().replace("\r\n", "\n") if valuelist else ""

    def pre_validate(self, form: Any) -> None:
        """Refuse what is missing, too long or cannot be kept."""
        text = self.data or ""
        if self.required and not text:
            raise StopValidation(words("required"))
        if len(text) > self.longest:
            raise StopValidation(words("too_long", most=self.longest))
        if CONTROLS.search(text):
            raise StopValidation(words("unreadable"))


class TextField(_Words, StringField):
    """One line of text."""


class LongTextField(_Words, TextAreaField):
    """Some lines of text."""

    def __init__(self, label: Any = None, *, longest: int = 4000, **options: Any) -> None:
        super().__init__(label, longest=longest, **options)


class PasswordField(PlainPasswordField):
    """A password, never shown again, never trimmed."""

    def pre_validate(self, form: Any) -> None:
        """Refuse nothing but its absence: its quality is the domain's to judge."""
        if not self.data:
            raise StopValidation(words("required"))


class TickField(BooleanField):
    """One box; `required` ones must be ticked."""

    def __init__(self, label: Any = None, *, required: bool = False, **options: Any) -> None:
        super().__init__(label, **options)
        self.required, self.type = required, "BooleanField"

    def pre_validate(self, form: Any) -> None:
        """Refuse a required box left empty."""
        if self.required and not self.data:
            raise StopValidation(words("not_ticked"))


Choices = Sequence[tuple[str, Any]]


class _Offered(SelectField):
    """Choices as plain pairs, given when the class is written or by the view before it validates."""

    data: Any

    def _choices_from_input(self, choices: Any) -> list[SelectChoice]:
        return [SelectChoice(value, label) for value, label in choices or ()]


class _OneOf(_Offered):
    """One value of a closed list: `choices` are (value, words); `kind` is a StrEnum to give back."""

    def __init__(
        self,
        label: Any = None,
        *,
        choices: Choices = (),
        kind: type[StrEnum] | None = None,
        required: bool = True,
        **options: Any,
    ) -> None:
        self.kind, self.required = kind, required
        super().__init__(label, coerce=lambda value: value, **options)
        self.choices = list(choices)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep the value sent; whether it is offered is checked next."""
        self.data = str(valuelist[0]) if valuelist and valuelist[0] else None

    def pre_validate(self, form: Any) -> None:
        """Refuse what is missing or not offered."""
        if self.data is None and self.required:
            raise StopValidation(words("required"))
        if self.data is not None and self.data not in {value for value, *_ in self.iter_choices()}:
            raise StopValidation(words("not_a_choice"))
        if self.data is not None and self.kind:
            self.data = self.kind(self.data)


class SelectOneField(_OneOf):
    """A drop-down list."""


class RadioOneField(_OneOf, RadioField):
    """A few answers side by side."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label, **options)
        self.type = "RadioField"


class TicksField(_Offered, SelectMultipleField):
    """Any number of answers, at least one when required."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(
        self, label: Any = None, *, choices: Choices = (), required: bool = True, **options: Any
    ) -> None:
        super().__init__(label, coerce=str, **options)
        self.choices = list(choices)
        self.required, self.type = required, "SelectMultipleField"

    def pre_validate(self, form: Any) -> None:
        """Refuse what is missing or not offered."""
        if self.required and not self.data:
            raise StopValidation(words("required"))
        if set(self.data or ()) - {value for value, *_ in self.iter_choices()}:
            raise StopValidation(words("not_a_choice"))
