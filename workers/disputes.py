"""Jobs of disputes."""

from portal import clock, disputes, work
from portal.db import transaction


def suspend(held: work.Lease) -> None:
    """Compute what the lines of a statement still in dispute keep of its payment."""
    with transaction():
        disputes.suspend_again(statement_id=int(held.subject), at=clock.now())
        work.finish(held, at=clock.real_now())
