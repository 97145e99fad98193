"""The journal: entries, and the way from each figure back to its cause."""

from uuid import UUID

from flask import Blueprint, render_template, request

from portal import ledger, periods
from portal.access import allowed, requires
from portal.ledger.entries import EntryKind
from portal.web.account import Page
from portal.web.claim_lists import page_link
from portal.web.staff.ledger_cause import cause_of
from portal.web.staff.ledger_words import ACCOUNTS, COMPONENTS, ENTRIES

bp = Blueprint("ledger", __name__, url_prefix="/staff/ledger")
PAGE = 50


@bp.get("")
@requires("ledger:read")
def index() -> Page:
    """Entries, newest first, and what each account holds."""
    wanted = {name: request.args.get(name, "").strip() for name in ("partner", "period", "kind")}
    page = max(1, request.args.get("page", 1, type=int))
    kind = wanted["kind"] if wanted["kind"] in set(EntryKind) else ""
    rows, total = ledger.list_entries(
        partner_code=wanted["partner"], period=wanted["period"], kind=kind, page=page, size=PAGE
    )
    return render_template(
        "staff/ledger/index.html",
        rows=rows,
        total=total,
        page=page,
        pages=-(-total // PAGE),
        wanted=wanted,
        balances=ledger.balances(),
        periods=periods.list_periods(),
        entry_words=ENTRIES,
        account_words=ACCOUNTS,
        page_link=page_link,
        exports=allowed("export:read", partner_id=None),
    )


@bp.get("/<uuid:public_id>")
@requires("ledger:read")
def entry(public_id: UUID) -> Page:
    """One entry, its postings, and what caused it."""
    found = ledger.get_entry(public_id)
    return render_template(
        "staff/ledger/entry.html",
        entry=found,
        postings=ledger.list_postings(found.id),
        cause=cause_of(found),
        entry_words=ENTRIES,
        component_words=COMPONENTS,
        account_words=ACCOUNTS,
    )
