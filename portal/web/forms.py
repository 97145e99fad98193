"""What every form of the portal does; its fields are those of `fields` and `answers`.

A view reads: `if form.validate_on_submit():` then `with form.refusals(), transaction(): service(...)`,
then, when `form.errors` is still empty, redirects; else it renders the form again with `form.status`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from flask import flash, redirect, request
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response
from wtforms.i18n import DummyTranslations

from portal.db import db, violated_constraint
from portal.errors import Invalid, PeriodClosed, Refused
from portal.web.answers import (
    LongTextField,
    PasswordField,
    RadioOneField,
    SelectOneField,
    TextField,
    TickField,
    TicksField,
)
from portal.web.fields import (
    AmountField,
    DayField,
    EmailField,
    Fault,
    PhoneField,
    SignedAmountField,
    SirenField,
    SiretField,
    read_amount,
)
from portal.web.resumed import MARK
from portal.web.words import known, words

__all__ = [
    "AmountField", "DayField", "EmailField", "Fault", "Form", "LongTextField", "PasswordField", "PhoneField",
    "RadioOneField", "SelectOneField", "SignedAmountField", "SirenField", "SiretField", "TextField",
    "TickField", "TicksField", "read_amount",
]  # fmt: skip


class Form(FlaskForm):
    """A form that explains refusals beside its fields and comes back filled after an interrupted session."""

    class Meta(FlaskForm.Meta):
        """Messages are ours, in `words`."""

        def get_translations(self, form: Any) -> Any:
            return DummyTranslations()

    def is_submitted(self) -> bool:
        """A form that was kept over a sign-in is shown again, filled, before it is carried out."""
        return bool(super().is_submitted()) and MARK not in request.form

    @property
    def seen(self) -> int:
        """The version of the thing that the page showed; 0, which nothing has, for one that is no number."""
        text = request.form.get("version", "")
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0

    def apart(self, word: str) -> Self:
        """Give the fields ids of their own, on a page that holds several forms."""
        for field in self._fields.values():
            field.id = f"{word}-{field.short_name}"
        return self

    @property
    def status(self) -> int:
        """HTTP status of the page that shows this form."""
        return 422 if self.errors else 200

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Put what the domain refuses back into the form; wrap it around the transaction."""
        try:
            yield
        except Invalid as invalid:
            for place, code in invalid.faults.items():
                self.refuse(place, code, **invalid.params)
        except (Refused, PeriodClosed) as refused:
            self.refuse("", refused.code, **refused.params)
        except IntegrityError as error:
            db.session.rollback()
            name = violated_constraint(error) or ""
            if not known(name):
                raise
            self.refuse("", name)

    def done(self, message: str, url: str) -> Response:
        """After a verb that is only a button: say what was done, or why it was not, on the page."""
        for sentence in [one for errors in self.errors.values() for one in errors]:
            flash(sentence, "stop")
        if not self.errors:
            flash(message, "ok")
        return redirect(url, 303)

    def refuse(self, place: str, code: str, **params: object) -> None:
        """Say this beside the field of that name, or above the form when it has none."""
        said = words(code, **params)
        if place in self._fields:
            self._fields[place].errors = [*self._fields[place].errors, said]
        else:
            self.form_errors.append(said)
