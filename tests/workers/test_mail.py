"""Mails over real sockets: what the relay answers decides what becomes of them."""

import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import delete, select
from sqlalchemy.orm import Session as OwnerSession

from portal import mail
from portal.cli.supervisor.web import free_port
from portal.db import transaction
from portal.mail.models import Mail, MailState
from portal.users.models import Role
from portal.work.models import WorkItem, WorkState
from tests import factories
from tests.conftest import Acting
from tests.workers.conftest import Drain, settings_for
from workers import context as contexts

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CONTEXT = {
    "number": "R-FY26H2-000042",
    "period": "FY26-H2",
    "path": "/statements/1",
    "payable": "7675.73",
    "carry_out": "0.00",
    "expected_on": "2026-08-28",
    "dispute_until": "2026-12-24",
    "attach": False,
    "pam": {"name": "Claire Vauquelin", "phone": "01 99 00 41 17", "email": "claire@pst.example"},
}


@dataclass
class Relay:
    """A mail server that says what it is told to; `drop` closes the line at that command instead."""

    port: int = 0
    answers: dict[str, list[str]] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)

    def answer(self, command: str) -> str | None:
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else None

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self.answer("MAIL")
        if said:
            return said
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self.answer("RCPT")
        if said:
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        said = self.answer("DATA")
        if said == "drop before":
            server.transport.close()
            return "250 too late"
        assert isinstance(envelope.content, bytes)
        if said and said.startswith(("4", "5")):
            return said
        self.taken.append(envelope.content)
        if said == "drop after":
            server.transport.close()
        return "250 taken"


@pytest.fixture
def relay() -> Iterator[Relay]:
    """A relay on a free port of the loopback."""
    kept = Relay()
    kept.port = free_port()
    controller = Controller(kept, hostname="127.0.0.1", port=kept.port)
    controller.start()
    yield kept
    controller.stop()


@pytest.fixture
def context(database: str, owner: OwnerSession, relay: Relay, tmp_path: Path) -> Iterator[contexts.Context]:
    """Workers that hand their mails to this relay."""
    token = factories.make_session(owner, None)
    made = contexts.Context(
        settings_for(database, tmp_path, token=token, smtp_url=f"smtp://127.0.0.1:{relay.port}")
    )
    yield made
    with made.app.app_context():
        from portal.db import db, gate_engine

        db.engine.dispose()
        gate_engine().dispose()


@pytest.fixture
def queued(acting: Acting) -> Callable[..., None]:
    """Queue a statement's mail to a billing contact."""

    def run(kind: str = "statement.issued", **context: object) -> None:
        to = mail.Recipient("compta@arvelia.example", "Hélène Castagnier", "fr")
        with acting(None), transaction():
            mail.queue(kind, to=[to], purpose="R-1", at=AT, **{**CONTEXT, **context})

    return run


Queued = Callable[..., None]


def the_mail(owner: OwnerSession) -> Mail:
    owner.rollback()
    return owner.execute(select(Mail)).scalar_one()


class TestSend:
    def test_reaches_the_recipient_once_with_its_message_id(
        self, owner: OwnerSession, queued: Queued, drain: Drain, relay: Relay
    ) -> None:
        queued()
        queued()
        drain()
        (content,) = relay.taken
        message = email.message_from_bytes(content, policy=email.policy.SMTP)
        row = the_mail(owner)
        assert (row.state, row.reply) == (MailState.SENT, "250 taken")
        assert message["Message-ID"] == row.message_id
        assert message["To"] == "Hélène Castagnier <compta@arvelia.example>"

    def test_sends_nothing_where_the_purpose_was_served_without_a_work_item(
        self, owner: OwnerSession, queued: Queued, drain: Drain, relay: Relay
    ) -> None:
        queued()
        drain()
        owner.execute(delete(WorkItem))
        owner.commit()
        queued()
        drain()
        assert len(relay.taken) == 1
        assert owner.execute(select(WorkItem.state)).scalars().all() == [WorkState.DONE]

    def test_names_no_amount_in_its_subject_and_speaks_french(
        self, queued: Queued, drain: Drain, relay: Relay
    ) -> None:
        queued()
        drain()
        message = email.message_from_bytes(relay.taken[0], policy=email.policy.SMTP)
        assert (
            message["Subject"] == "Votre relevé de marges arrières du second semestre FY26 (R-FY26H2-000042)"
        )
        text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "7\u202f675,73\u00a0€ HT vers le 28 août 2026" in text
        assert "https://palier.example/statements/1" in text
        html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
        assert "7\u202f675,73&nbsp;€" in html and 'style="' in html

    @pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
    def test_is_tried_again_after_a_refusal_that_may_pass(
        self,
        owner: OwnerSession,
        queued: Queued,
        drain: Drain,
        due_now: Callable[[], None],
        relay: Relay,
        command: str,
    ) -> None:
        relay.answers[command] = ["451 greylisted"]
        queued()
        drain()
        assert (the_mail(owner).state, the_mail(owner).reply) == (MailState.QUEUED, "451 greylisted")
        due_now()
        drain()
        assert the_mail(owner).state is MailState.SENT
        assert len(relay.taken) == 1

    @pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
    def test_fails_visibly_when_refused_for_good(
        self, owner: OwnerSession, queued: Queued, drain: Drain, relay: Relay, command: str
    ) -> None:
        relay.answers[command] = ["550 no such person"]
        queued()
        drain()
        assert (the_mail(owner).state, the_mail(owner).reply) == (MailState.FAILED, "550 no such person")
        assert owner.execute(select(WorkItem.state)).scalar_one() is WorkState.DONE

    @pytest.mark.parametrize("how", ["drop before", "drop after"])
    def test_goes_again_with_the_same_message_id_when_the_line_breaks(
        self,
        owner: OwnerSession,
        queued: Queued,
        drain: Drain,
        due_now: Callable[[], None],
        relay: Relay,
        how: str,
    ) -> None:
        relay.answers["DATA"] = [how]
        queued()
        drain()
        assert the_mail(owner).state is MailState.DATA_STARTED
        due_now()
        drain()
        assert the_mail(owner).state is MailState.SENT
        ids = {email.message_from_bytes(content)["Message-ID"] for content in relay.taken}
        assert ids == {the_mail(owner).message_id}

    def test_waits_while_the_relay_is_away(
        self, owner: OwnerSession, context: contexts.Context, queued: Queued, drain: Drain, relay: Relay
    ) -> None:
        object.__setattr__(context.settings, "smtp_url", "smtp://127.0.0.1:9")
        queued()
        drain()
        assert the_mail(owner).state is MailState.QUEUED
        item = owner.execute(select(WorkItem)).scalar_one()
        assert item.state is WorkState.READY and "refused" in (item.last_error or "")

    def test_holds_a_password_reset_that_the_relay_may_already_have(
        self, owner: OwnerSession, acting: Acting, drain: Drain, due_now: Callable[[], None], relay: Relay
    ) -> None:
        relay.answers["DATA"] = ["drop after"]
        person = factories.make_user(owner, Role.FINANCE)
        to = mail.Recipient(person.email, person.name, "fr", person.id)
        with acting(None), transaction():
            mail.queue("account.reset", to=[to], purpose="1", at=AT)
        drain()
        due_now()
        drain()
        assert the_mail(owner).state is MailState.HELD
        assert len(relay.taken) == 1


class TestResend:
    def test_is_asked_for_by_a_person_and_says_so(
        self, owner: OwnerSession, acting: Acting, queued: Queued, drain: Drain, relay: Relay
    ) -> None:
        queued()
        drain()
        finance = factories.make_user(owner, Role.FINANCE)
        with acting(finance), transaction():
            mail.resend(mail_id=the_mail(owner).id, actor_id=finance.id, at=AT)
        drain()
        first, second = (email.message_from_bytes(content) for content in relay.taken)
        assert first["Message-ID"] != second["Message-ID"]
        assert first.get_payload()[0].get_payload() == second.get_payload()[0].get_payload()  # type: ignore[union-attr,index]
