"""Items that stand for several things: each in its own transaction, one's failure its own."""

import logging
from collections.abc import Callable, Iterable

from rq.timeouts import JobTimeoutException

from portal import clock, work
from portal.db import transaction

log = logging.getLogger("workers")


def each(held: work.Lease, ids: Iterable[int], do: Callable[[int], None]) -> list[int]:
    """Do one thing after the other while the lease is ours; those that failed, if others did not.

    An item that has one thing left fails as a whole, and is tried again with its cause.
    """
    ids, failed = list(ids), []
    for one in ids:
        try:
            do(one)
        except (work.LeaseLost, JobTimeoutException):
            raise
        except Exception:
            if len(ids) == 1:
                raise
            log.exception("failed, goes on alone: %s %s", held.kind, one)
            failed.append(one)
    return failed


def finish_with(held: work.Lease, apart: Iterable[object], then: Callable[[], None] = lambda: None) -> None:
    """Finish the item; what failed goes on as items of its own, tried again and shown apart."""
    with transaction():
        then()
        alone = [(str(one), str(one)) for one in apart]
        work.add_many(held.kind, alone, batch=held.batch, priority=held.priority)
        work.finish(held, at=clock.real_now())
