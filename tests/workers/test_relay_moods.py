"""A relay that puts off, hangs, drops the line or is away for hours: everything arrives, in order for each recipient."""

import email
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal import clock, mail
from portal.cli.supervisor.web import free_port
from portal.db import transaction
from portal.mail.models import Mail, MailState
from portal.users.models import Role
from portal.work.models import WorkItem, WorkState
from tests import factories
from tests.conftest import Acting
from tests.workers import relays
from tests.workers.conftest import Drain
from tests.workers.relays import MoodyRelay, RelayServer
from tests.workers.test_mail import CONTEXT, context
from workers import relay as relay_module

__all__ = ["context"]

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PEOPLE = ("compta@arvelia.example", "factures@boreal.example")


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[RelayServer]:
    """A relay that hangs a little longer than the portal waits."""
    monkeypatch.setattr(relay_module, "PATIENCE", 0.15)
    monkeypatch.setattr(relays, "HANG", 0.5)
    made = RelayServer(MoodyRelay(port=free_port()))
    made.come()
    yield made
    made.leave()


@pytest.fixture
def relay(line: RelayServer) -> MoodyRelay:
    return line.relay


@pytest.fixture
def queued(owner: Session, acting: Acting) -> None:
    """Two mails to each of two people."""
    firm = factories.make_partner(owner)
    for hour in range(2):
        to = [mail.Recipient(address, "Hélène", "fr") for address in PEOPLE]
        at = AT + timedelta(hours=hour)
        with acting(None), transaction():
            mail.queue("statement.issued", to=to, purpose=hour, at=at, partner_id=firm.id, **CONTEXT)


def states(owner: Session, kind: str = "statement.issued") -> set[str]:
    owner.rollback()
    return {state.value for state in owner.execute(select(Mail.state).where(Mail.kind == kind)).scalars()}


MOODS = ["451", "421", "hang", "greylist", "drop in DATA", "drop before 250", "drop after 250", "away"]


class TestRelay:
    @pytest.mark.parametrize("mood", MOODS)
    def test_that_is_unwell_for_hours_gets_everything_in_order_once_it_is_well(
        self,
        owner: Session, queued: None, line: RelayServer, relay: MoodyRelay, drain: Drain,
        due_now: Callable[[], None], mood: str,
    ) -> None:  # fmt: skip
        relay.mood = mood
        if mood == "away":
            line.leave()
        for _ in range(3):  # each as if the hours until the next attempt had gone by
            due_now()
            drain("mail.send")
        assert states(owner) != {"sent"} or mood == "greylist"
        relay.mood = ""
        line.come()
        for _ in range(3):
            due_now()
            drain("mail.send")
        assert states(owner) == {"sent"}
        first: dict[str, list[str]] = {address: [] for address in PEOPLE}
        for content in relay.taken:
            message = email.message_from_bytes(content)
            theirs = first[message["To"].rpartition("<")[2].rstrip(">")]
            theirs += [message["Message-ID"]] * (message["Message-ID"] not in theirs)
        for address, received in first.items():
            in_order = select(Mail.message_id).where(Mail.recipient == address).order_by(Mail.queued_at)
            assert received == list(owner.execute(in_order).scalars())

    @pytest.mark.parametrize("mood", ["hang", "away"])
    def test_that_is_away_is_not_asked_again_for_each_mail(
        self, owner: Session, queued: None, line: RelayServer, relay: MoodyRelay, drain: Drain, mood: str
    ) -> None:
        relay.mood = mood
        if mood == "away":
            line.leave()
        drain("mail.send")
        owner.rollback()
        waiting = select(func.count()).where(WorkItem.state == WorkState.READY)
        in_a_while = clock.real_now() + timedelta(seconds=3)
        assert owner.execute(waiting.where(WorkItem.run_after > in_a_while)).scalar_one() == 4
        assert owner.execute(select(func.sum(WorkItem.attempt))).scalar_one() == 1

    def test_that_never_comes_back_leaves_it_to_a_person_and_the_account_manager(
        self, owner: Session, acting: Acting, queued: None, line: RelayServer, relay: MoodyRelay,
        drain: Drain, due_now: Callable[[], None],
    ) -> None:  # fmt: skip
        line.leave()
        owner.execute(update(WorkItem).values(attempt=299))  # tried for a day
        owner.commit()
        for _ in range(4):
            due_now()
            drain("mail.send")
        assert states(owner) == {"failed"}
        line.come()
        for _ in range(4):
            due_now()
            drain("mail.send")
        assert states(owner, "mail.undelivered") == {"sent"}
        finance = factories.make_user(owner, Role.FINANCE)
        failed = owner.execute(select(Mail.id).where(Mail.state == MailState.FAILED)).scalars().all()
        for mail_id in failed:
            with acting(finance), transaction():
                mail.resend(mail_id=mail_id, actor_id=finance.id, at=AT + timedelta(days=2))
        for _ in range(3):
            due_now()
            drain("mail.send")
        assert states(owner) == {"sent"}
