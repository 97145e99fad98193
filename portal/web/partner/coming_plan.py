"""What the new plan changes for the firm, before it applies."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal import catalogue, clock, planning
from portal.access import allowed, current_person, requires
from portal.db import transaction
from portal.errors import NotFound
from portal.i18n import gettext as _
from portal.planning import ComingPlan
from portal.web.account import Page
from portal.web.partner.team import own_firm
from portal.web.plan_words import change_words, scheme_words

bp = Blueprint("coming_plan", __name__, url_prefix="/coming-plan")


def _coming() -> ComingPlan | None:
    return planning.find_coming_plan(own_firm(), on=clock.today(), at=clock.now())


@bp.get("")
@requires("coming_plan:read")
def index() -> Page:
    """The firm's last stated period under the coming plan, line by line."""
    found, families = _coming(), catalogue.list_families()
    return render_template(
        "partner/coming_plan/index.html",
        coming=found,
        scheme_words=scheme_words,
        changes=[(change.of, change_words(change, families)) for change in found.changes] if found else (),
        acknowledges=allowed("coming_plan:acknowledge", partner_id=own_firm()),
    )


@bp.post("/acknowledge")
@requires("coming_plan:acknowledge")
def acknowledge() -> Response:
    """The administrator has seen it."""
    firm, found = own_firm(), _coming()
    if found is None:
        raise NotFound
    with transaction():
        planning.acknowledge_plan(
            plan_id=found.id, partner_id=firm, actor_id=current_person().id, at=clock.now()
        )
    flash(_("Noted: your firm has seen what the new plan changes."), "ok")
    return redirect(url_for("coming_plan.index"), 303)
