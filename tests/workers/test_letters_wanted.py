"""Which letters leave, to whom, in which order; what does not arrive is told."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from jinja2 import nodes
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import digests, mail
from portal.calendar import add_working_days
from portal.catalogue.models import Grid
from portal.claims.workflow import ClaimState
from portal.db import transaction
from portal.mail import Topic
from portal.mail.letters import environment
from portal.mail.models import Mail, MailState
from portal.mail.samples import LETTERS, kinds, sample, value_of
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.workers.conftest import Drain
from tests.workers.test_mail import CONTEXT, Relay, context, relay

__all__ = ["context", "relay"]

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def states(owner: Session, kind: str) -> list[str]:
    owner.rollback()
    found = owner.execute(select(Mail.state).where(Mail.kind == kind).order_by(Mail.queued_at))
    return [state.value for state in found.scalars()]


class TestEveryLetter:
    @pytest.mark.parametrize("kind", kinds())
    def test_reads_well_in_both_languages_whichever_way_it_goes(self, kind: str) -> None:
        for account, other in ((account, other) for account in (True, False) for other in turns(kind)):
            french, english = (sample(kind, locale, account=account, **other) for locale in ("fr", "en"))
            for written in (french, english):
                assert not re.search(r"€|[0-9][.,][0-9]{2}\b", written.subject), written.subject
                assert written.subject and "</html>" in written.html
                odd = re.search(r"[{}<>]|%\(|&\w+;|None|\n\n\n| [,.]|  ", written.text)
                assert odd is None, (other, odd, written.text)
                assert max(map(len, re.split(r"\s", written.text))) <= 78, "no line may need to be this long"
                assert "https://palier.example/" in written.text or "action_url" not in written.html
            lines = set(french.text.splitlines()) & set(english.text.splitlines())
            alike = {
                line for line in lines if len(re.findall(r"[a-zé’]{3,}", line)) > 6 and "://" not in line
            }
            assert french.subject != english.subject and not alike, (other, alike)


def turns(kind: str) -> Iterator[dict[str, Any]]:
    """As it is, then with each thing changed that its templates ask about, one at a time."""
    yield {}
    for path in sorted((LETTERS / kind.replace(".", "_", 1)).iterdir()):
        for asked in environment().parse(path.read_text()).find_all((nodes.If, nodes.CondExpr)):
            yield from (one for one in answers(asked.test, kind) if "account" not in one)


def answers(test: nodes.Node, kind: str) -> Iterator[dict[str, Any]]:
    """What may be given for what is asked: nothing, or what it is compared with."""
    if isinstance(test, nodes.Name):
        yield {test.name: type(value_of(test.name, kind))()}
    elif isinstance(test, nodes.Compare) and isinstance(test.expr, nodes.Name):
        yield from ({test.expr.name: one.expr.as_const()} for one in test.ops)
    elif isinstance(test, nodes.Compare) and isinstance(test.expr, nodes.Filter):
        yield {one.name: "0.00" for one in test.expr.find_all(nodes.Name)}
    else:
        for part in test.iter_child_nodes():
            yield from answers(part, kind)


class TestStatementMail:
    @pytest.mark.parametrize("account", [True, False])
    def test_says_why_it_came_to_this_reader(
        self, owner: Session, acting: Acting, relay: Relay, drain: Drain, account: bool
    ) -> None:
        user = factories.make_user(owner, Role.PARTNER_ADMIN, partner=factories.make_partner(owner))
        to = mail.Recipient(user.email, "Hélène", "en", user.id if account else None)
        with acting(None), transaction():
            mail.queue("statement.issued", to=[to], purpose="R", at=AT, **CONTEXT)
        drain("mail.send")
        assert (b"because you have an account" in relay.taken[0]) is account
        assert b"List-Unsubscribe" not in relay.taken[0]


class TestDigests:
    @pytest.fixture
    def pam(self, owner: Session) -> User:
        grid = factories.make_catalogue(owner)
        pam = factories.make_pam(owner)
        firm = factories.make_partner(owner, pam=pam)
        factories.make_user(owner, Role.PARTNER_ADMIN, partner=firm)
        due = {"decide_by": add_working_days(AT.date(), 2), "grid_id": grid.id}
        factories.make_claim(owner, firm, state=ClaimState.SUBMITTED, **due)
        return pam

    def test_tell_an_account_manager_what_waits_once_a_day(
        self, owner: Session, acting: Acting, pam: User, relay: Relay, drain: Drain
    ) -> None:
        idle = factories.make_partner(owner)
        for _again in range(2):
            with acting(None), transaction():
                assert digests.send_daily(at=AT) == 1
        drain("mail.send")
        assert states(owner, "digest.pam") == ["sent"]
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in relay.taken[0]
        assert idle

    def test_are_not_sent_to_who_refuses_them(self, owner: Session, acting: Acting, pam: User) -> None:
        with acting(pam), transaction():
            mail.choose(user_id=pam.id, wishes={Topic.DIGESTS: False}, at=AT)
        with acting(None), transaction():
            digests.send_daily(at=AT)
        assert states(owner, "digest.pam") == []

    def test_tell_a_firm_its_month_where_there_is_something_to_tell(
        self, owner: Session, acting: Acting, pam: User
    ) -> None:
        with acting(None), transaction():
            assert digests.send_monthly(at=AT) == 0
        firm = factories.make_partner(owner)
        factories.make_user(owner, Role.PARTNER_MEMBER, partner=firm)
        grid = owner.execute(select(Grid.id)).scalar_one()
        asked = {"info_due_on": (AT + timedelta(days=9)).date(), "clock_left": 4, "grid_id": grid}
        factories.make_claim(owner, firm, state=ClaimState.INFO_REQUESTED, **asked)
        with acting(None), transaction():
            assert digests.send_monthly(at=AT) == 1
        assert set(states(owner, "digest.partner")) == {"queued"}


class TestOrder:
    def queue(self, acting: Acting, *hours: int, kind: str = "statement.issued") -> None:
        to = mail.Recipient("compta@arvelia.example", "Hélène", "fr")
        for hour in hours:
            with acting(None), transaction():
                mail.queue(
                    kind,
                    to=[to],
                    purpose=hour,
                    at=AT + timedelta(hours=hour),
                    **{**CONTEXT, "number": f"R-{hour}"},
                )

    def test_keeps_a_later_mail_behind_one_that_the_relay_put_off(
        self, owner: Session, acting: Acting, relay: Relay, drain: Drain, due_now: Callable[[], None]
    ) -> None:
        relay.answers["RCPT"] = ["451 later"]
        self.queue(acting, 1, 2)
        drain("mail.send")
        due_now()
        drain("mail.send")
        due_now()
        drain("mail.send")
        subjects = [content.split(b"Message-ID")[1][:60] for content in relay.taken]
        owner.rollback()
        ids = owner.execute(select(Mail.message_id).order_by(Mail.queued_at)).scalars().all()
        assert [ids[0].encode() in subjects[0], ids[1].encode() in subjects[1]] == [True, True]

    def test_lets_the_next_leave_when_one_is_refused_for_good_and_tells_the_account_manager(
        self, owner: Session, acting: Acting, relay: Relay, drain: Drain, due_now: Callable[[], None]
    ) -> None:
        firm = factories.make_partner(owner)
        to = mail.Recipient("partie@arvelia.example", "Hélène", "fr")
        relay.answers["RCPT"] = ["550 no such user"]
        for hour in (1, 2):
            with acting(None), transaction():
                mail.queue(
                    "statement.issued", to=[to], purpose=hour, at=AT + timedelta(hours=hour),
                    partner_id=firm.id, **CONTEXT,
                )  # fmt: skip
        drain("mail.send")
        due_now()
        drain("mail.send")
        assert states(owner, "statement.issued") == [MailState.FAILED, MailState.SENT]
        assert states(owner, "mail.undelivered") == [MailState.SENT]
