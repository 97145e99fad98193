"""The forms by which a firm declares a project and follows its claim."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_wtf.file import FileField
from wtforms import FieldList, FormField, HiddenField
from wtforms import Form as PlainForm

from portal import catalogue
from portal.claims import LineInput
from portal.files import MAX_BYTES
from portal.i18n import lazy_gettext as _l
from portal.web.claim_words import AGREEMENTS, PROJECT_TYPES, ROLES, SECTORS
from portal.web.forms import (
    AmountField,
    DayField,
    Form,
    LongTextField,
    SelectOneField,
    SirenField,
    TextField,
    TickField,
    TicksField,
)
from portal.web.words import words

MOST_LINES = 20
CHOOSE = ("", _l("Choose"))
Values = dict[str, Any]


class DraftForm(Form):
    """What every step has: the version that was seen."""

    version = HiddenField()

    def changes(self) -> Values:
        """The draft's fields that this step holds, those in fault left out."""
        skipped = {"version", "csrf_token", "lines", "evidence_type", "dated_on", "file"}
        return {
            name: field.data
            for name, field in self._fields.items()
            if name not in skipped and not field.errors
        }

    def lines_given(self) -> Sequence[LineInput] | None:
        """The lines of this step, None where it has none."""
        return None


class ProjectForm(DraftForm):
    """Step 1: for whom, and what."""

    customer_siren = SirenField(_l("SIREN of the end customer"), required=False)
    customer_name = TextField(_l("Legal name of the end customer"), required=False)
    customer_sector = SelectOneField(_l("Sector"), choices=[CHOOSE, *SECTORS.items()], required=False)
    customer_public = TickField(_l("The customer is a public body"))
    customer_contact = TextField(_l("Contact at the customer"), required=False)
    title = TextField(_l("Project title"), required=False, longest=120)
    project_type = SelectOneField(
        _l("Kind of project"), choices=[CHOOSE, *PROJECT_TYPES.items()], required=False
    )
    confidential = TickField(_l("The project is confidential"))


class LineForm(PlainForm):
    """A product family and its amount; an empty line is no line."""

    family = SelectOneField(_l("Product family"), required=False)
    agreement = SelectOneField(_l("Agreement"), choices=list(AGREEMENTS.items()), required=False)
    amount = AmountField(_l("Amount excl. VAT"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.family.choices = [CHOOSE, *catalogue.list_families().items()]

    def validate(self, extra_validators: Any = None) -> bool:
        """Half a line is completed or emptied."""
        valid = bool(super().validate(extra_validators))
        for given, missing in ((self.family, self.amount), (self.amount, self.family)):
            typed = given.data is not None or getattr(given, "typed", None)
            if typed and missing.data is None and not missing.errors:
                missing.errors = [words("required")]
                valid = False
        return valid


class LinesForm(DraftForm):
    """Step 2: which roles, which products, which amounts."""

    roles = TicksField(_l("What did your firm do?"), choices=list(ROLES.items()), required=False)
    lines = FieldList(FormField(LineForm), max_entries=MOST_LINES)

    def lines_given(self) -> Sequence[LineInput] | None:
        """Complete lines, in their order."""
        rows = [entry.form for entry in self.lines if not entry.form.errors]
        return [
            LineInput(row.family.data, row.amount.data, row.agreement.data or "")
            for row in rows
            if row.family.data and row.amount.data is not None
        ]

    def ensure_rows(self, least: int) -> None:
        """Leave room for one more line."""
        while len(self.lines) < min(least, MOST_LINES):
            self.lines.append_entry()


class OrderForm(DraftForm):
    """Step 3: the order, the dates, the evidence."""

    reseller_name = TextField(_l("Who sells the licences?"), required=False)
    reseller_unknown = TickField(_l("I do not know the reseller"))
    order_no = TextField(_l("Order number"), required=False, longest=40)
    enrolment_no = TextField(_l("Enrolment number"), required=False, longest=40)
    signed_on = DayField(_l("Date of the customer's signature"), required=False)
    ordered_on = DayField(_l("Date of the order"), required=False)
    file = FileField(_l("File"))
    evidence_type = SelectOneField(_l("What is it?"), required=False)
    dated_on = DayField(_l("Date written on it"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = catalogue.list_evidence_types()
        self.evidence_type.choices = [CHOOSE, *((code, kind.label) for code, kind in kinds.items())]


class EvidenceForm(Form):
    """A piece of evidence joined to a claim under way."""

    file = FileField(_l("File"))
    evidence_type = SelectOneField(_l("What is it?"))
    dated_on = DayField(_l("Date written on it"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = catalogue.list_evidence_types()
        self.evidence_type.choices = [CHOOSE, *((code, kind.label) for code, kind in kinds.items())]


class SubmitForm(Form):
    """Step 4: declare on honour."""

    version = HiddenField()
    duplicate_reason = LongTextField(_l("Why is this another project?"), required=False, longest=1000)
    honour = TickField(
        _l("I declare on honour that these facts are exact and that my firm held these roles.")
    )


class AnswerForm(Form):
    """The answer to a question."""

    version = HiddenField()
    note = LongTextField(_l("Your answer"), required=False)
    order_no = TextField(_l("Order number"), required=False, longest=40)
    enrolment_no = TextField(_l("Enrolment number"), required=False, longest=40)


class WithdrawForm(Form):
    """Taking a claim back."""

    version = HiddenField()
    note = TextField(_l("Why?"), required=False)


def line_values(rows: Sequence[Any]) -> list[Mapping[str, Any]]:
    """What step 2 shows of the lines."""
    return [{"family": row.family, "agreement": row.agreement, "amount": row.declared} for row in rows]


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """A file as it was sent, read no further than the size that is accepted."""

    name: str
    content: bytes


def chosen_file() -> ChosenFile | None:
    """The file that came with the form, None without one."""
    sent = request.files.get("file")
    if not sent or not sent.filename:
        return None
    with sent.stream as stream:
        return ChosenFile(sent.filename, stream.read(MAX_BYTES + 1))
