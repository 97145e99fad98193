"""Documents a second through the workers, against bare rendering in as many processes.

    TEST_DATABASE_URL=postgresql://… python3 bench/run.py [--partners 200] [--workers 2]

Both print the same statements in one run: first the bare renderer in forked processes that share nothing,
then the real thing, from the items of the approval to the last file and, apart, to the last mail.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    """Arrange a close, render it bare, then through the workers; print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--partners", type=int, default=200)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, arranged(Path(folder), options.partners) as (fleet, url):
        documents = frozen_documents(url)
        bare = bare_rendering(documents, options.workers)
        print(f"bare rendering:      {bare:6.2f} documents/s in {options.workers} processes")
        filed, told = through_the_workers(fleet, url, options)
        print(
            f"through the workers: {filed:6.2f} documents/s, {filed / bare:.2f} of bare rendering (aim 0.90)"
        )
        print(f"to the last mail:    {bare / told:.2f} × the time of rendering alone (aim 1.30)")


@contextmanager
def arranged(folder: Path, partners: int) -> Iterator[tuple[Any, str]]:
    """A scratch database with an approved close whose statements are issued and wait to be printed."""
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    from portal import closing
    from portal.db import Identity, acting_as, db, driver_url, gate_engine, transaction
    from portal.users.models import Role
    from tests import databases, factories
    from tests.workers.conftest import settings_for
    from tests.workers.processes import Fleet
    from tests.workers.test_crash import AT, PERIOD, arrange
    from workers import job
    from workers.context import Context

    server = os.environ["TEST_DATABASE_URL"]
    url = databases.create(server)
    try:
        with (
            Session(create_engine(driver_url(url)), expire_on_commit=False) as owner,
            services(folder) as given,
        ):
            arrange(owner, partners)
            token = factories.make_session(owner, None)
            people = [factories.make_user(owner, role) for role in (Role.PROGRAMME_MANAGER, Role.FINANCE)]
            settings = settings_for(url, folder, token=token, **given)
            context = Context(replace(settings, redis_url="unix:///nowhere.sock"))
            for step, person, kind in (
                (closing.start_closing, people[0], "margin.compute"),
                (closing.propose_close, people[0], ""),
                (closing.approve_close, people[1], "closing.issue"),
            ):
                more: dict[str, Any] = {"run_number": 1} if person is people[1] else {}
                identity = Identity(factories.make_session(owner, person), person.role.database_role)
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


def frozen_documents(url: str) -> list[dict[str, Any]]:
    """What is to be printed."""
    with psycopg.connect(url) as connection:
        return [
            row[0] for row in connection.execute("select document from statements order by serial").fetchall()
        ]


def bare_rendering(documents: list[dict[str, Any]], processes: int) -> float:
    """Documents a second of the renderer alone, warm, in forked processes."""
    from workers import pdf

    pdf.warm()
    shares = [documents[place::processes] for place in range(processes)]
    begun = time.monotonic()
    with get_context("fork").Pool(processes) as pool:
        pool.map(_render_all, shares, chunksize=1)
    return len(documents) / (time.monotonic() - begun)


def _render_all(documents: list[Any]) -> None:
    from workers import pdf

    for document in documents:
        pdf.render_statement(document)


def through_the_workers(fleet: Any, url: str, options: argparse.Namespace) -> tuple[float, float]:
    """Documents a second from the first bell to the last file, and to the last mail, once warm."""
    fleet.names = (*(f"work-{number}" for number in range(options.workers)), "schedule-1")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "update work_items set run_after = now() + interval '1 hour' where state = 'ready'"
        )
        fleet.start()
        try:
            time.sleep(12)  # imports and fonts: paid once in the life of a worker
            connection.execute("update work_items set run_after = now() where state = 'ready'")
            begun = time.monotonic()
            done = "select count(*) from statement_files"
            filed = options.partners / wait(connection, done, options.partners, begun)
            sent = "select count(*) from mails where state = 'sent'"
            told = options.partners / wait(connection, sent, options.partners, begun)
        finally:
            fleet.stop()
    return filed, told


def wait(connection: psycopg.Connection, query: str, count: int, begun: float) -> float:
    """Seconds until the count is reached."""
    while connection.execute(query).fetchone()[0] < count:  # type: ignore[call-overload,index]
        time.sleep(0.05)
    return time.monotonic() - begun


if __name__ == "__main__":
    main()
