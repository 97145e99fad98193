"""The record: who did what, on what, when."""

from flask import Blueprint, render_template, request
from sqlalchemy import select

from portal import audit, users
from portal.access import requires
from portal.db import db
from portal.partners.models import Partner
from portal.users.models import User
from portal.web.account import Page
from portal.web.claim_lists import link

bp = Blueprint("audit", __name__, url_prefix="/staff/audit")
PAGE = 100


@bp.get("")
@requires("audit:read")
def index() -> Page:
    """Actions, newest first, of everybody or on one thing."""
    wanted = {name: request.args.get(name, "").strip() for name in ("action", "subject", "who")}
    kind, _space, subject_id = wanted["subject"].partition(" ")
    people = users.search_users(wanted["who"], size=500)[0] if wanted["who"] else None
    rows = audit.list_records(
        subject=(kind, subject_id) if subject_id else None,
        action=wanted["action"],
        actor_ids=None if people is None else [person.id for person in people],
        limit=PAGE,
        before_id=request.args.get("before", type=int),
    )
    older = link(before=rows[-1].id) if len(rows) == PAGE else None
    return render_template(
        "staff/audit/index.html",
        rows=rows,
        wanted=wanted,
        older=older,
        names=_names({row.actor_id for row in rows}),
        codes=_codes({row.partner_id for row in rows}),
    )


def _names(ids: set[int | None]) -> dict[int, str]:
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(ids - {None})))
    return {row.id: row.name for row in rows}


def _codes(ids: set[int | None]) -> dict[int, str]:
    rows = db.session.execute(select(Partner.id, Partner.code).where(Partner.id.in_(ids - {None})))
    return {row.id: row.code for row in rows}
