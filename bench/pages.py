"""What pages cost the server as the programme grows: CPU and queries of each, at 800 and at 8 000 partners.

    TEST_DATABASE_URL=postgresql://… python3 bench/pages.py [--rounds 15] [--times 10]

The larger world is the demo with each firm copied. Both are asked in turn, so that a busy machine weighs on
both alike; the CPU of the database's own processes is counted where they run on this machine.
"""

import argparse
import logging
import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.growth import grow
from config import Settings
from portal import clock
from portal.app import create_app
from portal.db import db, driver_url, gate_engine
from portal.demo.calendar import TODAY
from portal.users.models import User
from tests import databases, factories
from tests.demo_copies import DemoCopy, copy_demo

CLAIM = "select public_id from claims where partner_id = 42 and state = %s order by id limit 1"
PAM = "select pam_id from pam_assignments where partner_id = 42 and valid @> current_date"
ADMIN = "select id from users where partner_id = 42 and role = 'partner_admin'"
LEAD = "select id from users where role = 'segment_lead' and segment = 'SSII'"
BACKENDS = """
select pid from pg_stat_activity where datname = current_database() and application_name = 'palier'
"""
WARMING = 8  # rounds until connections hold their plans
PAGES = {
    "a partner's home": (ADMIN, "/"),
    "its claims": (ADMIN, "/claims"),
    "one of its claims": (ADMIN, "/claims/{approved}"),
    "a PAM's queue": (PAM, "/staff/queue"),
    "a claim to review": (PAM, "/staff/claims/{in_review}"),
    "a lead's queue": (LEAD, "/staff/queue"),
}
Cost = tuple[float, float, int]  # milliseconds of CPU here and in the database, queries


class World:
    """The application on one database, with the browsers of those who look at it."""

    def __init__(self, copied: DemoCopy) -> None:
        self.url = copied.url
        self.app = create_app(Settings.from_env(copied.environment(PORTAL_PORT="8000")))
        self.queries = 0
        with psycopg.connect(self.url) as rows:
            self.ids = {
                state: rows.execute(CLAIM, [state]).fetchone()[0]  # type: ignore[index]
                for state in ("approved", "in_review")
            }
            people = {query: rows.execute(query).fetchone()[0] for query, _ in PAGES.values()}  # type: ignore[index]
        owner = create_engine(driver_url(self.url))
        with Session(owner) as session:
            self.browsers = {
                query: self._browser(factories.make_session(session, session.get_one(User, person)))
                for query, person in people.items()
            }
        owner.dispose()
        with self.app.app_context():
            for engine in (db.engine, gate_engine()):
                event.listen(engine, "before_cursor_execute", self._count)

    def _browser(self, token: str) -> FlaskClient:
        browser = self.app.test_client()
        browser.set_cookie("session", token)
        return browser

    def _count(self, *_: Any) -> None:
        self.queries += 1

    def backends(self) -> list[Path]:
        """Where the kernel tells what the portal's connections have used."""
        with psycopg.connect(self.url) as rows:
            return [Path(f"/proc/{pid}/schedstat") for (pid,) in rows.execute(BACKENDS).fetchall()]

    def ask(self, page: str, backends: list[Path]) -> Cost:
        """Open a page once."""
        query, path = PAGES[page]
        before, beside, self.queries = time.process_time(), _used(backends), 0
        answer = self.browsers[query].get(path.format(**self.ids))
        spent = time.process_time() - before
        assert answer.status_code == 200, (page, answer.status)
        return spent * 1e3, _used(backends) - beside, self.queries


def _used(backends: list[Path]) -> float:
    total = 0
    for path in backends:
        with suppress(OSError):
            total += int(path.read_text().split()[0])
    return total / 1e6


@contextmanager
def worlds(times: int) -> Iterator[dict[int, World]]:
    """The demo as it is, and that many times as large."""
    server = os.environ["TEST_DATABASE_URL"]
    os.environ["PORTAL_CLOCK_OFFSET_DAYS"] = str(clock.offset_to(TODAY))
    with tempfile.TemporaryDirectory() as folder:
        copies = [copy_demo(server, Path(folder) / name) for name in ("demo", "grown")]
        try:
            grow(copies[0].url, 1)
            grow(copies[1].url, times)
            yield {800 * size: World(copied) for size, copied in zip((1, times), copies, strict=True)}
        finally:
            for copied in copies:
                databases.drop(server, copied.url)


def main() -> None:
    """Open each page in both worlds, again and again; print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--times", type=int, default=10)
    options = parser.parse_args()
    logging.disable()
    with worlds(options.times) as both:
        costs: dict[tuple[str, int], list[Cost]] = defaultdict(list)
        for number in range(WARMING + options.rounds):
            backends = {size: world.backends() for size, world in both.items()}
            for page in PAGES:
                for size, world in both.items():
                    cost = world.ask(page, backends[size])
                    if number >= WARMING:
                        costs[page, size].append(cost)
    print_table(costs, list(both))


def print_table(costs: dict[tuple[str, int], list[Cost]], sizes: list[int]) -> None:
    """A line for each page: queries, then CPU of the portal and of the database."""
    print(f"{'':<20}" + "".join(f"{size:>28} partners" for size in sizes) + "   ratio")
    for page in dict.fromkeys(page for page, _ in costs):
        cells, totals = [], []
        for size in sizes:
            own, beside, queries = (statistics.median(one) for one in zip(*costs[page, size], strict=True))
            totals.append(own + beside)
            cells.append(f"{queries:4.0f} queries {own:5.1f} + {beside:5.1f} ms of CPU")
        print(f"{page:<20}{'   '.join(cells)}   {totals[-1] / totals[0]:5.2f}")


if __name__ == "__main__":
    main()
