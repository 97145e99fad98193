"""The reviewer's forms: approve line by line, ask, refuse."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import request
from wtforms import HiddenField

from portal import catalogue
from portal.catalogue import ReasonKind
from portal.claims import CUT_KINDS, LineVerdict, ProjectRole, Verdict
from portal.i18n import current_locale
from portal.i18n import lazy_gettext as _l
from portal.web.forms import Fault, Form, LongTextField, SelectOneField, TextField, read_amount
from portal.web.words import words

CHOOSE = ("", _l("Choose"))


def reasons_of(*kinds: ReasonKind) -> list[tuple[str, str]]:
    """Choices of a closed list of reasons."""
    return [(code, reason.label) for code, reason in catalogue.list_reasons(*kinds).items()]


class ReasonForm(Form):
    """A coded reason with a few words."""

    version = HiddenField()
    reason = SelectOneField(_l("Reason"))
    note = LongTextField(_l("Message to the firm"), required=False, longest=2000)
    kind = ReasonKind.REFUSAL

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.reason.choices = [CHOOSE, *reasons_of(self.kind)]


class AskForm(ReasonForm):
    """A question to the firm."""

    kind = ReasonKind.QUESTION
    reason = SelectOneField(_l("Question"))


class RejectForm(ReasonForm):
    """A refusal, of which the firm reads what it is about."""

    place = SelectOneField(_l("What is it about?"), required=False)
    page = TextField(_l("Page or line"), required=False, longest=60)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        places = [(code, one[current_locale()]) for code, one in catalogue.places().items()]
        self.place.choices = [("", _l("as the reason says")), *places]


class RefuseMatchForm(Form):
    """A proposed order that is not the claimed one."""

    version = HiddenField()
    reason = TextField(_l("Why is it not this project's order?"), longest=300)


class RevokeForm(ReasonForm):
    """An approval to be taken back."""

    kind = ReasonKind.ADJUSTMENT
    note = LongTextField(_l("Reasons, which the firm reads"), longest=2000)


class UpholdForm(Form):
    """An appeal that changes nothing."""

    version = HiddenField()
    reasons = LongTextField(_l("Reasons, which the firm reads"), longest=4000)


class ApproveForm(Form):
    """An approval: amounts and cuts by line, roles, ticks; its fields are those of the claim's own lines."""

    version = HiddenField()
    note = LongTextField(_l("Message to the firm"), required=False, longest=2000)

    def __init__(self, lines: Sequence[Any], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines = lines
        self.faults: dict[str, str] = {}
        self.typed: Mapping[str, str] = request.form if self.is_submitted() else {}

    @property
    def roles(self) -> tuple[ProjectRole, ...]:
        """The roles found held."""
        known = set(ProjectRole)
        return tuple(ProjectRole(role) for role in request.form.getlist("roles") if role in known)

    def verdict(self, weight: Decimal) -> Verdict:
        """What was granted; amounts that cannot be read are faults beside them."""
        return Verdict(
            lines={line.id: self._granted(line) for line in self.lines},
            roles=self.roles,
            weight=weight,
            ticks=frozenset(request.form.getlist("ticks")),
            role_reason=request.form.get("role_reason") or None,
            note=(self.note.data or "").strip(),
        )

    def _granted(self, line: Any) -> LineVerdict:
        name = f"approved-{line.id}"
        try:
            amount = read_amount(request.form.get(name, ""))
        except Fault as fault:
            self.faults[name] = str(fault)
            amount = Decimal(0)
        cut = request.form.get(f"cut-{line.id}") or None
        return LineVerdict(amount, cut if amount < line.declared else None)

    def refuse(self, place: str, code: str, **params: object) -> None:
        """Keep a fault of a line, role or check by its place."""
        self.faults[place] = words(code, **params)

    @property
    def status(self) -> int:
        """HTTP status of the page that shows this form."""
        return 422 if self.faults or self.errors else 200


def cut_reasons() -> list[tuple[str, str]]:
    """Why less than declared may be approved."""
    return reasons_of(*CUT_KINDS)
