"""Jobs of digests: one a day for account managers, one a month for firms."""

from portal import clock, digests, work
from portal.db import transaction


def daily(held: work.Lease) -> None:
    """Tell account managers what waits."""
    with transaction():
        digests.send_daily(at=clock.now())
        work.finish(held, at=clock.real_now())


def monthly(held: work.Lease) -> None:
    """Tell firms what last month brought."""
    with transaction():
        digests.send_monthly(at=clock.now())
        work.finish(held, at=clock.real_now())
