"""The scheduler: one leader rings again for what was missed and adds what is due every day."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg
from sqlalchemy.exc import DBAPIError

from config import Settings
from portal import clock, work
from portal.calendar import PARIS, add_working_days, is_working_day
from portal.db import transaction
from workers.context import Context

log = logging.getLogger("workers")

LEADER = 0x70616C69  # the advisory lock that the one leader holds
PAUSE = 1.0
TAKEN = timedelta(seconds=2)  # how soon an announced item is taken when nothing waits before it
WAITING = timedelta(seconds=60)  # how long it may wait its turn before it is announced again
MORNING = 6  # the hour in Paris from which digests leave
QUARANTINE = timedelta(minutes=5)  # how often the scanner is asked again about what waits
DAILY = (
    "claims.expire",
    "claims.remind",
    "claims.publish",
    "conflicts.detect",
    "conflicts.remind",
    "inquiries.remind",
)


def schedule(settings: Settings) -> None:
    """Lead, or wait to; start over whenever the database goes away."""
    context = Context(settings)
    while True:
        try:
            with leadership(settings) as connection:
                while True:
                    connection.execute("select 1")  # a lost connection has lost the lock
                    turn(context)
                    time.sleep(PAUSE)
        except (psycopg.Error, DBAPIError) as error:
            log.warning("the database is away: %s", str(error).splitlines()[0])
            time.sleep(PAUSE)


@contextmanager
def leadership(settings: Settings) -> Iterator[psycopg.Connection]:
    """Hold the leader's lock, having waited for it; it ends with the connection."""
    with psycopg.connect(settings.app_database_url, autocommit=True, connect_timeout=5) as connection:
        while connection.execute("select pg_try_advisory_lock(%s)", [LEADER]).fetchone() != (True,):
            time.sleep(PAUSE)
        log.info("leads")
        yield connection


def turn(context: Context) -> int:
    """One round: add what the day brings, give back what crashed, ring for what was missed (how many).

    What the day brings is there already in all rounds but one: the sweep rings for it, the adding does not.
    """
    at = clock.real_now()
    patience = TAKEN if context.bell.is_quiet() else WAITING
    with context.acting():
        with transaction():
            for kind in DAILY:
                work.add(kind, subject=clock.today(), dedup=str(clock.today()), after=at)
            _add_digests(clock.now(), after=at)
            if context.settings.clamd_url:
                window = int(at.timestamp() // QUARANTINE.total_seconds())
                work.add("files.scan", subject=window, after=at)
            due = work.sweep(at=at, rung_before=at - patience)
        work.ring(due[::-1], first=True)  # each goes to the head, so the most urgent goes last
    return len(due)


def _add_digests(at: datetime, *, after: datetime) -> None:
    """On working mornings what waits for each account manager; on the first of a month, the firms' news."""
    local = at.astimezone(PARIS)
    if local.hour < MORNING or not is_working_day(local.date()):
        return
    work.add("digest.daily", subject=local.date(), dedup=str(local.date()), after=after)
    if add_working_days(local.date().replace(day=1) - timedelta(days=1), 1) == local.date():
        work.add("digest.monthly", subject=local.date(), dedup=f"{local:%Y-%m}", after=after)
