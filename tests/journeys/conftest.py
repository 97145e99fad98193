"""The demo to live in: its database and files, the portal, the workers and a mailbox."""

import email
import email.policy
import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from config import Settings
from portal import clock, work
from portal.app import create_app
from portal.cli.supervisor.web import free_port
from portal.db import db, gate_engine
from portal.demo.calendar import TODAY
from tests import databases
from tests.demo_copies import DemoCopy, copy_demo
from tests.journeys.browsing import Visitor
from workers import job
from workers.context import Context


@dataclass
class Mailbox:
    """Everybody's mails, as the relay took them."""

    port: int = field(default_factory=free_port)
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        """What this person received."""
        return [mail for mail in self.mails if address in str(mail["To"])]


@dataclass
class Town:
    """The demo's world, alive."""

    copy: DemoCopy
    settings: Settings
    app: Flask
    workers: Context
    mailbox: Mailbox
    monkeypatch: pytest.MonkeyPatch

    def visitor(self, role: str, *, locale: str = "fr") -> Visitor:
        """Somebody of this role, signed in."""
        return Visitor(self.app, role, locale=locale)

    def move_to(self, day: date) -> None:
        """Let the portal's calendar stand on this day."""
        offset = clock.offset_to(day)
        self.monkeypatch.setenv("PORTAL_CLOCK_OFFSET_DAYS", str(offset))
        with psycopg.connect(self.copy.url) as owner:
            owner.execute("update clock_setting set offset_days = %s", [offset])

    def work(self, *kinds: str, most: int = 10_000, batch: str = "%") -> int:
        """Let the workers do what is due of these kinds, the most urgent first; how much they did."""
        done = 0
        while done < most:
            with psycopg.connect(self.copy.url) as owner:
                due = owner.execute(
                    "select id from work_items where state = 'ready' and kind = any(%s) and run_after <= now()"
                    " and coalesce(batch, '') like %s order by priority desc, created_at limit %s",
                    [list(kinds), batch, most - done],
                ).fetchall()
            if not due:
                break
            for (item_id,) in due:
                job.run(str(item_id))
                done += 1
        return done

    def count(self, query: str) -> int:
        """A number that the database's owner counts."""
        with psycopg.connect(self.copy.url) as owner:
            found = owner.execute(query).fetchone()
        assert found is not None
        return int(found[0])


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A relay that takes everything."""
    kept = Mailbox()
    controller = Controller(kept, hostname="127.0.0.1", port=kept.port)
    controller.start()
    yield kept
    controller.stop()


@pytest.fixture
def town(server: str, tmp_path: Path, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """The demo on its first day, for one journey alone."""
    copied, token = copy_demo(server, tmp_path), secrets.token_urlsafe(16)
    with psycopg.connect(copied.url) as owner:
        owner.execute(
            "insert into sessions (token_hash, service, created_at, last_seen_at, expires_at)"
            " values (%s, 'worker', now(), now(), 'infinity')",
            [hashlib.sha256(token.encode()).digest()],
        )
    environment = copied.environment(SMTP_URL=f"smtp://127.0.0.1:{mailbox.port}", WORKER_TOKEN=token)
    settings = Settings.from_env(environment)
    made = Town(copied, settings, create_app(settings), Context(settings), mailbox, monkeypatch)
    made.move_to(TODAY)
    yield made
    for app in (made.app, made.workers.app):
        with app.app_context():
            db.engine.dispose()
            gate_engine().dispose()
    forget: Callable[..., None] = lambda ids, *, first=False: None  # noqa: E731
    work.ring_with(forget)
    databases.drop(server, copied.url)
