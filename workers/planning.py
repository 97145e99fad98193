"""Jobs of planning: try a plan on some partners, tell firms of a coming one."""

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


def announce(held: work.Lease) -> None:
    """Tell the firms of a segment that the plan of their next period is published."""
    with transaction():
        planning.announce_plan(int(held.subject), at=clock.now())
        work.finish(held, at=clock.real_now())
