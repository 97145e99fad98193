"""Jobs of corrections: compute closed periods again."""

from rq.timeouts import JobTimeoutException

from portal import clock, corrections, work
from portal.db import transaction
from workers.chunks import finish_with


def recompute(held: work.Lease) -> None:
    """Compute some partners again in one transaction, or each alone when one of them cannot be."""
    chunk = corrections.CorrectionChunk.parse(held.subject)
    try:
        with transaction():
            corrections.recompute_partners(chunk, at=clock.now())
            work.finish(held, at=clock.real_now())
    except (work.LeaseLost, JobTimeoutException):
        raise
    except Exception:
        if len(chunk.partner_ids) == 1:
            raise
        finish_with(held, chunk.apart())
