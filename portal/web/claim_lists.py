"""Lists of claims on both sides: what the URL asks for, badges of a row, and the columns of an export."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Response, request, url_for
from sqlalchemy import func, null, select, tuple_

from portal import catalogue, claims, clock, statements
from portal.access import Person
from portal.calendar import PeriodCode
from portal.claims import ClaimFilter, ClaimPage, ClaimState
from portal.claims.models import ClaimLine
from portal.db import AnyRow, db
from portal.i18n import gettext as _
from portal.margin.models import Adjustment
from portal.periods import Period
from portal.statements.models import Statement
from portal.users.models import Role
from portal.web.claim_words import MATCHINGS, clock_words, decision_badge
from portal.web.exports import spreadsheet

GROUPS: dict[str, tuple[ClaimState, ...]] = {
    "draft": (ClaimState.DRAFT,),
    "open": (*sorted(claims.OPEN), ClaimState.IN_CONFLICT, ClaimState.APPEALED),
    "asked": (ClaimState.INFO_REQUESTED,),
    "approved": (ClaimState.APPROVED,),
    "rejected": (ClaimState.REJECTED, ClaimState.REVOKED),
    "ended": (ClaimState.WITHDRAWN, ClaimState.EXPIRED),
}
DECLARED = tuple(state for state in ClaimState if state is not ClaimState.DRAFT)

Stated = dict[tuple[int, str], statements.Stated]


def asked_filter(**fixed: Any) -> ClaimFilter:
    """What the URL asks for; what it cannot mean is left out."""
    period = _period(request.args.get("period", ""))
    page = request.args.get("page", "1")
    wanted = ClaimFilter(
        states=GROUPS.get(request.args.get("state", ""), ()),
        text=request.args.get("q", "").strip()[:100],
        family=request.args.get("family", ""),
        ordered_from=period.starts_on if period else None,
        ordered_before=period.ends_before if period else None,
        unmatched="unmatched" in request.args,
        sort=request.args.get("sort", "-updated"),
        page=int(page) if page.isascii() and page.isdigit() else 1,
    )
    return replace(wanted, **fixed)


def _period(text: str) -> PeriodCode | None:
    try:
        return PeriodCode.parse(text)
    except ValueError:
        return None


def link(**changes: Any) -> str:
    """This list with something changed in its URL."""
    given = {**request.args.to_dict(), **(request.view_args or {}), **changes}
    kept = {key: value for key, value in given.items() if value not in ("", None)}
    return url_for(str(request.endpoint), **kept)


def sort_link(sort: str) -> str:
    """This list sorted otherwise, from its first page."""
    return link(sort=sort, page=None)


def page_link(page: int) -> str:
    """Another page of this list."""
    return link(page=page)


def badges(rows: Sequence[AnyRow], person: Person) -> list[dict[str, Any]]:
    """Rows ready to be shown: figures, three badges, clock, and the customer where it may be named."""
    stated = _statements(rows)
    clawed = (
        {} if person.role is Role.ADMIN else _clawed_back(rows)
    )  # who keeps accounts reads no corrections
    on = clock.today()
    return [
        {
            "row": row,
            "standing": (standing := claims.standing_of(row)),
            "customer": customer_of(row),
            "decision": decision_badge(row),
            "matching": MATCHINGS[standing.matching] if row.state is not ClaimState.DRAFT else None,
            "settlement": clawed.get(row.id) or _settlement(row, standing, stated),
            "clock": clock_words(row, on=on, by_firm=person.role.is_partner),
        }
        for row in rows
    ]


def customer_of(claim: Any) -> str:
    """The customer's name, or that it is kept from this reader."""
    return str(claim.customer_name) if claim.is_known else _("confidential customer")


def _settlement(row: Any, standing: claims.Standing, stated: Stated) -> tuple[str, str] | None:
    if row.state in (ClaimState.DRAFT, ClaimState.WITHDRAWN, ClaimState.EXPIRED, ClaimState.REJECTED):
        return None
    if standing.credited is None:
        return "quiet", _("not valued")
    statement = stated.get((row.partner_id, _half(row)))
    if statement is None:
        return "info", _("provisional")
    if statement.paid_on is not None:
        return "ok", _("paid, %(number)s", number=statement.number)
    if statement.settled.held:
        return "wait", _("on hold, %(number)s", number=statement.number)
    return "ok", _("stated, %(number)s", number=statement.number)


def _half(row: Any) -> str:
    return str(PeriodCode.half_of(row.ordered_on or row.signed_on))


def _statements(rows: Sequence[AnyRow]) -> Stated:
    """The last statement of each firm and half-year that these rows belong to, in one query."""
    wanted = {(row.partner_id, _half(row)) for row in rows if row.credited is not None}
    if not wanted:
        return {}
    found = db.session.execute(
        select(
            *(Statement.id, Statement.public_id, Statement.partner_id, Statement.number, Statement.payable),
            *(Period.code.label("period"), Period.pays_on, null().label("carry_out")),
        )
        .join(Period, Period.id == Statement.period_id)
        .where(tuple_(Statement.partner_id, Period.code).in_(wanted))
        .order_by(Statement.version)
    ).all()
    settled = statements.stated_of(found)
    return {(row.partner_id, row.period): settled[row.id] for row in found}


def _clawed_back(rows: Sequence[AnyRow]) -> dict[int, tuple[str, str]]:
    """The claims of which something stated was taken back, and in which period, in one query."""
    wanted = [row.id for row in rows if row.state is not ClaimState.DRAFT]
    if not wanted:
        return {}
    found = db.session.execute(
        select(ClaimLine.claim_id, func.max(Period.code))
        .join(Adjustment, Adjustment.origin_claim_line_id == ClaimLine.id)
        .join(Period, Period.id == Adjustment.period_id)
        .where(ClaimLine.claim_id.in_(wanted), Adjustment.approved_at.is_not(None))
        .group_by(ClaimLine.claim_id)
        .having(func.sum(Adjustment.amount) < 0)
    )
    return {claim_id: ("stop", _("clawed back, %(period)s", period=code)) for claim_id, code in found}


def halves(on: date) -> list[str]:
    """The half-years a list may be narrowed to, latest first."""
    code = PeriodCode.half_of(on)
    found = [code]
    while len(found) < 5:
        found.append(found[-1].previous)
    return [str(one) for one in found]


def export(kind: str, page: ClaimPage) -> Response:
    """The whole list as a spreadsheet."""
    heads = (
        _("Claim"), _("Partner"), _("Customer"), "SIREN", _("Project"), _("Products"), _("Order number"),
        _("Signature"), _("Order"), _("Decision"), _("Matching"), _("Declared"), _("Approved"), _("Verified"),
        _("Credited"),
    )  # fmt: skip
    return spreadsheet(kind, "claims", heads, _exported(page.rows))


def _exported(rows: Sequence[AnyRow]) -> Iterable[tuple[Any, ...]]:
    families = catalogue.list_families()
    for row in rows:
        standing = claims.standing_of(row)
        products = ", ".join(families[code] for code in row.families or ())
        yield (
            row.reference, row.partner, customer_of(row), row.customer_siren, row.title, products,
            row.order_no, row.signed_on, row.ordered_on, str(decision_badge(row)[1]),
            str(MATCHINGS[standing.matching][1]), standing.declared, standing.approved,
            standing.verified, standing.credited,
        )  # fmt: skip
