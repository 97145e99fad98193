"""A firm asks where its transaction is, declares an order that names it, and staff read three revenues."""

from datetime import date
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock, inquiries
from portal.calendar import PeriodCode
from portal.claims.models import Claim
from portal.claims.workflow import ClaimState
from portal.db import transaction
from portal.margin.crediting import match_and_credit
from portal.margin.revenue import revenue_of
from portal.partners.models import Partner
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.factories.people import AT
from tests.web.conftest import ClientFor


@pytest.fixture
def pam(owner: Session, database: str) -> User:
    return factories.make_pam(owner)


@pytest.fixture
def firm(owner: Session, pam: User) -> Partner:
    factories.make_plan(owner, factories.make_period(owner))
    return factories.make_partner(owner, pam=pam)


@pytest.fixture
def admin(owner: Session, firm: Partner) -> User:
    return factories.make_user(owner, Role.PARTNER_ADMIN, partner=firm)


@pytest.fixture
def claim(owner: Session, firm: Partner, admin: User) -> Claim:
    grid = factories.make_catalogue(owner)
    return factories.make_claim(owner, firm, author=admin, state=ClaimState.APPROVED, grid_id=grid.id)


def rows(owner: Session, query: str) -> list[tuple[object, ...]]:
    found = [tuple(row) for row in owner.execute(text(query))]
    owner.rollback()
    return found


class TestAskingWhereTheTransactionIs:
    def test_goes_to_the_account_manager_and_back_with_a_clock(
        self, owner: Session, client_for: ClientFor, claim: Claim, admin: User, pam: User
    ) -> None:
        firm = client_for(admin)
        assert b"/inquiries/of/" in firm.get(f"/claims/{claim.public_id}").data
        asked = firm.send(
            f"/inquiries/of/{claim.public_id}", {"asked_of": "pam", "words": "Quelle commande ?"}
        )
        assert asked.status_code == 303
        again = firm.send(f"/inquiries/of/{claim.public_id}", {"asked_of": "pam", "words": "Encore"})
        assert again.status_code == 422
        ((public_id, state),) = rows(owner, "select public_id, state from inquiries")
        assert state == "open"
        desk = client_for(pam)
        assert claim.reference in desk.get("/staff/inquiries").get_data(as_text=True)
        assert "Quelle commande" in desk.get(f"/staff/inquiries/{public_id}").get_data(as_text=True)
        assert desk.send(f"/staff/inquiries/{public_id}/answer", {"words": "V26"}).status_code == 303
        assert "V26" in firm.get(f"/inquiries/{public_id}").get_data(as_text=True)
        assert firm.send(f"/inquiries/{public_id}/close").status_code == 303
        assert rows(owner, "select state from inquiries") == [("closed",)]
        kinds = rows(
            owner, "select kind, user_id from mails where kind like 'inquiry%' order by queued_at, id"
        )
        assert sorted(kinds) == [("inquiry.answered", admin.id), ("inquiry.asked", pam.id)]

    def test_goes_to_the_reseller_by_the_workers(
        self, owner: Session, client_for: ClientFor, acting: Acting, claim: Claim, admin: User
    ) -> None:
        form = {
            "asked_of": "reseller", "words": "Quel numéro ?", "contact_name": "A. Revend",
            "contact_email": "a@revendeur.example",
        }  # fmt: skip
        browser = client_for(admin)
        missing = browser.send(f"/inquiries/of/{claim.public_id}", {**form, "contact_email": ""})
        assert missing.status_code == 422
        assert browser.send(f"/inquiries/of/{claim.public_id}", form).status_code == 303
        ((subject,),) = rows(owner, "select subject from work_items where kind = 'inquiries.write'")
        with acting(None), transaction():
            inquiries.write_to_reseller(inquiry_id=int(str(subject)), at=AT)
        sent = rows(owner, "select recipient from mails where kind = 'inquiry.reseller'")
        assert sent == [("a@revendeur.example",)]

    def test_is_reminded_of_once_when_late(
        self, owner: Session, acting: Acting, claim: Claim, admin: User
    ) -> None:
        with acting(admin), transaction():
            inquiries.ask_inquiry(
                claim=claim, asked_of=inquiries.AskedOf.PAM, words="?", actor_id=admin.id, at=AT
            )
        late = AT.replace(month=12, day=20)
        with acting(None), transaction():
            assert [inquiries.remind_of_inquiries(at=late) for _ in range(2)] == [1, 0]

    def test_has_one_open_question_for_a_claim_at_most(
        self, owner: Session, database: str, claim: Claim, admin: User
    ) -> None:
        insert = (
            "insert into inquiries (partner_id, claim_id, asked_of, due_on, asked_by_id, asked_at)"
            " values (%s, %s, 'pam', '2026-12-01', %s, now())"
        )
        with psycopg.connect(database) as connection, pytest.raises(psycopg.errors.UniqueViolation):
            for _ in range(2):
                connection.execute(insert, [claim.partner_id, claim.id, admin.id])


class TestOrdersThatNameTheFirm:
    def test_become_a_draft_at_one_press(
        self,
        owner: Session,
        client_for: ClientFor,
        claim: Claim,
        firm: Partner,
        admin: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(clock, "today", lambda: date(2026, 10, 1))
        for family, amount in (("M365", "100.00"), ("SQL", "50.00")):
            factories.make_order_line(
                owner, order_no="CMD-9", line_no=1 + (family == "SQL"), family=family, amount=amount,
                named_partner_id=firm.id,
            )  # fmt: skip
        browser = client_for(admin)
        assert "CMD-9" in browser.get("/orders").get_data(as_text=True)
        assert browser.send("/orders/declare", {"order_no": "CMD-404"}).status_code == 404
        assert browser.send("/orders/declare", {"order_no": "CMD-9"}).status_code == 303
        drafts = rows(owner, "select order_no, customer_siren from claims where state = 'draft'")
        assert drafts == [("CMD-9", "000000018")]
        lines = rows(
            owner,
            "select family, declared_amount from claim_lines l join claims c on c.id = l.claim_id"
            " where c.state = 'draft' order by family",
        )
        assert lines == [("M365", Decimal("100.00")), ("SQL", Decimal("50.00"))]
        assert "CMD-9" not in browser.get("/orders").get_data(as_text=True)


class TestRevenue:
    def test_tells_three_measures_apart(
        self, owner: Session, acting: Acting, client_for: ClientFor, claim: Claim, firm: Partner
    ) -> None:
        seller = factories.make_partner(owner)
        factories.make_order_line(owner, order_no="CMD-1", amount="8000.00", reseller_id=seller.id)
        lead = factories.make_user(owner, Role.SEGMENT_LEAD)
        with acting(None), transaction():
            match_and_credit(claim_ids=[claim.id], at=AT)
        with acting(lead):
            found = {row.code: row for row in revenue_of(PeriodCode.parse("FY27-H1"))}
        amounts = {code: (row.sourced, row.influenced, row.transacted) for code, row in found.items()}
        assert amounts == {
            firm.code: (Decimal("8000.00"), Decimal("8000.00"), Decimal("0.00")),
            seller.code: (Decimal("0.00"), Decimal("0.00"), Decimal("8000.00")),
        }
        browser = client_for(lead)
        assert browser.get("/staff/revenue").status_code == 200
        assert b"8000" in browser.get("/staff/revenue?period=FY27-H1&export=csv").data
