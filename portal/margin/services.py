"""Runs: a period computed for every partner, as often as wanted, repeatable to the byte."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import case, func, select, update

from portal import audit, work
from portal.db import db
from portal.margin.facts import facts_of
from portal.margin.kept import ResultRefused, compute, sha256_of, write
from portal.margin.models import MarginResult, MarginRun, PlanVersion, RunState
from portal.margin.queries import RunChunk, batch_of, get_run, list_run_partners
from portal.periods.models import Period

FEWEST, MOST, PIECES = 25, 2000, 8  # partners of one work item; into how many a run is cut within these


def start_run(*, period: Period, actor_id: int, at: datetime) -> MarginRun:
    """Begin computing a period for every partner; runs of it that are under way are given up."""
    partner_ids = list_run_partners(period)
    under_way = (MarginRun.period_id == period.id, MarginRun.state == RunState.COMPUTING)
    db.session.execute(update(MarginRun).where(*under_way).values(state=RunState.CANCELLED))
    last = db.session.execute(
        select(func.coalesce(func.max(MarginRun.number), 0)).where(MarginRun.period_id == period.id)
    ).scalar_one()
    run = MarginRun(
        period_id=period.id,
        number=last + 1,
        partners=len(partner_ids),
        started_by_id=actor_id,
        started_at=at,
    )
    db.session.add(run)
    db.session.flush()
    audit.record(
        "run.started", subject=("run", run.id), at=at, actor_id=actor_id, period=period.code, number=last + 1
    )
    chunks = [RunChunk(run.id, position, ids) for position, ids in numbered(partner_ids)]
    items = [(str(chunk), chunk.name) for chunk in chunks]
    # Somebody watches it: ahead of the printing of earlier periods.
    work.add_many("margin.compute", items, batch=batch_of(run.id), priority=1)
    return run


def numbered(partner_ids: Sequence[int]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The partners of a run in pieces, each with the position of its first."""
    size = min(max(len(partner_ids) // PIECES, FEWEST), MOST)
    for start in range(0, len(partner_ids), size):
        yield start + 1, tuple(partner_ids[start : start + size])


def compute_results(chunk: RunChunk) -> None:
    """Freeze the facts of some partners of a run and keep what the engine makes of them."""
    run = get_run(chunk.run_id)
    if run.state is not RunState.COMPUTING:
        return
    period = db.session.get_one(Period, run.period_id)
    positions = {partner_id: chunk.position + place for place, partner_id in enumerate(chunk.partner_ids)}
    done = db.session.execute(
        select(MarginResult.partner_id).where(
            MarginResult.run_id == run.id, MarginResult.partner_id.in_(chunk.partner_ids)
        )
    ).scalars()
    missing = sorted(set(chunk.partner_ids) - set(done))
    kept = [
        compute(facts, position=positions[facts.partner.id])
        for facts in facts_of(period, partner_ids=missing, at=run.started_at)
    ]
    if len(kept) != len(missing):
        raise ResultRefused("partner_not_in_period", period=period.code)
    write(run.id, kept)


def finish_run(run_id: int, *, at: datetime) -> bool:
    """Close a run once every partner has its result, with the hash of all inputs and of all outputs.

    Tells whether it was this call that did it.
    """
    # Chunks that just wrote results hold the run's key; a full lock asked by two of them would be a deadlock.
    run = db.session.get_one(MarginRun, run_id, with_for_update={"key_share": True})
    if run.state is not RunState.COMPUTING:
        return False
    count = select(func.count()).where(MarginResult.run_id == run_id)
    if db.session.execute(count).scalar_one() != run.partners:
        return False
    inputs, outputs = hashlib.sha256(), hashlib.sha256()
    for facts, plan, result in _in_order(run_id):
        inputs.update(f"{facts} {plan}\n".encode())
        outputs.update(f"{result}\n".encode())
    run.inputs_sha256, run.outputs_sha256 = inputs.hexdigest(), outputs.hexdigest()
    run.state, run.computed_at = RunState.COMPUTED, at
    audit.record("run.computed", subject=("run", run_id), at=at, actor_id=None, inputs=run.inputs_sha256)
    return True


def _in_order(run_id: int) -> Iterator[tuple[str, str, str]]:
    """The hash of the facts, the plan and the hash of the result of each partner of a run, by position."""
    unhashed = case((MarginResult.result_sha256.is_(None), MarginResult.result))
    rows = db.session.execute(
        select(
            *(MarginResult.facts_sha256, PlanVersion.code, PlanVersion.version),
            *(MarginResult.result_sha256, unhashed),
        )
        .join(PlanVersion, PlanVersion.id == MarginResult.plan_id)
        .where(MarginResult.run_id == run_id)
        .order_by(MarginResult.position),
        execution_options={"yield_per": 5000},
    )
    for facts, code, version, sha256, result in rows:
        yield facts, f"{code} v{version}", sha256 or sha256_of(result)


def cancel_runs(*, period_id: int, actor_id: int, at: datetime) -> None:
    """Give up every run of a period that was not approved."""
    cancelled = db.session.execute(
        update(MarginRun)
        .where(MarginRun.period_id == period_id)
        .where(MarginRun.state.not_in((RunState.APPROVED, RunState.CANCELLED)))
        .values(state=RunState.CANCELLED, proposed_by_id=None, proposed_at=None)
        .returning(MarginRun.id)
    ).scalars()
    for run_id in cancelled:
        audit.record("run.cancelled", subject=("run", run_id), at=at, actor_id=actor_id)
