"""Closing the demo's past periods with the services of the close, as the workers and two people would."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from portal import closing, margin, statements, work
from portal.calendar import PeriodCode
from portal.clock import real_now
from portal.db import db, transaction
from portal.demo.calendar import cut_off_on, instant
from portal.demo.staff import FINANCE, PROGRAMME
from portal.demo.stage import WORKERS, Stage
from portal.statements.models import Statement
from portal.work.models import WorkItem, WorkState

Told = Callable[[float], None]  # the share that is done


@dataclass(frozen=True)
class Close:
    """When the steps of a period's close were made."""

    period: PeriodCode

    @property
    def computed_at(self) -> datetime:
        """Two days after the cut-off."""
        return instant(cut_off_on(self.period) + timedelta(days=2), 17, 30)

    @property
    def approved_at(self) -> datetime:
        """Three days later."""
        return self.computed_at + timedelta(days=3)


def close_period(stage: Stage, period: PeriodCode, *, told: Told) -> None:
    """Computed, proposed, approved by somebody else, and a statement issued to every partner."""
    when, code = Close(period), str(period)
    with stage.acting(PROGRAMME), transaction():
        run_id = closing.start_closing(period_code=code, actor_id=PROGRAMME, at=when.computed_at).id
    do_all(
        stage, margin.batch_of(run_id), lambda subject: _compute(subject, when), lambda done: told(done / 3)
    )
    with stage.acting(PROGRAMME), transaction():
        number = closing.propose_close(period_code=code, actor_id=PROGRAMME, at=when.computed_at).number
    with stage.acting(FINANCE), transaction():
        closing.approve_close(period_code=code, run_number=number, actor_id=FINANCE, at=when.approved_at)
    verify_at = f"{stage.settings.base_url}/verify/"
    issue = lambda subject: _issue(subject, when, verify_at)  # noqa: E731
    do_all(stage, closing.close_batch(run_id), issue, lambda done: told((1 + 2 * done) / 3))
    with stage.acting(WORKERS), transaction():
        closing.seal_closed_periods(at=when.approved_at)


def do_all(stage: Stage, batch: str, do: Callable[[str], None], told: Told) -> None:
    """Do what the workers would with the items of a batch, one after the other."""
    with stage.acting(WORKERS):
        query = select(WorkItem.id).where(WorkItem.batch == batch, WorkItem.state == WorkState.READY)
        ids = db.session.execute(query.order_by(WorkItem.created_at, WorkItem.id)).scalars().all()
        for place, item_id in enumerate(ids, 1):
            with transaction():
                held = work.lease(item_id, at=real_now())
                assert held is not None
                do(held.subject)
                work.finish(held, at=real_now())
            told(place / len(ids))


def _compute(subject: str, when: Close) -> None:
    chunk = margin.RunChunk.parse(subject)
    margin.compute_results(chunk)
    closing.finish_computing(chunk.run_id, at=when.computed_at)


def _issue(subject: str, when: Close, verify_at: str) -> None:
    chunk = closing.IssueChunk.parse(subject)
    common = closing.issue_of(chunk.run_id, verify_at=verify_at)
    sources = statements.load_sources(common, chunk.result_ids)
    for result_id in chunk.result_ids:
        closing.issue_partner(result_id, sources=sources, issue=common, at=when.approved_at)
    closing.finish_issuing(chunk.run_id, result_ids=chunk.result_ids, at=when.approved_at)


def print_first(stage: Stage, *, partner_id: int, period_id: int) -> None:
    """Have one partner's statement printed before all others."""
    with stage.acting(WORKERS), transaction():
        statement_id = db.session.execute(
            select(Statement.id).where(Statement.partner_id == partner_id, Statement.period_id == period_id)
        ).scalar_one()
        statements.queue_rendering([statement_id], period_id=period_id, priority=10)
