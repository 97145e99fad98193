"""A whole period computed, from rows to rows, against the bare COPY of its inputs to nowhere, in CPU time.

    TEST_DATABASE_URL=postgresql://… python3 bench/period.py [--times 10 100] [--period FY26-H2]

On the demo as it is (800 partners) and on copies of it that many times as large. The processors' time of this
process and of its database connection are added: a machine that does other things does not matter.
"""

import argparse
import gc
import logging
import os
import sys
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.growth import grow
from config import Settings
from portal import clock, periods
from portal.app import create_app
from portal.calendar import PeriodCode
from portal.db import Identity, acting_as, db, driver_url
from portal.demo.calendar import TODAY
from portal.margin.facts import PartnerFacts, facts_of
from portal.margin.kept import Kept, compute, write
from portal.margin.queries import list_run_partners
from portal.margin.services import numbered
from tests import databases, factories
from tests.demo_copies import copy_demo

NOWHERE = "COPY of the inputs to nowhere"
INPUTS = {
    "lines": """
select l.partner_id, c.reference, l.position, l.family, l.approved_amount, l.share, c.roles,
  m.verified_amount, o.ordered_at
from claim_lines l join claims c on c.id = l.claim_id join claim_matches m on m.claim_line_id = l.id
  join order_lines o on o.id = m.order_line_id
where c.state in ('approved', 'appealed') and m.state = 'confirmed'
  and o.ordered_on >= '{first}' and o.ordered_on < '{end}'
order by l.partner_id""",
    "objectives": """
select partner_id, target, baseline from objectives o join periods p on p.id = o.period_id
where p.code = '{code}' order by partner_id""",
    "competencies": "select partner_id, code, starts_on, ends_before from competencies order by partner_id",
    "firms": "select id, code, segment, starts_on, ends_before from partners order by code",
}


class Clock:
    """Processors' time of this process and of one connection of the database."""

    def __init__(self, backend: int) -> None:
        self._path = Path(f"/proc/{backend}/schedstat")
        self.spent: dict[str, float] = defaultdict(float)

    def now(self) -> float:
        """Seconds used so far."""
        return time.process_time() + int(self._path.read_text().split()[0]) / 1e9

    def time(self, name: str, step: Callable[[], Any]) -> Any:
        """Do something, and keep what it used."""
        begun = self.now()
        done = step()
        self.spent[name] += self.now() - begun
        return done


@contextmanager
def working(url: str) -> Iterator[Clock]:
    """As a worker on a database, in a transaction that leaves nothing."""
    app = create_app(Settings.from_env(environment(url)))
    with Session(create_engine(driver_url(url), poolclass=NullPool)) as owner:
        token = factories.make_session(owner, None)
    with app.app_context():
        with acting_as(Identity(token, "portal_worker")):
            yield Clock(connection().info.backend_pid)
            db.session.rollback()
        db.engine.dispose()


def connection() -> psycopg.Connection:
    """The connection of the session."""
    raw = db.session.connection().connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw


def by_parts(url: str, code: str, run_id: int) -> tuple[int, dict[str, float]]:
    """How many partners there are, and seconds of processor for each part of their computation."""
    with working(url) as clock:
        period, count = periods.get_period(code), 0
        chunks = list(numbered(list_run_partners(period)))
        list(facts_of(period, partner_ids=chunks[0][1][:1]))  # imports and plans, paid once
        gc.freeze()  # as the workers do
        for start, ids in chunks:
            facts = partial(facts_of, period, partner_ids=ids)
            clock.time("stream the facts", lambda facts=facts: deque(facts(), maxlen=0))
            clock.time("evaluate", lambda facts=facts: deque((one.result for one in facts()), maxlen=0))
            kept = clock.time("document, hash", lambda facts=facts, start=start: computed(facts(), start))
            clock.time("insert the results", partial(write, run_id, kept))
            count += len(ids)
        clock.spent["document, hash"] -= clock.spent["evaluate"]  # each did again what was before it
        clock.spent["evaluate"] -= clock.spent["stream the facts"]
        return count, dict(clock.spent)


def computed(facts: Iterable[PartnerFacts], start: int) -> list[Kept]:
    """What is kept of some partners."""
    return [compute(one, position=place) for place, one in enumerate(facts, start)]


def on_a_core(url: str, code: str, run_id: int, core: int, cores: int, gate: Any) -> None:
    """One core's part of the whole, begun when all are ready."""
    with working(url):
        period = periods.get_period(code)
        chunks = list(numbered(list_run_partners(period)))[core::cores]
        list(facts_of(period, partner_ids=chunks[0][1][:1]))
        gate.wait()
        for start, ids in chunks:
            write(run_id, computed(facts_of(period, partner_ids=ids), start))
        gate.wait()


def on_all_cores(url: str, code: str, run_id: int) -> float:
    """Seconds on the wall for the whole, chunk by chunk, in as many processes as there are cores."""
    cores, world = os.cpu_count() or 1, get_context("spawn")
    gate = world.Barrier(cores + 1)
    crew = [world.Process(target=on_a_core, args=(url, code, run_id, n, cores, gate)) for n in range(cores)]
    for one in crew:
        one.start()
    gate.wait()
    begun = time.monotonic()
    gate.wait()
    spent = time.monotonic() - begun
    for one in crew:
        one.join()
    return spent


@contextmanager
def a_run(url: str, code: str) -> Iterator[int]:
    """A run of the period that nobody started."""
    with psycopg.connect(url, autocommit=True) as owner:
        made = owner.execute(
            "insert into margin_runs (period_id, number, partners, state, started_by_id, started_at)"
            " select id, 999, 1, 'computing', (select min(id) from users), now() from periods where code = %s"
            " returning id",
            [code],
        ).fetchone()
        assert made
        try:
            yield made[0]
        finally:
            owner.execute("delete from margin_runs where id = %s", made)


def measure(url: str, code: str) -> tuple[int, dict[str, float], float]:
    """How many partners, seconds of processor for each part, and the wall time over that of the bare COPY."""
    with a_run(url, code) as run_id:
        count, spent = by_parts(url, code, run_id)
        with psycopg.connect(url) as bare:
            beside = Clock(bare.info.backend_pid)
            begun = time.monotonic()
            beside.time(NOWHERE, lambda: copy_out(bare, PeriodCode.parse(code)))
            alone = time.monotonic() - begun
        return count, spent | beside.spent, on_all_cores(url, code, run_id) / alone


def environment(url: str) -> dict[str, str]:
    """Settings of an instance on a database."""
    return {
        "PORTAL_HOME": tempfile.mkdtemp(),
        "DATABASE_URL": url,
        "DATABASE_APP_URL": databases.with_login(url, "portal_app"),
        "DATABASE_GATE_URL": databases.with_login(url, "portal_gate"),
        "REDIS_URL": "unix:///nowhere.sock",
        "SMTP_URL": "smtp://127.0.0.1:9",
        "SECRET_KEY": "s" * 32,
    }


def copy_out(connection: psycopg.Connection, period: PeriodCode) -> None:
    """Everything the period is computed from, read and thrown away."""
    for query in INPUTS.values():
        told = query.format(first=period.starts_on, end=period.ends_before, code=period)
        with connection.cursor().copy(f"copy ({told}) to stdout") as out:
            for _ in out:
                pass


@contextmanager
def world(times: int) -> Iterator[str]:
    """The demo, that many times as large."""
    server = os.environ["TEST_DATABASE_URL"]
    os.environ["PORTAL_CLOCK_OFFSET_DAYS"] = str(clock.offset_to(TODAY))
    with tempfile.TemporaryDirectory() as folder:
        copied = copy_demo(server, Path(folder) / "demo")
        try:
            grow(copied.url, times)
            yield copied.url
        finally:
            databases.drop(server, copied.url)


def main() -> None:
    """Print each part, the whole against the bare COPY, and the cost per partner at each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, nargs="*", default=[10])
    parser.add_argument("--period", default="FY26-H2")
    parser.add_argument("--database", help="measure this database instead of copies of the demo")
    options = parser.parse_args()
    logging.disable()
    if options.database:
        show(*measure(options.database, options.period))
        return
    each = {}
    for times in (1, *options.times):
        with world(times) as url:
            count, spent, wall = measure(url, options.period)
        show(count, spent, wall)
        each[count] = sum(spent.values()) / count
    least = min(each.values())
    print("per partner:", ", ".join(f"{count}: {cost / least:.2f}" for count, cost in each.items()))


def show(count: int, spent: dict[str, float], wall: float) -> None:
    """One world's figures."""
    bare, cores = spent.pop(NOWHERE), os.cpu_count() or 1
    print(f"{count} partners; COPY of the inputs to nowhere: {bare:.3f} s of processor")
    for name, seconds in (*spent.items(), ("the whole", sum(spent.values()))):
        each = seconds / count * 1e6
        print(f"  {name:<36}{seconds:>8.2f} s {seconds / bare:>6.1f} × {each:>8.0f} µs a partner")
    whole = sum(spent.values()) / bare / cores
    print(f"  on {cores} cores: {whole:.1f} × by the processors' time, {wall:.1f} × on the wall (aim 10)")


if __name__ == "__main__":
    main()
