"""Orders that name the firm and carry no claim of it: a draft is one press away."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import catalogue, claims, clock
from portal.access import current_person, requires
from portal.db import transaction
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
    person = current_person()
    with transaction():
        draft = claims.start_draft_of_order(
            partner_id=person.partner_id or 0, order_no=request.form.get("order_no", ""),
            actor_id=person.id, at=clock.now(),
        ).public_id  # fmt: skip
    flash(_("A draft is open with what the order says. Add the project, your roles and the evidence."), "ok")
    return redirect(url_for("claims.edit", public_id=draft), 303)
