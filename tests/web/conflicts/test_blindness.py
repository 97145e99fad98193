"""Delete everything of the other firm: not one answer to this one changes, byte for byte."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import clock, conflicts
from portal.catalogue.models import ReasonCode, ReasonKind
from portal.claims.models import Claim
from portal.claims.workflow import ClaimState
from portal.db import transaction
from portal.margin.crediting import match_and_credit
from portal.partners.models import Partner
from portal.users.models import Role, User
from tests import factories
from tests.architecture.test_routes import path_of, readers, rules
from tests.conftest import Acting
from tests.factories.people import AT
from tests.web.conftest import Browser, ClientFor

CHANGING = re.compile(
    r'(name="csrf_token"[^>]*value=")[^"]+|nonce="[^"]+"|(<meta name="csrf[^>]*content=")[^"]+'
)
MAILS = text("select kind, dedup, recipient, context::text, subject_of from ("
             "select m.*, '' as subject_of from mails m join users u on u.id = m.user_id"
             " where u.partner_id = :firm) m order by queued_at, dedup")  # fmt: skip

PEOPLE = "(select id from users where partner_id = :firm)"
OF_PARTNERS = """select table_name from information_schema.columns
  where column_name = 'partner_id' and table_schema = 'public'"""


class Firms:
    """Firms A and B, each with an administrator, on one project."""

    def __init__(self, owner: Session, *, order_of_b: str = "CMD-7") -> None:
        self.owner = owner
        period = factories.make_period(owner)
        factories.make_plan(owner, period)
        self.grid = factories.make_catalogue(owner)
        texts = {"label_fr": "Perdu", "label_en": "Lost", "cure_fr": "Remède", "cure_en": "Cure"}
        owner.add(ReasonCode(code="CONFLICT_LOST", kind=ReasonKind.REFUSAL, **texts))
        owner.commit()
        self.a, self.b = factories.make_partner(owner), factories.make_partner(owner, legal_name="Zyklamar")
        self.admin_a, self.admin_b = self.admin(self.a), self.admin(self.b)
        self.claim_a = self.claim(self.a, self.admin_a, "CMD-7")
        self.claim_b = self.claim(self.b, self.admin_b, order_of_b)
        self.order = factories.make_order_line(owner, order_no="CMD-7", named_partner_id=self.a.id)

    def admin(self, firm: Partner) -> User:
        return factories.make_user(self.owner, Role.PARTNER_ADMIN, partner=firm)

    def claim(self, firm: Partner, admin: User, order_no: str) -> Claim:
        return factories.make_claim(
            self.owner, firm, author=admin, state=ClaimState.IN_REVIEW, order_no=order_no,
            grid_id=self.grid.id, decide_by=AT.date().replace(day=30),
        )  # fmt: skip

    def forget_b(self) -> None:
        """Delete everything that firm B ever left in the database, as its owner can."""
        run = self.owner.execute
        tables = set(run(text(OF_PARTNERS)).scalars()) - {"users"}
        wanted = {
            **dict.fromkeys(tables, "partner_id = :firm"),
            "sessions": f"user_id in {PEOPLE}",
            "mails": f"partner_id = :firm or user_id in {PEOPLE}",
            "users": "partner_id = :firm",
            "partners": "id = :firm",
        }
        for table in wanted:
            run(text(f"alter table {table} disable trigger user"))
        left = wanted
        for _ in wanted:  # what others still refer to waits for them
            left = {table: rows for table, rows in left.items() if not self.deleted(table, rows)}
        assert not left
        for table in wanted:
            run(text(f"alter table {table} enable trigger user"))
        self.owner.commit()

    def deleted(self, table: str, rows: str) -> bool:
        """Whether nothing keeps these rows any longer."""
        try:
            with self.owner.begin_nested():
                self.owner.execute(text(f"delete from {table} where {rows}"), {"firm": self.b.id})
        except IntegrityError:
            return False
        return True


def answers(app: Flask, browser: Browser, firms: Firms, party_id: object) -> dict[str, bytes]:
    """Every page, list, search and export that firm A may open, and every mail to its people."""
    found: dict[str, bytes] = {}
    for rule in rules(app):
        if "GET" not in rule.methods or Role.PARTNER_ADMIN not in readers(app, rule):
            continue
        path = path_of(rule, party_id if rule.rule.startswith("/conflicts") else firms.claim_a.public_id)
        asked = ("?q=Client", f"?q={firms.b.legal_name}", "?q=CMD-7", "?export=csv", "?state=open")
        for query in ("", *(asked if path in ("/claims", "/search") else ())):
            answer = browser.get(path + query)
            words = CHANGING.sub("", answer.get_data(as_text=True))
            found[path + query] = f"{answer.status_code} {answer.headers.get('Location')} {words}".encode()
    for verb in ("withdraw", "answer", "appeal"):  # what a stale or untimely page is told
        answer = browser.send(f"/claims/{firms.claim_a.public_id}/{verb}", {"version": "0", "note": "x"})
        found[verb] = f"{answer.status_code} {CHANGING.sub('', answer.get_data(as_text=True))}".encode()
    for row in firms.owner.execute(MAILS, {"firm": firms.a.id}):
        found[f"mail {row.dedup}"] = repr(row).encode()
    firms.owner.rollback()
    return found


def answered_and_signed(do: Callable[..., None], firms: Firms) -> None:
    """B has answered, agreed to a split and signed; A has not."""
    party = firms.owner.execute(
        text("select public_id, id from conflict_parties where partner_id = :firm"), {"firm": firms.b.id}
    ).one()
    other = firms.owner.execute(
        text("select id from conflict_parties where partner_id = :firm"), {"firm": firms.a.id}
    ).scalar_one()
    conflict = firms.owner.execute(text("select public_id from conflicts")).scalar_one()
    firms.owner.rollback()
    do("lead", lambda lead: conflicts.offer_split(
        conflict=conflicts.get_conflict(conflict), actor_id=lead.id, at=AT,
        shares={party.id: conflicts.equal_shares([1, 2])[1], other: conflicts.equal_shares([1, 2])[2]},
    ))  # fmt: skip
    do("b", lambda admin: conflicts.answer_questionnaire(
        party=conflicts.get_party(party.public_id), actor_id=admin.id, at=AT,
        answers=conflicts.Answers(["DESIGN"], None, "M. X", "Étude", None, consents=True),
    ))  # fmt: skip
    do("b", lambda admin: conflicts.sign_split(
        party=conflicts.get_party(party.public_id), actor_id=admin.id, at=AT
    ))  # fmt: skip


def arbitrated(do: Callable[..., None], firms: Firms) -> None:
    """The lead gave A the whole."""
    rows = dict(firms.owner.execute(text("select partner_id, id from conflict_parties")).all())
    conflict = firms.owner.execute(text("select public_id from conflicts")).scalar_one()
    firms.owner.rollback()
    do("lead", lambda lead: conflicts.arbitrate(
        conflict=conflicts.get_conflict(conflict), actor_id=lead.id, at=AT, reasons="Étude antérieure.",
        shares={rows[firms.a.id]: conflicts.equal_shares([1])[1], rows[firms.b.id]: 0},
    ))  # fmt: skip


def only_suspected(do: Callable[..., None], firms: Firms) -> None:
    """The projects are alike, and nobody has yet said that they are one."""


class TestEveryAnswerToOneFirm:
    @pytest.mark.parametrize("moment", [None, only_suspected, answered_and_signed, arbitrated])
    def test_is_the_same_when_everything_of_the_other_is_deleted(
        self, app: Flask, client_for: ClientFor, owner: Session, acting: Acting, moment: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(clock, "now", lambda: AT)  # pages say the time of day
        firms = Firms(owner, order_of_b="CMD-8" if moment is only_suspected else "CMD-7")
        lead = factories.make_user(owner, Role.SEGMENT_LEAD)
        people = {"lead": lead, "b": firms.admin_b}

        def do(who: str, step: Callable[[User], None]) -> None:
            with acting(people[who]), transaction():
                step(people[who])

        claim_ids = [firms.claim_a.id, firms.claim_b.id]
        with acting(None), transaction():
            match_and_credit(claim_ids=claim_ids, at=AT)
            if moment:
                conflicts.look_for_conflicts(claim_ids=claim_ids, at=AT)
        party_id = "00000000-0000-0000-0000-000000000000"
        if moment:
            moment(do, firms)
            party_id = owner.execute(
                text("select public_id from conflict_parties where partner_id = :firm"), {"firm": firms.a.id}
            ).scalar_one()
            owner.rollback()
        browser = client_for(firms.admin_a)
        before = answers(app, browser, firms, party_id)
        told = b" ".join(body for path, body in before.items() if "Zyklamar" not in path)
        assert firms.b.code.encode() not in told
        told_of_it = moment not in (None, only_suspected)
        assert any(path.startswith("mail conflict.opened") for path in before) is told_of_it
        assert ("Une autre déclaration".encode() in told) is told_of_it
        firms.forget_b()
        after = answers(app, browser, firms, party_id)
        changed = [
            (path, before[path], after.get(path)) for path in before if before[path] != after.get(path)
        ]
        assert changed == []
        assert before.keys() == after.keys()
