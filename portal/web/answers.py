"""Fields for free text, passwords, ticks and answers to choose from."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

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
from wtforms.widgets import CheckboxInput, ListWidget

from portal.web.fields import CONTROLS
from portal.web.words import words


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
