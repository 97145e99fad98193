"""Looking at a run beside the one before it, and at partners that missed a condition by a hair."""

from collections.abc import Sequence

from sqlalchemy import select, text

from portal.db import AnyRow, db
from portal.margin.models import MarginResult, MarginRun, RunState

NEAR = 5  # percent of what a condition asks for


def find_run_before(run: MarginRun) -> MarginRun | None:
    """The last run of the same period before this one that was computed to its end."""
    computed = select(MarginResult.id).where(MarginResult.run_id == MarginRun.id).exists()
    return db.session.execute(
        select(MarginRun)
        .where(MarginRun.period_id == run.period_id, MarginRun.number < run.number)
        .where(MarginRun.state != RunState.COMPUTING, MarginRun.computed_at.is_not(None), computed)
        .order_by(MarginRun.number.desc())
        .limit(1)
    ).scalar_one_or_none()


_MISSED = text("""
select distinct r.id, p.code, p.legal_name, gate->>'measured' as measured, gate->>'needed' as needed,
  round((gate->>'measured')::numeric * 100 / (gate->>'needed')::numeric, 2) as share
from margin_results r
join partners p on p.id = r.partner_id
cross join lateral (
  select jsonb_path_query(r.result, '$.trace.gates[*]') as gate
  union all select jsonb_path_query(r.result, '$.trace.components[*].gates[*]')
) gates
where r.run_id = :run and gate->>'type' = 'MIN_ATTAINMENT' and gate->>'passed' = 'false'
  and case when gate->>'needed' ~ '[1-9]'
    then (gate->>'measured')::numeric >= (gate->>'needed')::numeric * (100 - :near) / 100 else false end
order by share desc, p.code limit :most""")


def near_misses(run_id: int, *, limit: int = 12) -> Sequence[AnyRow]:
    """Partners a few percent below an attainment that a condition asks for, with the share reached."""
    return db.session.execute(_MISSED, {"run": run_id, "near": NEAR, "most": limit}).all()


def periods_proposed() -> frozenset[int]:
    """Periods of which a run waits for its approval."""
    found = select(MarginRun.period_id).where(MarginRun.state == RunState.PROPOSED)
    return frozenset(db.session.execute(found).scalars())
