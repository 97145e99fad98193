"""Jobs of the close: compute partners, issue their statements."""

from rq.timeouts import JobTimeoutException

from portal import clock, closing, margin, statements, work
from portal.db import db, transaction
from workers.chunks import each, finish_with
from workers.context import current


def compute(held: work.Lease) -> None:
    """Compute some partners of a run in one transaction, or each alone when one of them cannot be."""
    chunk = margin.RunChunk.parse(held.subject)
    try:
        with transaction():
            margin.compute_results(chunk)
            closing.finish_computing(chunk.run_id, at=clock.now())
            work.finish(held, at=clock.real_now())
    except (work.LeaseLost, JobTimeoutException):
        raise
    except Exception:
        if len(chunk.partner_ids) == 1:
            raise
        finish_with(held, chunk.apart())


def seal(held: work.Lease) -> None:
    """Seal the periods that have closed, the oldest first."""
    with transaction():
        closing.seal_closed_periods(at=clock.now())
        work.finish(held, at=clock.real_now())


def issue(held: work.Lease) -> None:
    """Issue some statements of an approved run, a transaction for each."""
    chunk = closing.IssueChunk.parse(held.subject)
    verify_at = f"{current().settings.base_url}/verify/"
    with transaction():
        common = closing.issue_of(chunk.run_id, verify_at=verify_at)
        sources = statements.load_sources(common, chunk.result_ids)
        db.session.expunge_all()

    def issue_one(result_id: int) -> None:
        with transaction():
            work.heartbeat(held, at=clock.real_now())
            closing.issue_partner(result_id, sources=sources, issue=common, at=clock.now())

    failed = each(held, chunk.result_ids, issue_one)
    issued = [result_id for result_id in chunk.result_ids if result_id not in failed]
    finish_with(
        held,
        chunk.apart(failed),
        then=lambda: closing.finish_issuing(chunk.run_id, result_ids=issued, at=clock.now()),
    )
