"""What a run found: every partner, and one partner's result with each operand."""

from uuid import UUID

from flask import Blueprint, render_template, request

from portal import catalogue, ledger, margin, statements
from portal.access import allow, allowed, requires
from portal.web.account import Page
from portal.web.claim_lists import link, page_link, sort_link
from portal.web.result_trace import lines_behind
from portal.web.staff.closing_words import RUN_STATES
from portal.web.staff.ledger_words import ENTRIES

bp = Blueprint("results", __name__, url_prefix="/staff/results")
PAGE = 50


@bp.get("/run/<uuid:run>")
@requires("close:read")
def index(run: UUID) -> Page:
    """Every partner of a run."""
    found = margin.get_run_by_public_id(run)
    text, sort = request.args.get("q", "").strip(), request.args.get("sort", "code")
    page = max(1, request.args.get("page", 1, type=int))
    rows, total = margin.list_results(run_id=found.id, text=text, sort=sort, page=page, size=PAGE)
    return render_template(
        "staff/results/index.html",
        run=found,
        period=margin.period_code_of(found),
        rows=rows,
        total=total,
        page=page,
        pages=-(-total // PAGE),
        q=text,
        sort=sort,
        states=RUN_STATES,
        link=link,
        sort_link=sort_link,
        page_link=page_link,
    )


@bp.get("/<int:result_id>")
@requires("result:read")
def result(result_id: int) -> Page:
    """One result, every operand of it, and where each figure comes from and goes."""
    row = margin.get_result(result_id)
    allow("result:read", partner_id=row.partner_id)
    result = margin.whole_result(row.result, plan=row.plan, facts=row.facts)
    return render_template(
        "staff/results/result.html",
        row=row,
        result=result,
        trace=result["trace"],
        facts=row.facts,
        lines=lines_behind(fact["ref"] for fact in result["claims"]),
        target_of=statements.targets_by_component(result),
        families=catalogue.list_families(),
        reasons=catalogue.list_reasons(),
        credits={credit["ref"]: credit for credit in result["trace"]["claims"]},
        references={fact["ref"]: fact["ref"] for fact in result["claims"]},
        entries=ledger.list_entries_of_cause("result", row.id),
        run_states=RUN_STATES,
        entry_words=ENTRIES,
        may_close=allowed("close:read", partner_id=None),
        may_ledger=allowed("ledger:read", partner_id=None),
    )
