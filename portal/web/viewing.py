"""A PAM looks at the portal as a firm's members do: marked on every page, on record, changing nothing."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, g, redirect, request, url_for
from werkzeug.wrappers import Response

from portal import clock, partners, users
from portal.access import allow, current_person, requires
from portal.db import at_the_gate, db, transaction
from portal.errors import Forbidden
from portal.partners import Partner
from portal.web import asking
from portal.web.security import SAFE

bp = Blueprint("viewing", __name__)
LEFT_OPEN = {"viewing.stop", "account.sign_out"}


def install(app: Flask) -> None:
    """Refuse whoever looks as a firm all that would change something or open a paper."""
    app.before_request(_only_look)
    app.context_processor(_context)


def _only_look() -> None:
    person = g.get("person")
    if person is None or not person.viewing or request.endpoint in LEFT_OPEN:
        return
    if request.method not in SAFE or request.blueprint == "files":
        raise Forbidden


def _context() -> dict[str, Any]:
    person = g.get("person")
    if person is None or not person.viewing or g.get("calm"):
        return {"viewed_firm": None}
    return {"viewed_firm": db.session.get_one(Partner, person.partner_id).legal_name}


@bp.post("/staff/partners/<uuid:public_id>/view")
@requires("partner:view_as")
def start(public_id: UUID) -> Response:
    """Look at the portal as this firm does."""
    partner = partners.get_partner(public_id)
    allow("partner:view_as", partner_id=partner.id, reading="directory:read")
    _view(partner.id)
    return redirect("/", 303)


@bp.post("/view/stop")
@requires("partner:home")
def stop() -> Response:
    """Come back to one's own pages."""
    person = current_person()
    if not person.viewing:
        return redirect("/", 303)
    firm = db.session.get_one(Partner, person.partner_id).public_id
    _view(None)
    return redirect(url_for("partners.detail", public_id=firm), 303)


def _view(partner_id: int | None) -> None:
    with at_the_gate(), transaction():
        users.view_partner(token=asking.presented_token(), partner_id=partner_id, at=clock.now())
