"""Import and matching of order lines against as many claims: lines a second, CPU and peak memory.

TEST_DATABASE_URL=postgresql://… python3 bench/orders.py [--lines 100000] [--xlsx]

Beside them stands a bare COPY of the same cells. CPU is counted here and in the database's own processes, where they
run on this machine: a busy machine takes its time from the seconds, not from the CPU.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import psycopg
import xlsxwriter
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

sys.path.insert(0, str(Path(__file__).parent.parent))

from portal import claims, orders
from portal import db as database
from portal.db import Identity, acting_as, driver_url, transaction
from portal.users.models import Role
from tests import databases, factories
from tests.factories.people import AT, siren
from workers.orders import match_slices

HEAD = "order_no;version;reseller;customer_siren;customer_name;family;amount;ordered_at;status"
# ruff: noqa: E501
CLAIMS = """
with made as (
  insert into claims (partner_id, reference, state, created_by_id, created_at, updated_at, submitted_by_id, submitted_at,
    declared_honour_at, declared_honour_by_id, grid_id, customer_siren, customer_name, title, roles, order_no, signed_on,
    ordered_on, decision, decided_by_id, decided_at)
  select (%(firms)s::bigint[])[1 + n %% 100], 'D-FY27-' || lpad(n::text, 6, '0'), 'approved', %(author)s, now(), now(), %(author)s, now(), now(),
    %(author)s, %(grid)s, sirens.one, 'Client ' || n, 'Projet', array['PRESCRIBE', 'DESIGN'], 'V' || n, '2026-09-01',
    '2026-09-15', 'approved', %(pam)s, now()
  from unnest(%(sirens)s::text[]) with ordinality sirens(one, n) returning id, partner_id)
insert into claim_lines (partner_id, claim_id, position, family, declared_amount, approved_amount)
select partner_id, id, 1, 'M365', 1000, 1000 from made"""


BACKENDS = (
    "select pid from pg_stat_activity where datname = current_database() and application_name = 'palier'"
)
BARE = "create temporary table bare ({} text)".format(" text, ".join(HEAD.split(";")))


def main() -> None:
    """Arrange claims, import a file that names their orders, match and credit; print each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--xlsx", action="store_true")
    options = parser.parse_args()
    url = databases.create(os.environ["TEST_DATABASE_URL"])
    try:
        with tempfile.TemporaryFile() as file:
            write(file, options.lines, in_a_workbook=options.xlsx)
            bench(url, arrange(url, options.lines), file, options.lines)
    finally:
        databases.drop(os.environ["TEST_DATABASE_URL"], url)


def arrange(url: str, lines: int) -> str:
    """A claim for each line, of a hundred firms; the token of a session that the workers may use."""
    engine = create_engine(driver_url(url))
    with Session(engine, expire_on_commit=False) as owner:
        factories.make_plan(owner, factories.make_period(owner))
        grid, firm = factories.make_catalogue(owner), factories.make_partner(owner)
        author = factories.make_user(owner, Role.PARTNER_ADMIN, partner=firm)
        given: dict[str, object] = {
            "firms": [firm.id, *(factories.make_partner(owner).id for _ in range(99))], "author": author.id,
            "pam": factories.make_pam(owner).id, "grid": grid.id,
            "sirens": [siren(n) for n in range(1, lines + 1)],
        }  # fmt: skip
        token = factories.make_session(owner, None)
    engine.dispose()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(CLAIMS, given)
        connection.execute("vacuum analyze")
    return token


def bench(url: str, token: str, file: IO[bytes], lines: int) -> None:
    """Time each part."""
    app, touched = Flask("bench"), list[int]()
    database.init(
        app,
        app_url=databases.with_login(url, "portal_app"),
        gate_url=databases.with_login(url, "portal_gate"),
    )

    def take() -> None:
        with transaction():
            taken = orders.import_orders(source=file, name="orders", actor_id=None, at=AT)
            touched.extend(claims.follow_import(import_id=taken.id))

    with app.app_context(), acting_as(Identity(token, "portal_worker")):
        database.db.session.connection()
        backend = backend_of(url)
        print(f"{lines} lines, {file.seek(0, os.SEEK_END) / 1e6:.1f} MB")
        measure("import", lines, backend, take)
        measure("matching and credit", len(touched), backend, lambda: match_slices(touched))
        measure("a bare COPY", lines, backend, lambda: copy(lines))
        database.db.session.rollback()
        database.db.engine.dispose()
        database.gate_engine().dispose()
    with psycopg.connect(url) as connection:
        found = connection.execute("select count(*), sum(credited_amount) from claim_matches").fetchone()
        print("credited:", *found or ())


def copy(lines: int) -> None:
    """The same cells into a table of texts, unread."""
    connection = database.db.session.connection()
    connection.exec_driver_sql(BARE)
    cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
    with cursor.copy("copy bare from stdin (format csv, delimiter ';')") as target:
        for line in rows(lines):
            target.write(line + "\n")


def write(file: IO[bytes], lines: int, *, in_a_workbook: bool) -> None:
    """A line for each claim."""
    if in_a_workbook:
        with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
            sheet = book.add_worksheet()
            for number, line in enumerate((HEAD, *rows(lines))):
                sheet.write_row(number, 0, line.split(";"))
    else:
        file.writelines(f"{line}\n".encode() for line in (HEAD, *rows(lines)))
    file.flush()


def rows(lines: int) -> Iterator[str]:
    """One order for each claim."""
    for n in range(1, lines + 1):
        yield f"V{n};1;Distribution;{siren(n)};Client {n};M365;1 000,00;2026-09-15;booked"


def backend_of(url: str) -> list[Path]:
    """Where the kernel tells what the portal's connections have used."""
    with psycopg.connect(url) as connection:
        return [Path(f"/proc/{pid}/schedstat") for (pid,) in connection.execute(BACKENDS).fetchall()]


def measure(what: str, count: int, backend: list[Path], part: Callable[[], None]) -> None:
    """How fast a part goes, what it costs on both sides, and the most memory it takes."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak of memory starts anew
    before, used, began = time.process_time(), cpu(backend), time.perf_counter()
    part()
    took, here, there = time.perf_counter() - began, time.process_time() - before, cpu(backend) - used
    print(
        f"{what + ':':<21}{count / took:>8,.0f} lines/s in {took:5.1f} s; CPU {here:5.1f} s + {there:5.1f} s in the "
        f"database, {count / (here + there):,.0f} lines/s; at most {peak():.0f} MB",
        flush=True,
    )


def cpu(backend: list[Path]) -> float:
    """Seconds that these processes have used."""
    return sum(int(path.read_text().split()[0]) for path in backend) / 1e9


def peak() -> float:
    """The most memory that this process held since it was last asked to start anew, in MB."""
    (line,) = (
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
