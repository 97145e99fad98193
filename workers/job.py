"""The one entry point of every job: lease the item, do it once, finish it in the same transaction."""

import errno
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from uuid import UUID

from rq.timeouts import JobTimeoutException
from sqlalchemy.exc import InterfaceError, OperationalError

from portal import clock, work
from portal.db import transaction
from portal.errors import Unavailable
from workers.context import current

log = logging.getLogger("workers")

# What does the items of each kind; a function takes the lease and finishes it.
JOBS = {
    "margin.compute": "workers.closing.compute",
    "corrections.recompute": "workers.corrections.recompute",
    "claims.expire": "workers.claims.expire",
    "claims.remind": "workers.claims.remind",
    "conflicts.detect": "workers.conflicts.detect",
    "conflicts.remind": "workers.conflicts.remind",
    "conflicts.settle": "workers.conflicts.settle",
    "disputes.suspend": "workers.disputes.suspend",
    "files.scan": "workers.files.scan",
    "handover.note": "workers.handover.note",
    "claims.publish": "workers.claims.publish",
    "closing.issue": "workers.closing.issue",
    "closing.seal": "workers.closing.seal",
    "inquiries.remind": "workers.inquiries.remind",
    "inquiries.write": "workers.inquiries.write",
    "orders.rerate": "workers.orders.rerate",
    "orders.take": "workers.orders.take",
    "statement.render": "workers.statements.render",
    "mail.send": "workers.mail.send",
    "digest.daily": "workers.digests.daily",
    "digest.monthly": "workers.digests.monthly",
    "planning.announce": "workers.planning.announce",
    "planning.simulate": "workers.planning.simulate",
}


ending = threading.Event()
"""Set when this process is asked to end: it takes no further item."""

# Attempts, most of them five minutes apart, while a relay, a disk or a database is away: a day.
PERSISTENCE = 300


class TryLater(Exception):
    """Something outside is away: the item is tried `attempts` times before a person is asked.

    For `pause` seconds nothing else of its kind is tried either.
    """

    def __init__(self, why: str, *, attempts: int, pause: float = 0.0) -> None:
        self.attempts = attempts
        self.pause = pause
        super().__init__(why)


def function(kind: str) -> Callable[[work.Lease], None]:
    """The function that does the items of a kind."""
    module, name = JOBS[kind].rsplit(".", 1)
    found: Callable[[work.Lease], None] = getattr(import_module(module), name)
    return found


def run(item_id: str) -> None:
    """Do one item, if it is still to do and nobody else has it; then what is most urgent, for a while."""
    until, parent = time.monotonic() + current().stretch, os.getppid()

    def following() -> work.Lease | None:
        over = ending.is_set() or time.monotonic() >= until or os.getppid() != parent
        return None if over else next_item()

    with current().acting():
        with transaction():
            held = work.lease(UUID(item_id), at=clock.real_now())
        held = held or following()
        while held is not None:
            attempt(held)
            held = following()


# CPython keeps frames in chunks of 16 KiB and gives each back as soon as it is empty. Where a chunk ended
# inside the renderer's inmost loop, that was two thousand system calls a document, a sixth of the child's
# time. A frame of 560 KB asks for a chunk of 1 MiB, and all that is called from it has the rest.
run.__code__ = run.__code__.replace(co_stacksize=70_000)


def next_item() -> work.Lease | None:
    """The most urgent item that is due, so that a child is not forked and warmed for each."""
    with transaction():
        held = work.lease_next(at=clock.real_now())
    if held is not None:
        current().bell.forget(held.id)
    return held


def attempt(held: work.Lease) -> None:
    """Do a leased item; what fails is put back with its cause, never swallowed."""
    try:
        with work.present(held.id), kept(held):
            function(held.kind)(held)
    except work.LeaseLost:
        log.info("lease lost: %s %s", held.kind, held.subject)
    except JobTimeoutException as error:
        put_back(held, error)
        raise
    except Exception as error:
        log.exception("failed: %s %s", held.kind, held.subject)
        put_back(held, error)


def put_back(held: work.Lease, error: Exception) -> None:
    """Return a failed item with its cause; where even that fails, the lease will run out."""
    cause = str(error) if isinstance(error, TryLater) else f"{type(error).__name__}: {error}"
    try:
        with transaction():
            work.fail(held, error=cause, at=clock.real_now(), attempts=patience(error))
            if isinstance(error, TryLater) and error.pause:
                work.postpone(held.kind, until=clock.real_now() + timedelta(seconds=error.pause))
    except Exception:
        log.exception("could not be put back: %s %s", held.kind, held.subject)


def patience(error: Exception) -> int:
    """How often an item is tried: what comes back by itself is waited for, a fault soon asks a person."""
    if isinstance(error, TryLater):
        return error.attempts
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    away = isinstance(error, Unavailable) and error.code == "files_away"
    away = away or isinstance(error, (OperationalError, InterfaceError))
    return PERSISTENCE if full or away else work.MAX_ATTEMPTS


@contextmanager
def kept(held: work.Lease) -> Iterator[None]:
    """Keep the lease alive, however slow the work or the machine; a crash ends it with the process."""
    done = threading.Event()
    context = current()

    def beat() -> None:
        with context.acting():
            while not done.wait(work.HEARTBEAT.total_seconds()):
                try:
                    with transaction():
                        work.heartbeat(held, at=clock.real_now())
                except work.LeaseLost:
                    return
                except Exception:
                    log.warning("no heartbeat: %s %s", held.kind, held.subject, exc_info=True)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
