"""A whole period computed, from rows to rows, against the bare COPY of its inputs to nowhere, in CPU time.

    TEST_DATABASE_URL=postgresql://… python3 bench/period.py [--times 10 100] [--period FY26-H2]

On the demo as it is (800 partners) and on copies of it that many times as large. The processors' time of this
process and of its database connection are added: a machine that does other things does not matter.
"""

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.growth import grow
from config import Settings
from portal import periods
from portal.app import create_app
from portal.calendar import PeriodCode
from portal.db import Identity, acting_as, db, driver_url
from portal.demo.calendar import TODAY
from portal.margin.engine import evaluate, parse_period_facts, result_document
from portal.margin.facts import facts_of
from portal.margin.services import sha256_of
from tests import databases, factories
from tests.demo_copies import copy_demo

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
        self.spent: dict[str, float] = {}

    def now(self) -> float:
        """Seconds used so far."""
        return time.process_time() + int(self._path.read_text().split()[0]) / 1e9

    def time(self, name: str, step: Callable[[], Any]) -> Any:
        """Do something, and keep what it used."""
        begun = self.now()
        done = step()
        self.spent[name] = self.now() - begun
        return done


def measure(url: str, code: str) -> tuple[int, dict[str, float]]:
    """Seconds of processor for each step on one world, and how many partners there are."""
    app = create_app(Settings.from_env(environment(url)))
    with Session(create_engine(driver_url(url))) as owner:
        token = factories.make_session(owner, None)
    with app.app_context(), acting_as(Identity(token, "portal_worker")):
        period = periods.get_period(code)
        raw = db.session.connection().connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        clock = Clock(raw.info.backend_pid)
        list(facts_of(period, partner_ids=[1]))  # imports and plans, paid once
        found = clock.time("stream the facts from PostgreSQL", lambda: list(facts_of(period)))
        known = [one for one in found if one.plan is not None]
        results = clock.time(
            "evaluate",
            lambda: [evaluate(one.plan.plan, parse_period_facts(one.document)) for one in known if one.plan],
        )
        documents = clock.time("document with trace", lambda: [result_document(one) for one in results])
        rows = clock.time(
            "hash and write as JSON",
            lambda: [
                (one.partner.id, json.dumps(one.document), sha256_of(one.document), json.dumps(document))
                for one, document in zip(known, documents, strict=True)
            ],
        )
        clock.time("COPY back", lambda: copy_back(raw, rows))
        db.session.rollback()
    with psycopg.connect(url) as bare:
        beside = Clock(bare.info.backend_pid)
        beside.time("COPY of the inputs to nowhere", lambda: copy_out(bare, PeriodCode.parse(code)))
    with app.app_context():
        db.engine.dispose()
    return len(known), clock.spent | beside.spent


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


def copy_back(connection: psycopg.Connection, rows: list[tuple[Any, ...]]) -> None:
    """Results into a table like theirs, by COPY."""
    connection.execute(
        "create temp table computed (partner_id bigint, facts jsonb, sha256 text, result jsonb)"
        " on commit drop"
    )
    with connection.cursor().copy("copy computed from stdin") as into:
        for row in rows:
            into.write_row(row)


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
    os.environ["PORTAL_CLOCK_OFFSET_DAYS"] = str((TODAY - datetime.now(UTC).date()).days)
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
            count, spent = measure(url, options.period)
        show(count, spent)
        each[count] = sum(spent.values()) / count
    least = min(each.values())
    print("per partner:", ", ".join(f"{count}: {cost / least:.2f}" for count, cost in each.items()))


def show(count: int, spent: dict[str, float]) -> None:
    """One world's figures."""
    bare = spent.pop("COPY of the inputs to nowhere")
    print(f"{count} partners; COPY of the inputs to nowhere: {bare:.3f} s of processor")
    for name, seconds in (*spent.items(), ("the whole", sum(spent.values()))):
        each = seconds / count * 1e6
        print(f"  {name:<36}{seconds:>8.2f} s {seconds / bare:>6.1f} × {each:>8.0f} µs a partner")


if __name__ == "__main__":
    main()
