"""Whom a close still waits for because something of theirs failed, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal import statements, work
from portal.closing.checklist import Stage
from portal.closing.queries import IssueChunk, close_batch
from portal.db import AnyRow, db
from portal.margin.models import MarginResult, MarginRun
from portal.margin.queries import RunChunk, batch_of
from portal.partners.models import Partner
from portal.statements.models import Statement
from portal.work.models import WorkState


@dataclass(frozen=True)
class Failure:
    """What failed of a close; tried again by itself at `next_at`, or by a person where there is none."""

    item_id: UUID
    stage: Stage
    partners: Sequence[AnyRow]
    cause: str
    attempt: int
    next_at: datetime | None


def failures_of(run: MarginRun) -> list[Failure]:
    """What failed of a run, or of its statements, and is still to do."""
    stages = {
        batch_of(run.id): Stage.COMPUTING,
        close_batch(run.id): Stage.ISSUING,
        statements.render_batch(run.period_id): Stage.PRINTING,
    }
    failing = [(stages[row.batch], row) for row in work.list_failing(list(stages))]
    firms = {
        stage: _firms(stage, {one for of, row in failing if of is stage for one in _ids(stage, row.subject)})
        for stage in {stage for stage, _ in failing}
    }
    return [
        Failure(
            *(row.id, stage, [firms[stage][one] for one in _ids(stage, row.subject) if one in firms[stage]]),
            *(row.last_error, row.attempt, None if row.state is WorkState.DEAD else row.run_after),
        )
        for stage, row in failing
    ]


def _ids(stage: Stage, subject: str) -> tuple[int, ...]:
    """What an item's subject names: partners, their results, or their statements."""
    if stage is Stage.COMPUTING:
        return RunChunk.parse(subject).partner_ids
    if stage is Stage.ISSUING:
        return IssueChunk.parse(subject).result_ids
    return tuple(map(int, subject.split(",")))


def _firms(stage: Stage, ids: set[int]) -> dict[int, AnyRow]:
    """The partner behind each of them: (code, legal_name, public_id)."""
    of = {Stage.COMPUTING: Partner.id, Stage.ISSUING: MarginResult.id, Stage.PRINTING: Statement.id}[stage]
    query = select(of, Partner.code, Partner.legal_name, Partner.public_id).where(of.in_(ids))
    if stage is Stage.ISSUING:
        query = query.join(Partner, Partner.id == MarginResult.partner_id)
    elif stage is Stage.PRINTING:
        query = query.join(Partner, Partner.id == Statement.partner_id)
    return {row[0]: row for row in db.session.execute(query)}
