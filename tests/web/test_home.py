"""A firm's home says who, how much and what next, whatever there is to say."""

import re

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from portal.claims.workflow import ClaimState
from portal.db import db
from portal.periods import Period, PeriodState
from portal.users.models import Role
from tests import factories
from tests.factories import measure
from tests.integration.margin_facts.arvelia import DATES, Arvelia, arrange
from tests.web.conftest import ClientFor


@pytest.fixture
def arvelia(owner: Session, app: Flask) -> Arvelia:
    found = arrange(owner)
    owner.execute(update(Period).values(state=PeriodState.APPROVED))
    now = factories.make_period(owner, "FY27-H1")
    factories.make_plan(owner, now)
    measure.make_objective(owner, found.partner, now, "150000.00")
    return found


@pytest.fixture(autouse=True)
def _november(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's day, whatever the machine's is."""
    from portal import clock

    monkeypatch.setattr(clock, "now", lambda: factories.people.AT)


def words(text: str) -> str:
    return text.replace("\u202f", " ").replace("\xa0", " ")


class TestHome:
    def test_names_the_pam_and_gives_the_periods_figures(
        self, arvelia: Arvelia, owner: Session, client_for: ClientFor
    ) -> None:
        page = words(client_for(arvelia.admin).get("/").get_data(as_text=True))
        assert "Votre PAM" in page
        assert "30 000,00 €" not in page
        assert "19 500,00 €</b> vous sont crédités, soit <b>13,00 %</b> de votre objectif" in page  # claim 7
        assert "Objectif de 150 000,00 €" in page

    def test_lists_what_waits_for_the_firm(
        self, arvelia: Arvelia, owner: Session, client_for: ClientFor
    ) -> None:
        grid_id = arvelia.claims[1].grid_id
        factories.make_claim(
            owner,
            arvelia.partner,
            state=ClaimState.INFO_REQUESTED,
            reference="D-FY27-000777",
            grid_id=grid_id,
            **DATES,
        )
        factories.make_order_line(
            owner, named_partner_id=arvelia.partner.id, order_no="V-1", amount="41300.00"
        )
        page = words(client_for(arvelia.admin).get("/").get_data(as_text=True))
        assert "D-FY27-000777" in page
        assert "jusqu’au 8 décembre" in page
        assert "1 commande, 41 300,00 €" in page

    def test_greets_a_firm_that_has_nothing_yet(
        self, arvelia: Arvelia, owner: Session, client_for: ClientFor
    ) -> None:
        newcomer = factories.make_partner(owner)
        admin = factories.make_user(owner, Role.PARTNER_ADMIN, partner=newcomer, locale="en")
        page = client_for(admin).get("/").get_data(as_text=True)
        assert "Nothing is credited to you yet" in page
        assert "Nothing waits for you." in page
        assert "Your first statement comes at the close" in page

    def test_asks_the_database_the_same_number_of_times_whatever_it_shows(
        self, arvelia: Arvelia, owner: Session, client_for: ClientFor, app: Flask
    ) -> None:
        browser, counts = client_for(arvelia.admin), []
        with app.app_context():
            engine = db.engine
        for more in (0, 8):
            for number in range(more):
                claim = factories.make_claim(
                    owner, arvelia.partner, state=ClaimState.APPROVED, grid_id=arvelia.claims[1].grid_id,
                    amounts=(("SQL", "10.00"),), order_no=f"N-{number}",
                )  # fmt: skip
                if number % 2:
                    measure.make_ordered(owner, claim, "10.00", "SQL", order_no=f"N-{number}")
            statements: list[str] = []

            def count(*args: object, to: list[str] = statements) -> None:
                to.append(str(args[2]))

            event.listen(engine, "before_cursor_execute", count)
            assert browser.get("/").status_code == 200
            event.remove(engine, "before_cursor_execute", count)
            counts.append(len(statements))
        assert counts[0] == counts[1]
        assert counts[0] <= 40


class TestProvisionalStatement:
    def test_holds_the_parts_of_the_paper_with_todays_figures(
        self, arvelia: Arvelia, client_for: ClientFor
    ) -> None:
        page = words(client_for(arvelia.admin).get("/statements/provisional").get_data(as_text=True))
        assert "Relevé provisoire de marges arrières" in page
        assert "Vous en êtes à <b>13,00 %</b> de votre objectif" in page
        assert "19 500,00" in page
        assert f'<a href="/claims/{arvelia.claims[7].public_id}">{arvelia.claims[7].reference}</a>' in page
        assert '<a href="#s6">partie 6</a>' in page, "each figure leads to its operands"
        assert 'aria-label="6 Le calcul' in page
        assert "QR" not in page

    def test_is_there_for_a_period_that_has_ended_until_its_close_is_approved(
        self, arvelia: Arvelia, owner: Session, client_for: ClientFor
    ) -> None:
        ended = owner.execute(select(Period).where(Period.code == "FY26-H2")).scalar_one()
        ended.state = PeriodState.COMPUTED
        owner.commit()
        browser = client_for(arvelia.admin)
        assert 'aria-current="page">Second semestre FY26' in words(
            browser.get("/statements/provisional").text
        )
        page = words(browser.get("/statements/provisional?period=FY27-H1").text)
        assert "19 500,00" in page and "/statements/provisional?period=FY26-H2" in page
        ended.state = PeriodState.APPROVED
        owner.commit()
        assert "19 500,00" in words(browser.get("/statements/provisional?period=FY26-H2").text)

    def test_is_read_by_staff_and_by_no_other_firm(
        self, arvelia: Arvelia, owner: Session, client_for: ClientFor
    ) -> None:
        path = f"/statements/provisional/{arvelia.partner.public_id}"
        for role in (Role.SEGMENT_LEAD, Role.PROGRAMME_MANAGER, Role.FINANCE, Role.AUDITOR):
            assert client_for(factories.make_user(owner, role)).get(path).status_code == 200
        stranger = factories.make_user(owner, Role.PARTNER_ADMIN, partner=factories.make_partner(owner))
        assert client_for(stranger).get(path).status_code == 404
        assert client_for(stranger).get("/statements/provisional").status_code == 200

    def test_says_that_there_are_no_figures_where_there_is_no_plan(
        self, owner: Session, client_for: ClientFor
    ) -> None:
        factories.make_catalogue(owner)
        factories.make_period(owner, "FY27-H1")
        admin = factories.make_user(owner, Role.PARTNER_ADMIN, partner=factories.make_partner(owner))
        answer = client_for(admin).get("/statements/provisional")
        assert answer.status_code == 404
        assert "Pas encore de chiffres." in answer.get_data(as_text=True)


class TestObjectives:
    def test_are_accepted_by_the_administrator_once(
        self, arvelia: Arvelia, owner: Session, client_for: ClientFor
    ) -> None:
        browser = client_for(arvelia.admin)
        page = browser.get("/objectives").get_data(as_text=True)
        path = page.split('action="/objectives/')[1].split('"')[0]
        assert browser.send(f"/objectives/{path}").status_code == 422
        assert browser.send(f"/objectives/{path}", {"agreed": "y"}).status_code == 303
        assert browser.send(f"/objectives/{path}", {"agreed": "y"}).status_code == 422
        page = browser.get("/objectives").get_data(as_text=True)
        assert re.search(r"accepté le 23 novembre 2026 à \d\d:\d\d par", page)

    def test_are_only_read_by_other_members(
        self, arvelia: Arvelia, owner: Session, client_for: ClientFor
    ) -> None:
        member = factories.make_user(owner, Role.PARTNER_MEMBER, partner=arvelia.partner)
        browser = client_for(member)
        assert "/accept" not in browser.get("/objectives").get_data(as_text=True)
        found = client_for(arvelia.admin).get("/objectives").get_data(as_text=True)
        path = found.split('action="/objectives/')[1].split('"')[0]
        assert browser.send(f"/objectives/{path}", {"agreed": "y"}).status_code == 403

    def test_of_another_firm_are_not_found(
        self, arvelia: Arvelia, owner: Session, client_for: ClientFor
    ) -> None:
        stranger = factories.make_user(owner, Role.PARTNER_ADMIN, partner=factories.make_partner(owner))
        found = client_for(arvelia.admin).get("/objectives").get_data(as_text=True)
        path = found.split('action="/objectives/')[1].split('"')[0]
        assert client_for(stranger).send(f"/objectives/{path}", {"agreed": "y"}).status_code == 404


class TestSearch:
    def test_leads_straight_to_a_reference(self, arvelia: Arvelia, client_for: ClientFor) -> None:
        answer = client_for(arvelia.admin).get("/search?q=d-fy26-000003")
        assert (answer.status_code, "/claims/" in answer.location) == (303, True)

    def test_finds_by_siren_and_says_when_nothing_is_found(
        self, arvelia: Arvelia, client_for: ClientFor
    ) -> None:
        browser = client_for(arvelia.admin)
        assert "D-FY26-000001" in browser.get("/search?q=000 000 018").get_data(as_text=True)
        assert "Rien ne mentionne ces mots" in browser.get("/search?q=zzz").get_data(as_text=True)
        assert browser.get("/search").status_code == 200

    def test_shows_a_firm_nothing_of_another(
        self, arvelia: Arvelia, owner: Session, client_for: ClientFor
    ) -> None:
        stranger = factories.make_user(owner, Role.PARTNER_ADMIN, partner=factories.make_partner(owner))
        for words_ in ("D-FY26-000003", "P-00042", "CMD-1", "000000018"):
            page = client_for(stranger).get(f"/search?q={words_}")
            assert page.status_code == 200
            assert 'href="/claims/' not in page.get_data(as_text=True)
            assert "Arvélia" not in page.get_data(as_text=True)
