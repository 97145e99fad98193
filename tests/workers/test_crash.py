"""Killed in mid-run, by the hand of the system: nothing is lost, nothing is doubled, and it resumes by itself."""

import email
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.controller import Controller
from redis import Redis
from sqlalchemy.orm import Session

from portal import closing
from portal.cli.supervisor.web import free_port
from portal.db import transaction
from portal.users.models import Role
from tests import factories
from tests.conftest import Acting
from tests.workers.conftest import settings_for
from tests.workers.processes import ROOT, Fleet
from tests.workers.test_mail import Relay

AT = datetime(2027, 1, 20, 9, 0, tzinfo=UTC)
PERIOD = "FY27-H1"
RECOVERY = 15.0  # seconds, on a machine that has its processors to itself
START = 2.0  # seconds that a worker's imports take there


def slowness() -> float:
    """How many times slower this machine is just now, because of what else it does."""
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", "import workers.pdf, workers.closing"], cwd=ROOT, check=True)
    return max(1.0, (time.monotonic() - begun) / START)


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis of this test's own."""
    path = tmp_path / "r.sock"
    binary = "valkey-server" if not _found("redis-server") else "redis-server"
    command = [binary, "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    for _ in range(100):
        if path.exists():
            break
        time.sleep(0.05)
    yield f"unix://{path}"
    server.kill()
    server.wait()


def _found(name: str) -> bool:
    return any(os.access(Path(folder) / name, os.X_OK) for folder in os.environ["PATH"].split(":"))


@pytest.fixture
def relay() -> Iterator[Relay]:
    """A relay that takes everything and remembers it."""
    kept = Relay(port=free_port())
    controller = Controller(kept, hostname="127.0.0.1", port=kept.port)
    controller.start()
    yield kept
    controller.stop()


@pytest.fixture
def fleet(database: str, owner: Session, tmp_path: Path, redis_url: str, relay: Relay) -> Iterator[Fleet]:
    """Workers on this test's own services."""
    token = factories.make_session(owner, None)
    smtp = f"smtp://127.0.0.1:{relay.port}"
    made = Fleet(
        settings_for(database, tmp_path, token=token, redis_url=redis_url, smtp_url=smtp), tmp_path / "log"
    )
    made.start()
    yield made
    made.stop()


def arrange(owner: Session, partners: int) -> None:
    """Partners of one segment with a plan, each with an administrator to tell."""
    factories.make_catalogue(owner)
    period = factories.make_period(owner, PERIOD)
    factories.make_plan(owner, period)
    pam = factories.make_pam(owner)
    for _ in range(partners):
        partner = factories.make_partner(owner, pam=pam)
        factories.make_user(owner, Role.PARTNER_ADMIN, partner=partner)


class Watch:
    """What the database says of a close under way."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)

    def one(self, query: str) -> int:
        row = self.connection.execute(query).fetchone()  # type: ignore[arg-type]
        return int(row[0]) if row else 0

    def leased(self) -> dict[str, int]:
        rows = self.connection.execute(
            "select id::text, attempt from work_items where state = 'leased'"
        ).fetchall()
        return dict(rows)

    def taken_again(self, held: dict[str, int]) -> bool:
        """Whether every item held then is done, or held by somebody else."""
        rows = self.connection.execute(
            "select id::text, attempt, state from work_items where id::text = any(%s)", [list(held)]
        ).fetchall()
        return all(state == "done" or attempt > held[item] for item, attempt, state in rows)


@pytest.fixture
def watch(database: str) -> Iterator[Watch]:
    """The owner's view of the test's database."""
    made = Watch(database)
    yield made
    made.connection.close()


def wait_for(fleet: Fleet, reached: object, *, seconds: float) -> float:
    """Tend the fleet until something is true; how long it took."""
    begun = time.monotonic()
    while not reached():  # type: ignore[operator]
        fleet.tend()
        late = time.monotonic() - begun > seconds * 6
        assert not late, f"not reached in {seconds} s:\n{fleet.log.read_text()[-3000:]}"
        time.sleep(0.1)
    return time.monotonic() - begun


def run_close(acting: Acting, owner: Session, fleet: Fleet, watch: Watch, *, kill_computing: bool) -> None:
    """Compute, propose and approve; workers do the rest."""
    manager = factories.make_user(owner, Role.PROGRAMME_MANAGER)
    finance = factories.make_user(owner, Role.FINANCE)
    with acting(manager), transaction():
        closing.start_closing(period_code=PERIOD, actor_id=manager.id, at=AT)
    if kill_computing:
        fleet.kill("work-1")
    wait_for(
        fleet, lambda: watch.one("select count(*) from margin_runs where state = 'computed'"), seconds=60
    )
    with acting(manager), transaction():
        closing.propose_close(period_code=PERIOD, actor_id=manager.id, at=AT)
    with acting(finance), transaction():
        closing.approve_close(period_code=PERIOD, run_number=1, actor_id=finance.id, at=AT)


def check(watch: Watch, relay: Relay, partners: int) -> None:
    """Every partner exactly one statement, one number, one file, one Message-ID; the journal says the same."""
    assert watch.one("select count(*) from statements") == partners
    assert watch.one("select count(distinct (partner_id, number)) from statements") == partners
    assert watch.one("select max(serial) from statements") == partners
    assert watch.one("select count(*) from statement_files") == partners
    assert watch.one("select count(*) from mails where state = 'sent'") == partners
    assert watch.one("select count(*) from periods where state = 'closed'") == 1
    assert watch.one("select count(*) from work_items where state <> 'done'") == 0
    seen = Counter(email.message_from_bytes(content)["Message-ID"] for content in relay.taken)
    assert len(seen) == partners
    # Between the relay's 250 and our commit nobody can know: the same Message-ID may then go twice.
    assert sum(seen.values()) - partners <= 2


class TestCrash:
    def test_loses_nothing_doubles_nothing_and_resumes_in_time(
        self, watch: Watch, owner: Session, acting: Acting, fleet: Fleet, relay: Relay
    ) -> None:
        partners = 40
        arrange(owner, partners)
        run_close(acting, owner, fleet, watch, kill_computing=True)
        files = "select count(*) from statement_files"
        wait_for(fleet, lambda: watch.one(files) >= 5, seconds=60)
        fleet.kill_child("work-1")
        wait_for(fleet, lambda: watch.one(files) >= 10 and watch.leased(), seconds=60)
        held = watch.leased()
        fleet.kill("work-1")
        recovered = wait_for(fleet, lambda: watch.taken_again(held), seconds=60)
        assert recovered <= RECOVERY * slowness()
        for name in fleet.names:
            fleet.kill(name)
        wait_for(
            fleet,
            lambda: watch.one("select count(*) from mails where state = 'sent'") == partners,
            seconds=90,
        )
        wait_for(
            fleet, lambda: not watch.one("select count(*) from work_items where state <> 'done'"), seconds=30
        )
        check(watch, relay, partners)

    def test_does_not_need_what_redis_holds(
        self, watch: Watch, owner: Session, acting: Acting, fleet: Fleet, relay: Relay, redis_url: str
    ) -> None:
        partners = 12
        arrange(owner, partners)
        redis = Redis.from_url(redis_url)
        run_close(acting, owner, fleet, watch, kill_computing=False)
        redis.flushall()
        begun = watch.one("select count(*) from work_items where state = 'done'")
        recovered = wait_for(
            fleet,
            lambda: watch.one("select count(*) from work_items where state = 'done'") > begun,
            seconds=60,
        )
        assert recovered <= RECOVERY * slowness()
        for _ in range(3):
            redis.flushall()
            time.sleep(1)
        wait_for(
            fleet,
            lambda: watch.one("select count(*) from mails where state = 'sent'") == partners,
            seconds=90,
        )
        wait_for(
            fleet, lambda: not watch.one("select count(*) from work_items where state <> 'done'"), seconds=30
        )
        check(watch, relay, partners)
        redis.close()

    @pytest.mark.slow
    def test_weathers_a_storm(
        self, watch: Watch, owner: Session, acting: Acting, fleet: Fleet, relay: Relay
    ) -> None:
        partners, chance = 500, random.Random(1)
        arrange(owner, partners)
        run_close(acting, owner, fleet, watch, kill_computing=True)
        until = time.monotonic() + 600
        while watch.one("select count(*) from mails where state = 'sent'") < partners:
            assert time.monotonic() < until
            fleet.tend()
            time.sleep(2)
            fleet.tend()
            name = chance.choice(fleet.names)
            if chance.random() < 0.5 or name == "schedule-1":
                fleet.kill(name)
            else:
                fleet.kill_child(name)
        wait_for(
            fleet, lambda: not watch.one("select count(*) from work_items where state <> 'done'"), seconds=60
        )
        check(watch, relay, partners)
