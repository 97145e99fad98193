"""Daily jobs of claims: what lapses, and who is reminded of it."""

from portal import claims, clock, work
from portal.db import transaction


def expire(held: work.Lease) -> None:
    """Expire what is past its last day."""
    with transaction():
        claims.expire_claims(at=clock.now())
        work.finish(held, at=clock.real_now())


def remind(held: work.Lease) -> None:
    """Remind firms of questions that lapse soon."""
    with transaction():
        claims.remind_claims(at=clock.now())
        work.finish(held, at=clock.real_now())
