"""What stays the same from page to page: places by role, the person's menu, the foot."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from portal.access import Person
from portal.i18n import lazy_gettext as _l
from portal.users.models import Role
from portal.web.people import ROLES

PLACES: dict[str, Any] = {
    "home.index": _l("Home"),
    "claims.index": _l("Claims"),
    "objectives.index": _l("Objectives"),
    "coming_plan.index": _l("The next plan"),
    "statements.index": _l("Statements"),
    "disputes.index": _l("Disputes"),
    "team.index": _l("Team"),
    "queue.index": _l("Queue"),
    "conflicts.index": _l("Conflicts"),
    "staff_inquiries.index": _l("Missing transactions"),
    "revenue.index": _l("Revenue"),
    "staff_claims.index": _l("All claims"),
    "staff_objectives.index": _l("Objectives"),
    "portfolio.index": _l("Portfolio"),
    "partners.index": _l("Partners"),
    "orders.index": _l("Orders"),
    "plans.index": _l("Plans"),
    "closing.index": _l("Period close"),
    "staff_disputes.index": _l("Disputes"),
    "corrections.index": _l("Adjustments"),
    "ledger.index": _l("Ledger"),
    "payments.index": _l("Payments"),
    "exports.index": _l("Exports"),
    "balance.own": _l("Balance"),
    "audit.index": _l("Audit record"),
    "mails.index": _l("Mails"),
    "work.index": _l("Work items"),
    "users.index": _l("People"),
    "reorganisations.index": _l("Reorganisations"),
}
FIRM = ("home.index", "claims.index", "objectives.index", "statements.index", "team.index")
NAV: dict[Role, tuple[str, ...]] = {
    Role.PARTNER_MEMBER: FIRM,
    Role.PARTNER_ADMIN: FIRM,
    Role.PAM: ("queue.index", "portfolio.index", "staff_claims.index", "partners.index", "orders.index"),
    Role.SEGMENT_LEAD: (
        "queue.index",
        "conflicts.index",
        "portfolio.index",
        "staff_claims.index",
        "partners.index",
        "closing.index",
    ),
    Role.PROGRAMME_MANAGER: (
        "closing.index",
        "queue.index",
        "plans.index",
        "orders.index",
        "partners.index",
        "staff_claims.index",
    ),
    Role.FINANCE: (
        "closing.index",
        "corrections.index",
        "payments.index",
        "ledger.index",
        "partners.index",
    ),
    Role.ADMIN: ("users.index", "orders.index", "partners.index", "mails.index", "work.index"),
    Role.AUDITOR: ("ledger.index", "audit.index", "closing.index", "staff_claims.index", "partners.index"),
}
BACK_ROOMS: dict[Role, tuple[str, ...]] = {
    Role.PARTNER_MEMBER: ("balance.own", "disputes.index", "coming_plan.index"),
    Role.PARTNER_ADMIN: ("balance.own", "disputes.index", "coming_plan.index"),
    Role.SEGMENT_LEAD: (
        "staff_inquiries.index",
        "revenue.index",
        "staff_disputes.index",
        "staff_objectives.index",
        "reorganisations.index",
        "orders.index",
        "plans.index",
    ),
    Role.PAM: (
        "staff_inquiries.index",
        "revenue.index",
        "staff_disputes.index",
        "staff_objectives.index",
        "plans.index",
    ),
    Role.PROGRAMME_MANAGER: (
        "revenue.index",
        "staff_disputes.index",
        "staff_objectives.index",
        "corrections.index",
        "conflicts.index",
        "portfolio.index",
        "reorganisations.index",
        "ledger.index",
        "work.index",
    ),
    Role.ADMIN: ("reorganisations.index",),
    Role.FINANCE: (
        "staff_claims.index",
        "revenue.index",
        "exports.index",
        "staff_disputes.index",
        "orders.index",
        "conflicts.index",
        "plans.index",
        "audit.index",
        "mails.index",
        "work.index",
    ),
    Role.AUDITOR: (
        "revenue.index",
        "payments.index",
        "exports.index",
        "staff_disputes.index",
        "corrections.index",
        "reorganisations.index",
        "orders.index",
        "conflicts.index",
        "plans.index",
    ),
}
COUNTS: dict[str, Callable[[], int]] = {}  # an area may say how much waits in its place


def install(app: Flask) -> None:
    """Tell every page where its reader may go."""
    app.context_processor(_context)
    app.before_request(_send_staff_home)


def home_of(person: Person) -> str:
    """The page where this person's day begins."""
    places = [name for name in NAV[person.role] if name in current_app.view_functions]
    return url_for(places[0]) if places else url_for("profile.index")


def _send_staff_home() -> Response | None:
    """The portal's root is the firms' home; everyone else begins at their own."""
    person = g.get("person")
    if request.path != "/" or person is None or person.role.is_partner:
        return None
    return redirect(home_of(person), 303)


def _context() -> dict[str, Any]:
    person = g.get("person")
    if person is None:
        return {"nav": (), "user_menu": None, "footer_links": _foot()}
    return {
        "person": person,
        "nav": [_place(name) for name in NAV[person.role] if name in current_app.view_functions],
        "user_menu": _menu(person),
        "footer_links": _foot(),
    }


def _place(name: str) -> dict[str, Any]:
    current = g.get("place", request.blueprint) == name.partition(".")[0]
    count = COUNTS[name]() if name in COUNTS and not g.get("calm") else None
    return {"label": PLACES[name], "url": url_for(name), "current": current, "count": count}


def _menu(person: Person) -> dict[str, Any]:
    rooms = [name for name in BACK_ROOMS.get(person.role, ()) if name in current_app.view_functions]
    links = [{"label": PLACES[name], "url": url_for(name)} for name in rooms]
    if "profile.index" in current_app.view_functions:
        links.append({"label": _l("My account"), "url": url_for("profile.index")})
    return {
        "name": person.name,
        "detail": ROLES[person.role],
        "links": links,
        "sign_out_url": "/account/sign-out",
    }


def _foot() -> list[dict[str, Any]]:
    return [
        {"label": label, "url": url_for(name)}
        for name, label in (("verify.index", _l("Verify a statement")),)
        if name in current_app.view_functions
    ]
