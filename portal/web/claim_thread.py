"""The messages of a claim, on both sides."""

from flask_wtf.file import FileField

from portal import claims, clock
from portal.access import current_person
from portal.claims import Claim
from portal.db import transaction
from portal.i18n import lazy_gettext as _l
from portal.web.forms import Form, LongTextField
from portal.web.partner.claim_forms import chosen_file


class MessageForm(Form):
    """A message to the other side."""

    body = LongTextField(_l("Message"), required=False, longest=4000)
    file = FileField(_l("File"))


def post(claim: Claim, form: MessageForm) -> bool:
    """Send what was written, where it can be; whether it was."""
    if form.validate_on_submit():
        file = chosen_file()
        with form.refusals(), transaction():
            claims.post_message(
                claim=claim, body=form.body.data or "", source=file.content if file else None,
                name=file.name if file else "", actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
    return form.is_submitted() and not form.errors
