"""Closed periods computed again from what was frozen, and held against journal and statements."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from portal import ledger
from portal.db import AnyRow, db
from portal.errors import NotFound
from portal.margin.engine import evaluate, outline_of, parse_period_facts, parse_plan, result_document
from portal.margin.kept import sha256_of
from portal.margin.models import Adjustment, MarginResult, MarginRun, PlanVersion, RunState
from portal.partners.models import Partner
from portal.periods.models import Period
from portal.statements.figures import fingerprint
from portal.statements.models import Statement

ZERO = Decimal(0)


@dataclass(frozen=True)
class Verified:
    """One partner's result of a closed period, and what disagrees with it."""

    period: str
    partner: str
    faults: tuple[str, ...]


def verify_closed(period_code: str = "") -> Iterator[Verified]:
    """Each result of each approved run, streamed; NotFound where the period asked for has none."""
    runs = db.session.execute(
        select(MarginRun.id, Period.id.label("period_id"), Period.code)
        .join(Period, Period.id == MarginRun.period_id)
        .where(MarginRun.state == RunState.APPROVED, *((Period.code == period_code,) if period_code else ()))
        .order_by(Period.starts_on)
    ).all()
    if period_code and not runs:
        raise NotFound
    for run in runs:
        for row in _results(run.id):
            yield Verified(run.code, row.code, (*_recomputed(row), *_posted(row), *_stated(row)))
        yield from _adjustments(run.period_id, run.code)


def _results(run_id: int) -> Iterator[AnyRow]:
    posted = ledger.posted_by_cause("result")
    query = (
        select(
            *(MarginResult.id, MarginResult.partner_id, MarginResult.facts, MarginResult.facts_sha256),
            *(MarginResult.result, MarginResult.earnings, MarginResult.payable, Partner.code),
            *(PlanVersion.document.label("plan"), Statement.document.label("statement")),
            *(Statement.document_sha256, Statement.payable.label("stated")),
            *(posted.c.earned, posted.c.made_payable),
        )
        .join(Partner, Partner.id == MarginResult.partner_id)
        .join(PlanVersion, PlanVersion.id == MarginResult.plan_id)
        .outerjoin(Statement, Statement.result_id == MarginResult.id)
        .outerjoin(posted, posted.c.cause_id == MarginResult.id)
        .where(MarginResult.run_id == run_id)
        .order_by(MarginResult.position)
    )
    yield from db.session.execute(query, execution_options={"yield_per": 200})


def _adjustments(period_id: int, code: str) -> Iterator[Verified]:
    """Approved corrections that the journal does not have, or has otherwise."""
    posted = ledger.posted_by_cause("adjustment")
    rows = db.session.execute(
        select(Partner.code, Adjustment.id, Adjustment.amount, posted.c.earned)
        .join(Partner, Partner.id == Adjustment.partner_id)
        .outerjoin(posted, posted.c.cause_id == Adjustment.id)
        .where(Adjustment.period_id == period_id, Adjustment.approved_at.is_not(None))
        .order_by(Adjustment.id),
        execution_options={"yield_per": 500},
    )
    for partner, adjustment_id, amount, earned in rows:
        if (earned or ZERO) != amount:
            fault = f"the journal has {earned or ZERO} for adjustment {adjustment_id}, not {amount}"
            yield Verified(code, partner, (fault,))


def _recomputed(row: AnyRow) -> Iterator[str]:
    if sha256_of(row.facts) != row.facts_sha256:
        yield "the frozen facts do not have their hash"
    again = result_document(evaluate(parse_plan(row.plan), parse_period_facts(row.facts)))
    for key in ("credited", "gross", "earnings", "payable", "carry_out", "net_to_pay"):
        if again[key] != row.result[key]:
            yield f"{key} is {again[key]} when computed again, {row.result[key]} was kept"


def _posted(row: AnyRow) -> Iterator[str]:
    """What the journal has of a result."""
    for what, posted, amount in (
        ("earned", row.earned or ZERO, row.earnings),
        ("payable", row.made_payable or ZERO, row.payable),
    ):
        if posted != amount:
            yield f"the journal has {posted} {what} for result {row.id}, not {amount}"


def _stated(row: AnyRow) -> Iterator[str]:
    if row.statement is None:
        yield "no statement is issued"
        return
    if fingerprint(row.statement) != row.document_sha256:
        yield "the statement's document does not have its hash"
    said, kept = row.statement["result"], row.result
    if said != kept and "claims" not in kept.get("trace", ("claims",)):  # the outline of the trace is kept
        said = said | {"trace": outline_of(said["trace"])}
    if row.stated != row.payable or said != kept:
        yield "the statement does not say what the result says"
