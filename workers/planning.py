"""Jobs of planning: try a plan on some partners."""

from rq.timeouts import JobTimeoutException

from portal import clock, planning, work
from portal.db import transaction
from workers.chunks import finish_with


def simulate(held: work.Lease) -> None:
    """Try a plan on some partners in one transaction, or on each alone when one of them cannot be."""
    chunk = planning.SimulationChunk.parse(held.subject)
    try:
        with transaction():
            planning.compute_simulation(chunk)
            work.finish(held, at=clock.real_now())
    except (work.LeaseLost, JobTimeoutException):
        raise
    except Exception:
        if len(chunk.partner_ids) == 1:
            raise
        finish_with(held, chunk.apart())
