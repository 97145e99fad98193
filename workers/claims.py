"""Daily jobs of claims: what lapses, and who is reminded of it."""

from portal import claims, clock, work
from portal.db import transaction


def expire(held: work.Lease) -> None:
    """Expire what is past its last day."""
    with transaction():
        claims.expire_claims(at=clock.now())
        work.finish(held, at=clock.real_now())


def remind(held: work.Lease) -> None:
    """Remind firms of questions that lapse soon, and deciders of clocks that run out."""
    with transaction():
        claims.remind_claims(at=clock.now())
        work.finish(held, at=clock.real_now())


def publish(held: work.Lease) -> None:
    """Publish how long decisions take, by team."""
    with transaction():
        claims.publish_times(at=clock.now())
        work.finish(held, at=clock.real_now())
