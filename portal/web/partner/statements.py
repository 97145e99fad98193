"""Statements: the list, each one as on paper, and its figures to take away."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from portal import catalogue, clock, corrections, disputes, files, ledger, partners, periods, statements
from portal.access import allow, allowed, current_person, requires
from portal.db import AnyRow, transaction
from portal.i18n import current_locale, format_period, upper_first
from portal.i18n import gettext as _
from portal.periods import Period
from portal.statements.models import Statement
from portal.statements.shape import StatementDocument
from portal.web.account import Page
from portal.web.claim_lists import page_link
from portal.web.dispute_words import STATES
from portal.web.forms import Form
from portal.web.paper import on_page
from portal.web.result_trace import LineBehind, lines_behind
from portal.web.settlement_words import settlement

bp = Blueprint("statements", __name__, url_prefix="/statements")
PAGE = 50


@bp.get("")
@requires("statement:read")
def index() -> Page:
    """Statements that the reader may see, the latest period first."""
    person, page = current_person(), max(1, request.args.get("page", 1, type=int))
    period = request.args.get("period", "")
    rows, total = statements.list_statements(
        partner_id=person.partner_id, period=period, page=page, size=PAGE
    )
    return render_template(
        "partner/statements/index.html",
        rows=rows,
        badges=_badges(rows),
        total=total,
        page=page,
        pages=-(-total // PAGE),
        period=period,
        periods=periods.list_periods(periods.PeriodState.CLOSED),
        firm=person.role.is_partner,
        page_link=page_link,
    )


def _badges(rows: Sequence[AnyRow]) -> dict[int, tuple[str, str]]:
    """What became of the money of each statement."""
    on = clock.today()
    return {key: settlement(stated, on) for key, stated in statements.stated_of(rows).items()}


@bp.get("/provisional", defaults={"firm": None})
@bp.get("/provisional/<uuid:firm>")
@requires("objective:read")
def provisional(firm: UUID | None) -> Page:
    """The statement of a period to come as it stands, of one's own firm or of one that one may read."""
    partner_id = current_person().partner_id if firm is None else partners.get_partner(firm).id
    allow("objective:read", partner_id=partner_id or 0, reading="objective:read")
    unstated, code = periods.list_unstated(clock.today()), request.args.get("period")
    period = next((one for one in unstated if one.code == code), next(iter(unstated), None))
    document = statements.provisional_statement(period, partner_id or 0, at=clock.now()) if period else None
    if document is None:
        return render_template("partner/statements/no_provisional.html", period=period), 404
    return render_template(
        "partner/statements/provisional.html",
        views=[_view(one, firm, one is period) for one in unstated],
        claim_urls=_claim_urls(document) | _statement_urls(document),
        on_page=on_page,
        **statements.statement_context(document, statements.fingerprint(document)),
    )


def _view(period: Period, firm: UUID | None, shown: bool) -> dict[str, Any]:
    url = url_for("statements.provisional", firm=firm, period=period.code)
    return {"label": upper_first(format_period(period.code)), "url": url, "current": shown}


def seen(public_id: UUID) -> Statement:
    """A statement that the reader may see."""
    found = statements.get_statement(public_id)
    allow("statement:read", partner_id=found.partner_id, reading="statement:read")
    return found


@bp.get("/<uuid:public_id>")
@requires("statement:read")
def detail(public_id: UUID) -> Page:
    """The statement with the content of the paper, each figure beside what it comes from."""
    found = seen(public_id)
    document = cast(StatementDocument, found.document)
    return render_template(
        "partner/statements/detail.html",
        statement=found,
        printed=statements.find_file(found.id),
        holds=[one for one in ledger.list_holds(found.id) if one.released_at is None],
        payments=ledger.list_payments(statement_id=found.id),
        pays=found.payable > 0 and allowed("payment:read", partner_id=found.partner_id),
        corrections=corrections.corrections_of_statement(found.id),
        claim_urls=_claim_urls(document) | _statement_urls(document),
        reason_words={code: one.label for code, one in catalogue.list_reasons().items()},
        trace_url=_trace_url(found),
        on_page=on_page,
        disputed=disputes.list_disputed(found.id) if _reads_disputes(found) else (),
        dispute_states=STATES,
        may_dispute=clock.today() <= found.dispute_until
        and allowed("dispute:open", partner_id=found.partner_id),
        **statements.statement_context(document, found.document_sha256)
        | {"words": statements.words_for(document, current_locale())},
    )


def _reads_disputes(statement: Statement) -> bool:
    return allowed("dispute:read", partner_id=statement.partner_id)


def _claim_urls(document: StatementDocument) -> dict[str, str]:
    """Where each claim is read, by its reference."""
    listed = (*document["claims"], *document["not_counted"])
    behind = lines_behind(claim["reference"] for claim in listed)
    firm = current_person().role.is_partner
    return {reference: _claim_url(line, firm) for reference, line in behind.items()}


def _statement_urls(document: StatementDocument) -> dict[str, str]:
    """Where the statements that this one corrects are read, by their number."""
    numbers = [one["statement"] for one in document["adjustments"] if one["statement"]]
    found = corrections.numbers_behind(numbers) if numbers else {}
    return {number: url_for("statements.detail", public_id=public_id) for number, public_id in found.items()}


def _claim_url(line: LineBehind, firm: bool) -> str:
    return url_for("claims.detail" if firm else "staff_claims.review", public_id=line.claim)


def _trace_url(statement: Statement) -> str | None:
    """The result behind it, for staff: the firm's own trace is on the page."""
    if current_person().role.is_partner or not allowed("result:read", partner_id=statement.partner_id):
        return None
    return url_for("results.result", result_id=statement.result_id)


@bp.get("/<uuid:public_id>/pdf")
@requires("statement:read")
def pdf(public_id: UUID) -> Page | Response:
    """The printed statement, or where its printing stands."""
    found = seen(public_id)
    printed = statements.find_file(found.id)
    if printed is None:
        may_ask = allowed("statement:print", partner_id=found.partner_id)
        return render_template("partner/statements/unprinted.html", statement=found, may_ask=may_ask), 202
    return _attachment(files.get(printed.sha256), "application/pdf", f"{found.number}.pdf")


@bp.post("/<uuid:public_id>/pdf")
@requires("statement:print")
def print_(public_id: UUID) -> Response:
    """Have a statement printed that is not, ahead of others."""
    found, form = seen(public_id), Form()
    allow("statement:print", partner_id=found.partner_id, reading="statement:read")
    with form.refusals(), transaction():
        statements.queue_rendering([found.id], period_id=found.period_id, priority=1)
    return form.done(_("It is being printed: a few seconds."), url_for("statements.pdf", public_id=public_id))


@bp.get("/<uuid:public_id>/json")
@requires("statement:read")
def json(public_id: UUID) -> Response:
    """The figures, for machines."""
    found = seen(public_id)
    content = statements.canonical_json(cast(StatementDocument, found.document))
    return _attachment(content, "application/json", f"{found.number}.json")


@bp.get("/<uuid:public_id>/csv")
@requires("statement:read")
def csv(public_id: UUID) -> Response:
    """The figures, for spreadsheets."""
    found = seen(public_id)
    content = statements.statement_csv(cast(StatementDocument, found.document))
    return _attachment(content, "text/csv; charset=utf-8", f"{found.number}.csv")


def _attachment(content: bytes, kind: str, name: str) -> Response:
    headers: dict[str, Any] = {"Content-Disposition": f'attachment; filename="{name}"'}
    return FlaskResponse(content, content_type=kind, headers=headers)
