"""One box for everything the reader may see: claims, firms, statements, orders."""

from flask import Blueprint, redirect, render_template, request, url_for

from portal import catalogue, claims, orders, partners, statements
from portal.access import current_person, requires
from portal.access.policy import relation
from portal.claims import ClaimFilter
from portal.partners import PartnerFilter
from portal.web import claim_lists
from portal.web.account import Page
from portal.web.order_words import STATUSES
from portal.web.partner_words import COVERAGES, SEGMENTS

bp = Blueprint("search", __name__)
SHOWN = 10


@bp.get("/search")
@requires("search:use")
def index() -> Page:
    """What mentions these words; a reference alone leads straight to its page."""
    person, words = current_person(), request.args.get("q", "").strip()[:100]
    if not words:
        return render_template("search.html", q="", found={})
    states = () if person.role.is_partner else claim_lists.DECLARED
    wanted = ClaimFilter(text=words, states=states)
    page = claims.list_claims(wanted, size=SHOWN)
    if len(page.rows) == 1 and page.rows[0].reference == words.upper():
        return redirect(url_for("claims.detail", public_id=page.rows[0].public_id), 303)
    found = {"claims": claim_lists.badges(page.rows, person), "claims_total": page.total}
    found["statements"] = statements.find_statements(words)
    if relation("directory:read", person.role):
        found["partners"] = partners.list_partners(PartnerFilter(text=words))
    if relation("order:read", person.role):
        found["orders"] = orders.list_orders(text=words)
    return render_template(
        "search.html", q=words, found=found, shown=SHOWN, segments=SEGMENTS, coverages=COVERAGES,
        statuses=STATUSES, families=catalogue.list_families(),
    )  # fmt: skip
