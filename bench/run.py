"""Documents a second through the workers, against bare rendering in as many processes.

    TEST_DATABASE_URL=postgresql://… python3 bench/run.py [--partners 800] [--workers 2]

Both print the same statements in one run, those of the demo's FY27-H1: first the bare renderer in forked
processes that share nothing, then the real thing, from the items of the approval to the last file and,
apart, to the last mail. The processors' time of both says what the way through the workers costs.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

AT = datetime(2027, 1, 20, 9, 0, tzinfo=UTC)
PERIOD = "FY27-H1"
FOR_LATER = (  # but mails, which leave in their order to each person
    "update work_items set run_after = now() + interval '1 day' where state = 'ready' and kind <> 'mail.send'"
)


@dataclass(frozen=True)
class Issued:
    """Statements issued and not yet printed, and the items that print them."""

    documents: list[dict[str, Any]]
    items: list[str]
    period_id: int


def main() -> None:
    """Arrange a close, render it bare, then through the workers; print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--partners", type=int, default=800)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, arranged(Path(folder)) as (fleet, url):
        issued = issued_statements(url, options.partners)
        count = len(issued.documents)
        alone, used = bare_rendering(issued.documents, options.workers)
        rate = count / alone
        print(f"bare rendering:      {rate:6.2f} documents/s in {options.workers} processes")
        filed, told, spent = through_the_workers(fleet, url, issued, options.workers)
        print(
            f"through the workers: {count / filed:6.2f} documents/s, {alone / filed:.2f} of bare (aim 0.95)"
        )
        print(f"to the last mail:    {told / alone:6.2f} × the time of rendering alone (aim 1.30)")
        print(f"processors' time:    {used:6.0f} s bare, {spent:.0f} s through the workers")


@contextmanager
def arranged(folder: Path) -> Iterator[tuple[Any, str]]:
    """The demo with an approved close whose statements are issued and wait to be printed."""
    from sqlalchemy import create_engine, select
    from sqlalchemy.orm import Session

    from portal import closing
    from portal.db import Identity, acting_as, db, driver_url, gate_engine, transaction
    from portal.users.models import Role, User, UserState
    from tests import databases, demo_copies, factories
    from tests.workers.conftest import settings_for
    from tests.workers.processes import Fleet
    from workers import job
    from workers.context import Context

    server = os.environ["TEST_DATABASE_URL"]
    url = demo_copies.copy_demo(server, folder / "home").url
    try:
        with (
            Session(create_engine(driver_url(url)), expire_on_commit=False) as owner,
            services(folder) as given,
        ):
            settings = settings_for(url, folder / "home", token=factories.make_session(owner, None), **given)
            context = Context(replace(settings, redis_url="unix:///nowhere.sock"))
            for step, role, kind in (
                (closing.start_closing, Role.PROGRAMME_MANAGER, "margin.compute"),
                (closing.propose_close, Role.PROGRAMME_MANAGER, ""),
                (closing.approve_close, Role.FINANCE, "closing.issue"),
            ):
                active = select(User).where(User.role == role, User.state == UserState.ACTIVE).limit(1)
                person = owner.execute(active).scalar_one()
                more: dict[str, Any] = {"run_number": 1} if role is Role.FINANCE else {}
                identity = Identity(factories.make_session(owner, person), role.database_role)
                with context.app.app_context(), acting_as(identity), transaction():
                    step(period_code=PERIOD, actor_id=person.id, at=AT, **more)
                do_all(url, kind, job.run)
            owner.close()
            with context.app.app_context():
                db.engine.dispose()
                gate_engine().dispose()
            yield Fleet(settings, folder / "log"), url
    finally:
        databases.drop(server, url)


@contextmanager
def services(folder: Path) -> Iterator[dict[str, str]]:
    """A Redis and a relay of this run's own."""
    from aiosmtpd.controller import Controller

    from portal.cli.supervisor.web import free_port
    from tests.workers.test_mail import Relay

    socket = folder / "r.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)]
    redis = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    relay = Relay(port=free_port())
    controller = Controller(relay, hostname="127.0.0.1", port=relay.port)
    controller.start()
    try:
        yield {"redis_url": f"unix://{socket}", "smtp_url": f"smtp://127.0.0.1:{relay.port}"}
    finally:
        controller.stop()
        redis.terminate()
        redis.wait()


def do_all(url: str, kind: str, run: Any) -> None:
    """Do the items of a kind in this process."""
    with psycopg.connect(url, autocommit=True) as connection:
        items = connection.execute(
            "select id::text from work_items where kind = %s and state = 'ready'", [kind]
        )
        for (item,) in items.fetchall():
            run(item)


def issued_statements(url: str, partners: int) -> Issued:
    """What is to be printed, of so many partners; all other work waits."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(FOR_LATER)
        (period_id,) = connection.execute("select id from periods where code = %s", [PERIOD]).fetchone() or ()
        rendering = connection.execute(
            "select id::text, subject from work_items where kind = 'statement.render' and batch like %s"
            " order by created_at, subject",
            [f"%:{period_id}"],
        ).fetchall()
        items, ids = [], []
        for item, subject in rendering:
            if len(ids) < partners:
                items.append(item)
                ids += [int(part) for part in subject.split(",")]
        documents = connection.execute(
            "select document from statements where id = any(%s) and period_id = %s", [ids, period_id]
        ).fetchall()
    return Issued([row[0] for row in documents], items, period_id)


def bare_rendering(documents: list[dict[str, Any]], processes: int) -> tuple[float, float]:
    """Seconds and processors' seconds of the renderer alone, warm, in forked processes."""
    from workers import pdf

    pdf.warm()
    shares = [documents[place::processes] for place in range(processes)]
    begun, before = time.monotonic(), children_time()
    with get_context("fork").Pool(processes) as pool:
        pool.map(_render_all, shares, chunksize=1)
        took = time.monotonic() - begun
        pool.close()
        pool.join()
    return took, children_time() - before


def _render_all(documents: list[Any]) -> None:
    from workers import pdf

    for document in documents:
        pdf.render_statement(document)


def children_time() -> float:
    """Processors' seconds of the processes that this one has seen end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def through_the_workers(fleet: Any, url: str, issued: Issued, workers: int) -> tuple[float, float, float]:
    """Seconds from the first bell to the last file and to the last mail, once warm; processors' seconds."""
    fleet.names = (*(f"work-{number}" for number in range(workers)), "schedule-1")
    before = children_time()
    of_period = f"join statements s on s.id = statement_id where s.period_id = {issued.period_id}"
    printed = f"select count(*) from statement_files {of_period}"
    unsent = f"select count(*) from mails m {of_period} and m.state <> 'sent'"
    with psycopg.connect(url, autocommit=True) as connection:
        fleet.start()
        try:
            time.sleep(12)  # imports and fonts: paid once in the life of a worker
            connection.execute(
                "update work_items set run_after = now() where id::text = any(%s)", [issued.items]
            )
            begun = time.monotonic()
            wait(connection, printed, len(issued.documents))
            filed = time.monotonic() - begun
            wait(connection, unsent, 0)
            told = time.monotonic() - begun
        finally:
            fleet.stop()
    return filed, told, children_time() - before


def wait(connection: psycopg.Connection, query: str, count: int) -> None:
    """Until the query counts so many."""
    while connection.execute(query).fetchone()[0] != count:  # type: ignore[call-overload,index]
        time.sleep(0.05)


if __name__ == "__main__":
    main()
