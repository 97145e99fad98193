"""Closed periods computed again from what was frozen, and held against journal and statements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from portal import ledger
from portal.db import AnyRow, db
from portal.margin.engine import evaluate, parse_facts, parse_plan, result_document
from portal.margin.models import Adjustment, MarginResult, MarginRun, PlanVersion, RunState
from portal.margin.services import sha256_of
from portal.partners.models import Partner
from portal.periods.models import Period
from portal.statements.figures import fingerprint
from portal.statements.models import Statement

ZERO = Decimal(0)
Sums = dict[tuple[str, int, str], Decimal]


@dataclass(frozen=True)
class Verified:
    """One partner's result of a closed period, and what disagrees with it."""

    period: str
    partner: str
    faults: tuple[str, ...]


def verify_closed(period_code: str = "") -> Iterator[Verified]:
    """Each result of each approved run, streamed; without faults where all agree."""
    runs = db.session.execute(
        select(MarginRun.id, Period.id.label("period_id"), Period.code)
        .join(Period, Period.id == MarginRun.period_id)
        .where(MarginRun.state == RunState.APPROVED, *((Period.code == period_code,) if period_code else ()))
        .order_by(Period.starts_on)
    ).all()
    for run in runs:
        sums = ledger.sums_by_cause(run.period_id)
        adjusted = _adjustments(run.period_id)
        for row in _results(run.id):
            faults = (*_recomputed(row), *_posted(row, sums, adjusted.get(row.partner_id, ())), *_stated(row))
            yield Verified(run.code, row.code, faults)


def _results(run_id: int) -> Iterator[AnyRow]:
    query = (
        select(
            *(MarginResult.id, MarginResult.partner_id, MarginResult.facts, MarginResult.facts_sha256),
            *(MarginResult.result, MarginResult.earnings, MarginResult.payable, Partner.code),
            *(PlanVersion.document.label("plan"), Statement.document.label("statement")),
            *(Statement.document_sha256, Statement.payable.label("stated")),
        )
        .join(Partner, Partner.id == MarginResult.partner_id)
        .join(PlanVersion, PlanVersion.id == MarginResult.plan_id)
        .outerjoin(Statement, Statement.result_id == MarginResult.id)
        .where(MarginResult.run_id == run_id)
        .order_by(MarginResult.position)
    )
    yield from db.session.execute(query, execution_options={"yield_per": 200})


def _adjustments(period_id: int) -> dict[int, list[tuple[int, Decimal]]]:
    found: dict[int, list[tuple[int, Decimal]]] = {}
    rows = db.session.execute(
        select(Adjustment.partner_id, Adjustment.id, Adjustment.amount).where(
            Adjustment.period_id == period_id, Adjustment.approved_at.is_not(None)
        )
    )
    for partner_id, adjustment_id, amount in rows:
        found.setdefault(partner_id, []).append((adjustment_id, amount))
    return found


def _recomputed(row: AnyRow) -> Iterator[str]:
    if sha256_of(row.facts) != row.facts_sha256:
        yield "the frozen facts do not have their hash"
    again = result_document(evaluate(parse_plan(row.plan), parse_facts(row.facts)))
    for key in ("credited", "gross", "earnings", "payable", "carry_out", "net_to_pay"):
        if again[key] != row.result[key]:
            yield f"{key} is {again[key]} when computed again, {row.result[key]} was kept"


def _posted(row: AnyRow, sums: Sums, adjustments: Sequence[tuple[int, Decimal]]) -> Iterator[str]:
    """The journal's sums: expenses are debits, what is payable a credit."""
    expected = {
        ("result", row.id, "earnings"): row.earnings,
        ("result", row.id, "settlement"): -row.payable,
        **{("adjustment", id, "adjustment"): amount for id, amount in adjustments},
    }
    for cause, amount in expected.items():
        posted = sums.get(cause, ZERO)
        if posted != amount:
            yield f"the journal has {posted} for {cause[2]} of {cause[0]} {cause[1]}, not {amount}"


def _stated(row: AnyRow) -> Iterator[str]:
    if row.statement is None:
        yield "no statement is issued"
        return
    if fingerprint(row.statement) != row.document_sha256:
        yield "the statement's document does not have its hash"
    if row.stated != row.payable or row.statement["result"] != row.result:
        yield "the statement does not say what the result says"
