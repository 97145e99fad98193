"""Simulating a plan on a past period, in work items of some partners each."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from portal import audit, work
from portal.calendar import paris_date
from portal.db import db
from portal.errors import Refused
from portal.margin.engine import GateResult, parse_plan
from portal.margin.facts import select_partners
from portal.margin.models import MarginResult, PlanVersion
from portal.partners.models import Partner
from portal.periods.models import Period
from portal.planning.models import Simulation, SimulationResult
from portal.planning.queries import SimulationChunk, simulation_batch
from portal.planning.trials import Trial, find_approved_run, try_plan

CHUNK = 100  # partners of one work item


def simulate_plan(*, plan: PlanVersion, period: Period, actor_id: int, at: datetime) -> Simulation:
    """Begin to try a plan, as it is written now, on a period that has begun."""
    if period.starts_on > paris_date(at):
        raise Refused("period_to_come")
    partner_ids = _partners(plan.segment, period)
    if not partner_ids:
        raise Refused("nobody_to_simulate")
    simulation = Simulation(
        plan_id=plan.id,
        period_id=period.id,
        document=plan.document,
        partners=len(partner_ids),
        started_by_id=actor_id,
        started_at=at,
    )
    db.session.add(simulation)
    db.session.flush()
    audit.record(
        "plan.simulated",
        subject=("plan", plan.id),
        at=at,
        actor_id=actor_id,
        code=plan.code,
        version=plan.version,
        period=period.code,
    )
    chunks = [
        str(SimulationChunk(simulation.id, tuple(partner_ids[start : start + CHUNK])))
        for start in range(0, len(partner_ids), CHUNK)
    ]
    work.add_many(
        "planning.simulate", [(chunk, chunk) for chunk in chunks], batch=simulation_batch(simulation.id)
    )
    return simulation


def _partners(segment: str, period: Period) -> Sequence[int]:
    """The segment's partners: those the period was computed for, or those it concerns."""
    run_id = find_approved_run(period.id)
    if run_id is None:
        query = select_partners(period).with_only_columns(Partner.id)
    else:
        query = select(Partner.id).join(MarginResult, MarginResult.partner_id == Partner.id)
        query = query.where(MarginResult.run_id == run_id)
    ordered = query.where(Partner.segment == segment).order_by(Partner.code.collate("C"))
    return db.session.execute(ordered).scalars().all()


def compute_simulation(chunk: SimulationChunk) -> None:
    """Try the plan on some partners and keep what it makes of them; what is kept stays."""
    simulation = db.session.get(Simulation, chunk.simulation_id)
    if simulation is None:
        return
    period = db.session.get_one(Period, simulation.period_id)
    plan = parse_plan(simulation.document)
    trials = try_plan(plan, period, chunk.partner_ids, at=simulation.started_at)
    rows = [{"simulation_id": simulation.id, **_row(trial)} for trial in trials]
    if rows:
        db.session.execute(upsert(SimulationResult).on_conflict_do_nothing(), rows)


def _row(trial: Trial) -> dict[str, Any]:
    after = trial.after
    display = after.measure.attainment_display
    gates: list[tuple[str | None, int, GateResult]] = [
        (None, place, gate) for place, gate in enumerate(after.gates)
    ]
    gates += [(one.code, place, gate) for one in after.components for place, gate in enumerate(one.gates)]
    return {
        "partner_id": trial.partner_id,
        "credited": after.credited,
        "attainment": None if display is None else Decimal(display),
        "before": trial.before,
        "after": after.payment.earnings,
        "components": [
            {"code": one.code, "amount": str(one.amount), "passed": one.passed} for one in after.components
        ],
        "gates": [{"of": of, "place": place, "passed": gate.passed} for of, place, gate in gates],
    }
