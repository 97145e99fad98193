"""Import and matching of order lines against as many claims: lines a second and peak memory.

TEST_DATABASE_URL=postgresql://… python3 bench/orders.py [--lines 100000]
"""

import argparse
import io
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
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


def main() -> None:
    """Arrange claims, import a file that names their orders, match and credit; print each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    lines = parser.parse_args().lines
    import psycopg
    from flask import Flask
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    from portal import claims, orders
    from portal import db as database
    from portal.db import Identity, acting_as, driver_url, transaction
    from portal.users.models import Role
    from tests import databases, factories
    from tests.factories.people import AT
    from workers.orders import match_slices

    url = databases.create(os.environ["TEST_DATABASE_URL"])
    try:
        with Session(create_engine(driver_url(url)), expire_on_commit=False) as owner:
            factories.make_plan(owner, factories.make_period(owner))
            grid, firm = factories.make_catalogue(owner), factories.make_partner(owner)
            author, pam = (
                factories.make_user(owner, Role.PARTNER_ADMIN, partner=firm),
                factories.make_pam(owner),
            )
            token = factories.make_session(owner, None)
            given: dict[str, object] = {
                "firms": [firm.id, *(factories.make_partner(owner).id for _ in range(99))],
                "author": author.id,
                "pam": pam.id,
                "grid": grid.id,
            }
            given["sirens"] = [factories.people.siren(n) for n in range(1, lines + 1)]
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(CLAIMS, given)
            connection.execute("vacuum analyze")
        app = Flask("bench")
        database.init(
            app,
            app_url=databases.with_login(url, "portal_app"),
            gate_url=databases.with_login(url, "portal_gate"),
        )
        content = "\n".join(file(lines)).encode()
        print(f"{lines} lines, {len(content) / 1e6:.1f} MB; {memory():.0f} MB before")
        with app.app_context(), acting_as(Identity(token, "portal_worker")):
            began = time.perf_counter()
            with transaction():
                taken = orders.import_orders(source=io.BytesIO(content), name="o.csv", actor_id=None, at=AT)
                import_id = taken.id
            say("import", lines, began)
            began = time.perf_counter()
            with transaction():
                touched = list(claims.follow_import(import_id=import_id))
            match_slices(touched)
            say("matching and credit", len(touched), began)
            database.db.engine.dispose()
            database.gate_engine().dispose()
        with psycopg.connect(url) as connection:
            print(
                *connection.execute("select count(*), sum(credited_amount) from claim_matches").fetchone()
                or ()
            )
    finally:
        databases.drop(os.environ["TEST_DATABASE_URL"], url)


def file(lines: int) -> Iterator[str]:
    """One order for each claim."""
    from tests.factories.people import siren

    yield HEAD
    for n in range(1, lines + 1):
        yield f"V{n};1;Distribution;{siren(n)};Client {n};M365;1 000,00;2026-09-15;booked"


def memory() -> float:
    """Peak resident memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(what: str, count: int, began: float) -> None:
    """How fast a part went."""
    taken = time.perf_counter() - began
    print(f"{what}: {count / taken:,.0f} lines/s, {taken:.1f} s; peak {memory():.0f} MB", flush=True)


if __name__ == "__main__":
    main()
