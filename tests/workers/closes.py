"""A close for a crash test: firms and claims, what they must be paid by arithmetic of its own, and the reckoning."""

import email
import hashlib
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from config import login_url
from portal import closing
from portal import db as database_module
from portal.claims.workflow import ClaimState
from portal.db import Identity, acting_as, driver_url, transaction
from portal.users.models import Role
from tests import factories
from tests.factories import measure

AT = datetime(2027, 1, 20, 9, 0, tzinfo=UTC)
PERIOD = "FY27-H1"
PLAN: dict[str, Any] = {
    "code": "SSII-FY27-H1", "version": 1, "segment": "SSII", "period": PERIOD, "currency": "EUR",
    "role_weights": {"PRESCRIBE": "0.40", "DESIGN": "0.25", "INTEGRATE": "0.20", "DEPLOY": "0.15"},
    "components": [{"code": "C1", "scheme": "MARGINAL", "tiers": [
        {"from": "0", "rate": "0.02"}, {"from": "20000", "rate": "0.035"}]}],
    "min_payout": "150.00", "vat_rate": "0.20",
}  # fmt: skip
CENT = Decimal("0.01")


def arrange(owner: Session, partners: int) -> None:
    """Partners of one segment with a plan, each with an administrator to tell."""
    for _ in _firms(owner, partners):
        pass


def _firms(
    owner: Session, partners: int, plan: dict[str, Any] | None = None
) -> Iterator[tuple[Any, Any, Any]]:
    grid = factories.make_catalogue(owner)
    factories.make_plan(owner, factories.make_period(owner, PERIOD), plan)
    pam = factories.make_pam(owner)
    for _ in range(partners):
        partner = factories.make_partner(owner, pam=pam)
        yield partner, factories.make_user(owner, Role.PARTNER_ADMIN, partner=partner), grid


def arrange_claims(owner: Session, partners: int, *, claims: int = 2, seed: int = 1) -> dict[str, Decimal]:
    """The same with approved, ordered claims; what each firm earns, by its code."""
    chance, earned = random.Random(seed), {}
    for partner, admin, grid in _firms(owner, partners, PLAN):
        credited = Decimal(0)
        for number in range(chance.randint(0, claims)):
            amount = Decimal(chance.randint(100_000, 3_000_000)) / 100
            order_no = f"CMD-{partner.id}-{number}"
            claim = factories.make_claim(
                owner, partner, author=admin, state=ClaimState.APPROVED, amounts=(("M365", str(amount)),),
                grid_id=grid.id, order_no=order_no,
            )  # fmt: skip
            measure.make_ordered(
                owner, claim, str(amount), "M365", order_no=order_no, ordered_on=date(2026, 9, 15)
            )
            credited += (amount * Decimal("0.65")).quantize(CENT, ROUND_HALF_UP)
        first = min(credited, Decimal(20000))
        paid = first * Decimal("0.02") + (credited - first) * Decimal("0.035")
        earned[partner.code] = paid.quantize(CENT, ROUND_HALF_UP)
    return earned


class Watch:
    """What the database says of a close under way, whenever it answers."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection: psycopg.Connection | None = None

    def all(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        try:
            if self.connection is None or self.connection.closed:
                self.connection = psycopg.connect(self.url, autocommit=True, connect_timeout=2)
            return self.connection.execute(query, parameters or None).fetchall()  # type: ignore[arg-type]
        except psycopg.OperationalError:
            self.close()
            return []

    def one(self, query: str, *parameters: Any) -> int:
        rows = self.all(query, *parameters)
        return int(rows[0][0]) if rows else -1

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None


@dataclass
class Stage:
    """The people of one close, on one database."""

    url: str
    token: str = "w" * 43
    secret: str = ""  # what the logins' passwords are made from, where the URL holds none

    def __post_init__(self) -> None:
        self.watch = Watch(self.url)
        self.engine = create_engine(driver_url(self.url), poolclass=NullPool)
        self.app = Flask("stage")
        database_module.init(
            self.app,
            app_url=login_url(self.url, self.secret, "portal_app"),
            gate_url=login_url(self.url, self.secret, "portal_gate"),
        )

    @contextmanager
    def owner(self) -> Iterator[Session]:
        """A session of the database's owner, to arrange."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    def let_workers_in(self) -> None:
        """The workers' session, which an emptied database has lost."""
        with psycopg.connect(self.url) as connection:
            connection.execute(
                "insert into sessions (token_hash, service, created_at, last_seen_at, expires_at)"
                " values (%s, 'worker', now(), now(), 'infinity') on conflict do nothing",
                [hashlib.sha256(self.token.encode()).digest()],
            )

    def people(self) -> None:
        """Who closes, and who approves it."""
        with self.owner() as owner:
            self.manager, self.finance = (
                factories.make_user(owner, role) for role in (Role.PROGRAMME_MANAGER, Role.FINANCE)
            )

    def act(self, step: Any, person: Any, **more: Any) -> None:
        """One of them does one step."""
        with self.owner() as owner:
            token = factories.make_session(owner, person)
        identity = Identity(token, person.role.database_role)
        with self.app.app_context(), acting_as(identity), transaction():
            step(period_code=PERIOD, actor_id=person.id, at=AT, **more)

    def start(self) -> None:
        self.act(closing.start_closing, self.manager)

    def approve(self) -> None:
        self.act(closing.propose_close, self.manager)
        self.act(closing.approve_close, self.finance, run_number=1)

    def is_computed(self) -> bool:
        return self.watch.one("select count(*) from margin_runs where state = 'computed'") == 1

    def is_over(self) -> bool:
        """Whether everything is closed, sealed, filed and told."""
        return (
            self.watch.one("select count(*) from work_items where state <> 'done'") == 0
            and self.watch.one("select count(*) from periods where state = 'closed'") == 1
        )

    def close(self) -> None:
        self.watch.close()
        with self.app.app_context():
            database_module.db.engine.dispose()
            database_module.gate_engine().dispose()
        self.engine.dispose()


def check(stage: Stage, taken: list[bytes], files: Path, earned: dict[str, Decimal]) -> int:
    """One statement, number, file and Message-ID for each, sums as the oracle's; how many mails went twice."""
    one, every, firms = stage.watch.one, stage.watch.all, len(earned)
    payable = {code: amount if amount >= 150 else Decimal(0) for code, amount in earned.items()}
    assert one("select count(*) from work_items where state <> 'done'") == 0
    said = dict(every("select p.code, s.payable from statements s join partners p on p.id = s.partner_id"))
    assert said == payable
    assert one("select count(*) from statements") == firms
    serials = [row[0] for row in every("select serial from statements order by serial")]
    assert serials == list(range(1, firms + 1)), "a gap, or a number given twice"
    assert one("select count(distinct number) from statements") == firms
    _check_ledger(stage, earned, payable)
    stored = every("select sha256, count(*) over (partition by statement_id) from statement_files")
    assert len(stored) == firms and {count for _, count in stored} == {1}
    for sha256, _ in stored:
        assert hashlib.sha256((files / sha256[:2] / sha256).read_bytes()).hexdigest() == sha256
    assert one("select count(*) from margin_runs where state = 'approved'") == 1
    assert one("select count(*) from margin_results") == firms
    assert one("select count(*) from period_seals") == 1
    for kind in ("period.closed", "run.computed", "period.sealed"):
        assert one("select count(*) from audit_records where action = %s", kind) <= 1
    return _check_mails(stage, taken, payable)


def _check_ledger(stage: Stage, earned: dict[str, Decimal], payable: dict[str, Decimal]) -> None:
    query = "select account, sum(amount) from postings group by account"
    posted = {account: amount for account, amount in stage.watch.all(query) if amount}
    earnings, due = sum(earned.values()), sum(payable.values())
    expected = {"6222": earnings, "4081": due - earnings, "401": -due}
    assert posted == {account: amount for account, amount in expected.items() if amount}
    entries = "select count(*) from (select 1 from journal_entries group by kind, cause_kind, cause_id having count(*) > 1) x"
    assert stage.watch.one(entries) == 0


def _check_mails(stage: Stage, taken: list[bytes], payable: dict[str, Decimal]) -> int:
    rows = stage.watch.all(
        "select m.message_id, m.state, m.context->>'payable', p.code from mails m join partners p on p.id = m.partner_id"
        " where m.kind = 'statement.issued'"
    )
    assert {code: Decimal(amount) for _, _, amount, code in rows} == payable
    assert len(rows) == len(payable) and {state for _, state, _, _ in rows} == {"sent"}
    messages = [email.message_from_bytes(content) for content in taken]
    seen = Counter(message["Message-ID"] for message in messages)
    theirs = {message_id for message_id, *_ in rows}
    assert theirs <= seen.keys(), "a mail that nobody received"
    assert len(theirs) == len(payable), "two firms have one Message-ID"
    return sum(seen[message_id] - 1 for message_id in theirs)


class Recoveries:
    """How long each crash kept its item from being taken again, watched beside the close."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.watch, self.folder = Watch(stage.url), folder
        self.seconds: list[float] = []
        self.fired: list[dict[str, Any]] = []
        self._open: dict[str, dict[str, Any]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Recoveries":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._glance()
        self.watch.close()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            self._glance()

    def _glance(self) -> None:
        for path in sorted(self.folder.glob("fired-*")):
            death = json.loads(path.read_text())
            path.rename(path.with_name(path.name.replace("fired", "dead")))
            self.fired.append(death)
            if death["item"]:
                self._open[path.name] = death
        for name, death in list(self._open.items()):
            found = self.watch.all("select attempt, state from work_items where id = %s", death["item"])
            if found and (found[0][0] > death["attempt"] or found[0][1] == "done"):
                if found[0][0] > death["attempt"]:  # otherwise it died with all its work behind it
                    self.seconds.append(time.time() - death["at"])
                del self._open[name]
