"""The close of a period, from the cut-off to the last statement: computed, proposed, approved, issued."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from portal import audit, ledger, margin, statements, work
from portal.calendar import paris_date
from portal.closing import seals
from portal.closing.queries import IssueChunk, close_batch, get_period
from portal.db import db
from portal.errors import Refused
from portal.margin.earned import earned_by_line
from portal.margin.models import MarginRun, RunState
from portal.periods import Period, PeriodState, select_earlier, select_later
from portal.statements import Issue, Sources
from portal.statements.models import Statement

CHUNK = 25  # statements that one work item issues, a transaction for each


class NotYet(Refused):
    """A step of the close is asked for before its time; `state` says where the period stands."""

    code = "close_not_yet"


def rehearse(*, period_code: str, actor_id: int, at: datetime) -> MarginRun:
    """Compute a period as it stands, to see; nothing but a run is left of it."""
    period = get_period(period_code)
    if period.state not in (PeriodState.OPEN, PeriodState.CLOSING, PeriodState.COMPUTED):
        raise NotYet(state=period.state)
    return margin.start_run(period=period, actor_id=actor_id, at=at)


def start_closing(*, period_code: str, actor_id: int, at: datetime) -> MarginRun:
    """From the cut-off on: refuse changes of what the period earns, and compute it.

    The change of state waits for approvals under way, which hold the period; later ones are refused.
    """
    period = get_period(period_code, for_update=True)
    if period.state not in (PeriodState.OPEN, PeriodState.CLOSING, PeriodState.COMPUTED):
        raise NotYet(state=period.state)
    if paris_date(at) < period.cut_off_on:
        raise NotYet("cut_off_to_come", cut_off_on=period.cut_off_on)
    _refuse_out_of_turn(period)
    proposed = margin.find_latest_run(period.id)
    if proposed is not None and proposed.state is RunState.PROPOSED:
        raise NotYet("already_proposed", number=proposed.number)
    period.state = PeriodState.CLOSING
    audit.record("period.closing", subject=("period", period.code), at=at, actor_id=actor_id)
    return margin.start_run(period=period, actor_id=actor_id, at=at)


def _refuse_out_of_turn(period: Period) -> None:
    """Periods are stated one after the other, those inside before the whole: each starts from the last."""
    stated = select(MarginRun.period_id).where(MarginRun.state == RunState.APPROVED)
    code = select(Period.code).order_by(Period.ends_before, Period.starts_on.desc()).limit(1)
    before = code.where(Period.id.in_(select_earlier(period)), Period.id.not_in(stated))
    if (waits := db.session.execute(before).scalar_one_or_none()) is not None:
        raise NotYet("period_before_first", period=waits)
    after = code.where(Period.id.in_(select_later(period)), Period.id.in_(stated))
    if (done := db.session.execute(after).scalar_one_or_none()) is not None:
        raise NotYet("period_after_stated", period=done)


def finish_computing(run_id: int, *, at: datetime) -> None:
    """Once all partners are computed, the run is; and so is a period that closes."""
    if not margin.finish_run(run_id, at=at):
        return
    run = margin.get_run(run_id)
    period = db.session.get_one(Period, run.period_id, with_for_update={"key_share": True})
    if period.state is PeriodState.CLOSING:
        period.state = PeriodState.COMPUTED


def propose_close(*, period_code: str, actor_id: int, at: datetime) -> MarginRun:
    """The programme manager puts the computed run forward, for somebody else to approve."""
    period = get_period(period_code, for_update=True)
    run = margin.find_latest_run(period.id)
    if period.state is not PeriodState.COMPUTED or run is None or run.state is not RunState.COMPUTED:
        raise NotYet(state=period.state)
    run.state, run.proposed_by_id, run.proposed_at = RunState.PROPOSED, actor_id, at
    audit.record(
        "close.proposed",
        subject=("run", run.id),
        at=at,
        actor_id=actor_id,
        period=period.code,
        number=run.number,
    )
    return run


def return_close(*, period_code: str, reason: str, actor_id: int, at: datetime) -> None:
    """Finance sends a proposal back, saying why; another run may follow."""
    period = get_period(period_code, for_update=True)
    run = _proposed(period)
    run.state, run.proposed_by_id, run.proposed_at = RunState.COMPUTED, None, None
    audit.record("close.returned", subject=("run", run.id), at=at, actor_id=actor_id, reason=reason)


def reopen_period(*, period_code: str, actor_id: int, at: datetime) -> None:
    """Give the close up before its approval: claims may be decided again, and nothing else is left."""
    period = get_period(period_code, for_update=True)
    if period.state not in (PeriodState.CLOSING, PeriodState.COMPUTED):
        raise NotYet(state=period.state)
    margin.cancel_runs(period_id=period.id, actor_id=actor_id, at=at)
    period.state = PeriodState.OPEN
    audit.record("period.reopened", subject=("period", period.code), at=at, actor_id=actor_id)


def approve_close(*, period_code: str, run_number: int, actor_id: int, at: datetime) -> None:
    """Another person than who proposed approves the very run that was looked at; issuing begins."""
    period = get_period(period_code, for_update=True)
    run = _proposed(period)
    if run.number != run_number:
        raise NotYet("other_run_proposed", number=run.number)
    if run.proposed_by_id == actor_id:
        raise Refused("close_four_eyes")
    latest = seals.find_latest()
    run.printed_seal = latest.sha256 if latest else None
    run.state, run.approved_by_id, run.approved_at = RunState.APPROVED, actor_id, at
    period.state = PeriodState.APPROVED
    audit.record(
        "close.approved",
        subject=("run", run.id),
        at=at,
        actor_id=actor_id,
        period=period.code,
        number=run.number,
        inputs=run.inputs_sha256,
        outputs=run.outputs_sha256,
    )
    ids = [row.id for row in margin.list_results_of_run(run.id)]
    chunks = [IssueChunk(run.id, tuple(ids[start : start + CHUNK])) for start in range(0, len(ids), CHUNK)]
    items = [(str(chunk), str(chunk)) for chunk in chunks]
    work.add_many("closing.issue", items, batch=close_batch(run.id), priority=1)


def _proposed(period: Period) -> MarginRun:
    run = margin.find_latest_run(period.id)
    if period.state is not PeriodState.COMPUTED or run is None or run.state is not RunState.PROPOSED:
        raise NotYet(state=period.state)
    return run


def issue_of(run_id: int, *, verify_at: str) -> Issue:
    """What the statements of an approved run have in common."""
    run = margin.get_run(run_id)
    if run.state is not RunState.APPROVED or run.computed_at is None or run.approved_at is None:
        raise NotYet(state=run.state)
    period = db.session.get_one(Period, run.period_id)
    return Issue(
        period,
        cut_off_at=run.started_at,
        computed_at=run.computed_at,
        issued_at=run.approved_at,
        verify_at=verify_at,
        seal=seals.printed_seal(run),
    )


def issue_partner(result_id: int, *, sources: Sources, issue: Issue, at: datetime) -> None:
    """Post what a result earned, corrected and makes payable, and issue its statement; once."""
    row = next(row for row in sources.results.values() if row.id == result_id)
    partner_id = row.partner_id
    if db.session.execute(select(Statement.id).where(Statement.result_id == row.id)).first():
        return
    document = statements.build_document(partner_id, sources, issue)
    occasion = ledger.Occasion(
        partner_id=partner_id,
        period_id=issue.period.id,
        on=issue.issued_on,
        at=at,
        reference=document["number"],
    )
    ledger.post_earnings(occasion, result_id=row.id, components=earned_by_line(document["result"]))
    for adjustment in sources.adjustments.get(partner_id, ()):
        ledger.post_adjustment(occasion, adjustment_id=adjustment.id, amount=adjustment.amount)
    ledger.post_settlement(occasion, result_id=row.id, payable=Decimal(row.result["payable"]))
    statements.issue_statement(
        partner_id=partner_id, result_id=row.id, serial=row.position, document=document, issue=issue
    )


def finish_issuing(run_id: int, *, result_ids: Sequence[int], at: datetime) -> None:
    """Have these statements printed; close the period when every partner has its own."""
    run = margin.get_run(run_id)
    issued = db.session.execute(
        select(Statement.id).where(Statement.result_id.in_(result_ids)).order_by(Statement.serial)
    ).scalars()
    statements.queue_rendering(issued.all(), period_id=run.period_id)
    period = db.session.get_one(Period, run.period_id, with_for_update={"key_share": True})
    complete = statements.count_statements(period.id) == run.partners
    if complete and period.state is PeriodState.APPROVED:
        period.state, period.closed_at = PeriodState.CLOSED, at
        audit.record("period.closed", subject=("period", period.code), at=at, actor_id=None, run=run.number)
        work.add("closing.seal", subject=period.code, priority=5)
