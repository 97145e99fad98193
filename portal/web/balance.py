"""What a partner is owed on any day: each entry, and the balance after it."""

from datetime import date
from itertools import chain
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request

from portal import clock, disputes, ledger, partners, statements
from portal.access import allow, current_person, requires
from portal.i18n import lazy_gettext as _l
from portal.web.account import Page
from portal.web.claim_lists import page_link
from portal.web.dispute_words import REASONS
from portal.web.forms import DayField, Form
from portal.web.staff.ledger_words import ENTRIES

bp = Blueprint("balance", __name__)
PAGE = 50


class DayForm(Form):
    """The day asked for, in the URL."""

    class Meta(Form.Meta):
        """Reading needs no token."""

        csrf = False

    on = DayField(_l("As of the end of"), required=False)


@bp.get("/balance")
@requires("balance:own")
def own() -> Page:
    """The firm's own balance."""
    firm = current_person().partner_id
    assert firm is not None
    return _page(firm, name="", back="")


@bp.get("/staff/partners/<uuid:public_id>/balance")
@requires("balance:read")
def partner(public_id: UUID) -> Page:
    """A partner's balance, for those who keep the books."""
    found = partners.get_partner(public_id)
    allow("balance:read", partner_id=found.id)
    return _page(found.id, name=found.legal_name, back=str(found.public_id))


def _page(partner_id: int, *, name: str, back: str) -> Page:
    form = DayForm(formdata=request.args)
    form.validate()
    on: date = form.on.data or clock.today()
    page = max(1, request.args.get("page", 1, type=int))
    rows, total = ledger.list_movements(partner_id, on, page=page, size=PAGE)
    shown = render_template(
        "balance.html", rows=rows, total=total, page=page, pages=-(-total // PAGE), on=on, form=form,
        owed=ledger.owed_on(partner_id, on), name=name, back=back, entry_words=ENTRIES, page_link=page_link,
        today=clock.today(), **(_contested(partner_id) if on == clock.today() else {}),
    )  # fmt: skip
    return shown, form.status


def _contested(partner_id: int) -> dict[str, Any]:
    """What disputes keep of it today, and each of them."""
    by_statement = disputes.open_by_statement(partner_id=partner_id)
    return {
        "suspended": statements.suspended_of(partner_id),
        "contested": list(chain.from_iterable(by_statement.values())),
        "reasons": REASONS,
    }
