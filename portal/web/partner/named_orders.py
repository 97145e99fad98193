"""Orders that name the firm and carry no claim of it: a draft is one press away."""

from decimal import Decimal

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import catalogue, claims, clock
from portal.access import current_person, requires
from portal.claims import LineInput
from portal.db import transaction
from portal.errors import NotFound
from portal.i18n import gettext as _
from portal.web.account import Page

bp = Blueprint("named_orders", __name__, url_prefix="/orders")


@bp.get("")
@requires("partner:home")
def index() -> Page:
    """What can still be declared, the most pressing first."""
    person, on = current_person(), clock.today()
    return render_template(
        "partner/named_orders.html", rows=claims.list_unclaimed([person.partner_id or 0], on),
        families=catalogue.list_families(),
    )  # fmt: skip


@bp.post("/declare")
@requires("claim:declare")
def declare() -> Response:
    """Open a draft that holds what the order says."""
    person, on, number = current_person(), clock.today(), request.form.get("order_no", "")
    firm = person.partner_id or 0
    order = next((row for row in claims.list_unclaimed([firm], on) if row.order_no == number), None)
    if order is None:
        raise NotFound
    lines = [LineInput(line.family, Decimal(line.amount)) for line in claims.lines_of_order(firm, number, on)]
    with transaction():
        claim = claims.start_draft(partner_id=firm, actor_id=person.id, at=clock.now())
        changes = {
            "customer_siren": order.customer_siren, "customer_name": order.customer_name,
            "order_no": order.order_no, "enrolment_no": order.enrolment_no,
            "reseller_name": order.reseller_name, "ordered_on": order.ordered_on,
        }  # fmt: skip
        claims.save_draft(
            claim=claim, seen=claim.version, changes=changes, lines=lines, actor_id=person.id, at=clock.now()
        )
        draft = claim.public_id
    flash(_("A draft is open with what the order says. Add the project, your roles and the evidence."), "ok")
    return redirect(url_for("claims.edit", public_id=draft), 303)
