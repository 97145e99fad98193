"""A closed period computed again, in work items of some partners each: differences become proposals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, select, update

from portal import audit, work
from portal.corrections.models import CorrectionFinding, CorrectionRun
from portal.corrections.queries import (
    CorrectionChunk,
    adjusted_since,
    approved_run_of,
    correction_batch,
    latest_run_id,
    list_concerned,
    next_open_period,
    pending_proposals,
    refused_inputs,
    standings_of,
    stated_results,
    statements_of,
)
from portal.corrections.recount import (
    Change,
    Outcome,
    changed_lines,
    changes_between,
    difference,
    reason_of,
    why_nothing,
)
from portal.db import AnyRow, db
from portal.margin.engine import Plan, Result, evaluate, parse_period_facts, parse_plan
from portal.margin.facts import PartnerFacts, facts_of
from portal.margin.kept import ResultRefused, sha256_of
from portal.margin.models import Adjustment
from portal.money import ZERO
from portal.periods.models import Period
from portal.periods.queries import get_period

CHUNK = 100  # partners of one work item
_BESIDE = ("adjustments", "carry_in")  # facts that say nothing of what the period itself earns


def start_recomputation(*, period_code: str, actor_id: int, at: datetime) -> CorrectionRun:
    """Begin to compute a closed period again, as its inputs stand at this instant, for every partner."""
    period = get_period(period_code)
    stated = approved_run_of(period)
    next_open_period(period)
    partner_ids = list_concerned(period, stated.id)
    run = CorrectionRun(period_id=period.id, partners=len(partner_ids), started_by_id=actor_id, started_at=at)
    db.session.add(run)
    db.session.flush()
    audit.record(
        "correction.started", subject=("correction", run.id), at=at, actor_id=actor_id, period=period.code
    )
    chunks = [
        str(CorrectionChunk(run.id, tuple(partner_ids[start : start + CHUNK])))
        for start in range(0, len(partner_ids), CHUNK)
    ]
    items = [(chunk, chunk) for chunk in chunks]
    work.add_many("corrections.recompute", items, batch=correction_batch(run.id), priority=1)
    return run


@dataclass(frozen=True)
class Found:
    """One partner's closed period as it would be stated today."""

    partner_id: int
    plan_id: int
    before: Decimal
    after: Decimal
    changes: Sequence[Change]
    inputs_sha256: str
    nothing: Outcome

    @property
    def amount(self) -> Decimal:
        """What was not stated yet."""
        return difference(stated=self.before, adjusted=ZERO, after=self.after)


def recompute_partners(chunk: CorrectionChunk, *, at: datetime) -> None:
    """Compute some partners again and keep, for each, what it finds and the proposal that follows from it."""
    run = db.session.get_one(CorrectionRun, chunk.run_id)
    if latest_run_id(run.period_id) != run.id:
        return
    done = select(CorrectionFinding.partner_id).where(
        CorrectionFinding.run_id == run.id, CorrectionFinding.partner_id.in_(chunk.partner_ids)
    )
    missing = sorted({*chunk.partner_ids} - {*db.session.execute(done).scalars()})
    if not missing:
        return
    period = db.session.get_one(Period, run.period_id)
    # Held first: nobody approves a proposal between the reading of what was stated and its refreshing.
    pending = pending_proposals(period.id, missing)
    found, line_ids = _recount(run, period, missing)
    refused = refused_inputs(period.id, missing)
    outcomes = {one.partner_id: _outcome(one, refused.get(one.partner_id, ())) for one in found}
    db.session.execute(
        insert(CorrectionFinding), [_finding(run, one, outcomes[one.partner_id]) for one in found]
    )
    proposed = [one for one in found if outcomes[one.partner_id] is Outcome.PROPOSED]
    _withdraw(pending, keep={one.partner_id for one in proposed}, at=at)
    _propose(run, period, proposed, pending, line_ids, at=at)


def _recount(run: CorrectionRun, period: Period, ids: Sequence[int]) -> tuple[list[Found], dict[str, int]]:
    """Each partner under its own plan; what only contested lines are called is read once for all."""
    stated_run = approved_run_of(period)
    stated, since = stated_results(stated_run.id, ids), adjusted_since(period.id, ids)
    facts = list(facts_of(period, partner_ids=ids, at=run.started_at, again=True))
    plans = {row.plan_id: row.plan for row in stated.values()}
    read = {plan_id: parse_plan(document) for plan_id, document in plans.items()}
    results = [(one, _before(stated.get(one.partner.id), read), _after(one)) for one in facts]
    refs = {ref for _facts, before, after in results for ref, _was, _now in changed_lines(before, after)}
    standings, line_ids = standings_of(refs) if refs else ({}, {})
    found = []
    for one, before, after in results:
        row = stated.get(one.partner.id)
        total = (row.earnings if row else ZERO) + since.get(one.partner.id, ZERO)
        changes = changes_between(before, after, standings, cut_off_at=stated_run.started_at)
        found.append(_found(one, total, before, after, changes))
    return found, line_ids


def _before(row: AnyRow | None, plans: dict[int, Plan]) -> Result | None:
    return evaluate(plans[row.plan_id], parse_period_facts(row.facts)) if row else None


def _after(facts: PartnerFacts) -> Result:
    result = facts.result
    if result is None:
        raise ResultRefused("plan_missing", partner=facts.partner.code, segment=facts.partner.segment)
    return result


def _found(
    facts: PartnerFacts, total: Decimal, before: Result | None, after: Result, changes: Sequence[Change]
) -> Found:
    assert facts.plan is not None
    known = {key: value for key, value in facts.document.items() if key not in _BESIDE}
    return Found(
        partner_id=facts.partner.id,
        plan_id=facts.plan.id,
        before=total,
        after=after.payment.earnings,
        changes=changes,
        inputs_sha256=sha256_of([facts.plan.id, known]),
        nothing=why_nothing(before, after) if changes else Outcome.UNCHANGED,
    )


def _outcome(found: Found, refused: Iterable[tuple[str, Decimal]]) -> Outcome:
    if not found.amount:
        return found.nothing
    return Outcome.REFUSED if (found.inputs_sha256, found.amount) in refused else Outcome.PROPOSED


def _finding(run: CorrectionRun, found: Found, outcome: Outcome) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "partner_id": found.partner_id,
        "plan_id": found.plan_id,
        "before_amount": found.before,
        "after_amount": found.after,
        "changes": [change.as_document() for change in found.changes],
        "outcome": outcome,
    }


def _withdraw(pending: dict[int, AnyRow], *, keep: set[int], at: datetime) -> None:
    """What is no difference any more is no longer proposed."""
    gone = [row for partner_id, row in pending.items() if partner_id not in keep]
    if gone:
        db.session.execute(delete(Adjustment).where(Adjustment.id.in_([row.id for row in gone])))
    for row in gone:
        audit.record(
            "adjustment.withdrawn", subject=("adjustment", row.id), at=at, actor_id=None,
            partner_id=row.partner_id, amount=str(row.amount),
        )  # fmt: skip


def _propose(
    run: CorrectionRun,
    period: Period,
    found: Sequence[Found],
    pending: dict[int, AnyRow],
    line_ids: dict[str, int],
    *,
    at: datetime,
) -> None:
    """Propose each difference once: what is proposed already with the same inputs stays as it is."""
    if not found:
        return
    target, stated = next_open_period(period), statements_of(period.id, [one.partner_id for one in found])
    new, changed = [], []
    for one in found:
        before = pending.get(one.partner_id)
        if before is not None and (before.inputs_sha256, before.amount) == (one.inputs_sha256, one.amount):
            continue
        values = _values(run, one, line_ids) | {
            "period_id": target.id,
            "origin_statement_id": stated.get(one.partner_id),
        }
        if before is None:
            new.append({"partner_id": one.partner_id, "origin_period_id": period.id, **values})
        else:
            changed.append({"id": before.id, "version": before.version + 1, **values})
        audit.record(
            "adjustment.proposed", subject=("correction", run.id), at=at, actor_id=run.started_by_id,
            partner_id=one.partner_id, amount=str(one.amount), period=period.code,
        )  # fmt: skip
    if new:
        db.session.execute(insert(Adjustment), new)
    if changed:
        db.session.execute(update(Adjustment), changed)


def _values(run: CorrectionRun, found: Found, line_ids: dict[str, int]) -> dict[str, Any]:
    refs = [change.ref for change in found.changes if change.ref]
    return {
        "amount": found.amount,
        "before_amount": found.before,
        "after_amount": found.after,
        "changes": [change.as_document() for change in found.changes],
        "inputs_sha256": found.inputs_sha256,
        "run_id": run.id,
        "plan_id": found.plan_id,
        "reason_code": reason_of(found.changes),
        "origin_claim_line_id": line_ids.get(refs[0]) if len(refs) == 1 else None,
        "proposed_by_id": run.started_by_id,
        "proposed_at": run.started_at,
    }
