"""The vendor's side: directory, portfolio, handovers, orders; by role, and in few queries."""

import io
import re
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal.claims.models import ClaimMatch
from portal.claims.workflow import ClaimState
from portal.db import db
from portal.partners.models import Partner
from portal.portfolio.models import Delegation, PamAssignment
from portal.users.models import Role, User
from tests import factories
from tests.web.conftest import Browser, ClientFor

HEADER = "order_no;version;reseller;customer_siren;family;amount;ordered_at;status"
LINE = "CMD-1;1;Distri;000000018;M365;9 000,00;2026-09-15;booked"


@pytest.fixture(autouse=True)
def _november(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's day, whatever the machine's is."""
    from portal import clock

    monkeypatch.setattr(clock, "now", lambda: factories.people.AT)


@pytest.fixture
def pam(owner: Session, app: Flask) -> User:
    return factories.make_pam(owner, name="Claire Vauquelin")


@pytest.fixture
def partner(owner: Session, pam: User) -> Partner:
    return factories.make_partner(owner, pam=pam, legal_name="Arvélia Conseil", search_name="arvelia conseil")


@pytest.fixture
def lead(owner: Session, app: Flask) -> User:
    return factories.make_user(owner, Role.SEGMENT_LEAD)


@pytest.fixture
def manager(owner: Session, app: Flask) -> User:
    return factories.make_user(owner, Role.PROGRAMME_MANAGER)


def count_queries(app: Flask, browser: Browser, path: str) -> int:
    statements: list[str] = []

    def count(*args: object) -> None:
        statements.append(str(args[2]))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", count)
    assert browser.get(path).status_code == 200
    event.remove(engine, "before_cursor_execute", count)
    return len(statements)


class TestDirectory:
    def test_finds_by_name_without_accents_code_and_siren(
        self, partner: Partner, lead: User, client_for: ClientFor
    ) -> None:
        browser = client_for(lead)
        for words in ("arvelia", "Arvélia", partner.code, partner.siren, partner.siren[:6]):
            page = browser.get("/staff/partners", query_string={"q": words}).get_data(as_text=True)
            assert "Arvélia Conseil" in page, words
        assert "Claire Vauquelin" in browser.get("/staff/partners").get_data(as_text=True)
        assert "Arvélia" not in browser.get("/staff/partners?q=zzz").get_data(as_text=True)
        assert browser.get("/staff/partners?segment=X&page=99&sort=-nothing&page=x").status_code == 200

    def test_is_closed_to_firms(self, partner: Partner, owner: Session, client_for: ClientFor) -> None:
        browser = client_for(factories.make_user(owner, Role.PARTNER_ADMIN, partner=partner))
        for path in (
            "/staff/partners",
            f"/staff/partners/{partner.public_id}",
            "/staff/portfolio",
            "/staff/orders",
        ):
            assert browser.get(path).status_code == 403, path

    @pytest.mark.parametrize("path", ["/staff/partners", "/staff/portfolio"])
    def test_asks_as_often_for_thirty_firms_as_for_one(
        self, partner: Partner, pam: User, owner: Session, client_for: ClientFor, app: Flask, path: str
    ) -> None:
        factories.make_plan(owner, factories.make_period(owner))
        browser = client_for(pam)
        few = count_queries(app, browser, path)
        for _ in range(29):
            factories.make_partner(owner, pam=pam)
        assert count_queries(app, browser, path) == few


class TestPartnerPage:
    def test_shows_figures_to_the_pam_and_only_the_card_to_another(
        self, partner: Partner, pam: User, owner: Session, client_for: ClientFor
    ) -> None:
        factories.make_plan(owner, factories.make_period(owner))
        path = f"/staff/partners/{partner.public_id}"
        assert "de marge acquise" in client_for(pam).get(path).get_data(as_text=True)
        other = client_for(factories.make_pam(owner)).get(path).get_data(as_text=True)
        assert "Claire Vauquelin" in other
        assert "de marge acquise" not in other

    def test_hands_the_firm_over(
        self, partner: Partner, lead: User, owner: Session, client_for: ClientFor
    ) -> None:
        other, browser = factories.make_pam(owner), client_for(lead)
        path = f"/staff/partners/{partner.public_id}/pam"
        given = {"pam": str(other.id), "starts_on": "01/12/2026", "reason": "réorganisation"}
        answer = browser.send(path, {**given, "starts_on": "22/11/2026"})
        assert answer.status_code == 422
        assert "Une passation commence aujourd’hui" in answer.get_data(as_text=True)
        assert "réorganisation" in answer.get_data(as_text=True)
        assert browser.send(path, given).status_code == 303
        rows = owner.execute(
            select(PamAssignment.pam_id, PamAssignment.ends_before)
            .where(PamAssignment.partner_id == partner.id)
            .order_by(PamAssignment.starts_on)
        ).all()
        assert [tuple(row) for row in rows][1:] == [(other.id, None)]
        assert rows[0].ends_before == date(2026, 12, 1)

    def test_is_not_for_a_pam_to_hand_over(self, partner: Partner, pam: User, client_for: ClientFor) -> None:
        assert client_for(pam).send(f"/staff/partners/{partner.public_id}/pam").status_code == 403

    def test_sets_an_objective_with_amounts_as_on_paper(
        self, partner: Partner, manager: User, owner: Session, client_for: ClientFor
    ) -> None:
        factories.make_period(owner)
        browser, path = client_for(manager), f"/staff/partners/{partner.public_id}/objective"
        given = {"period": "FY27-H1", "target": "150 000,00"}
        assert browser.send(path, {**given, "target": "-1"}).status_code == 422
        assert browser.send(path, given).status_code == 303
        answer = browser.send(path, given)
        assert answer.status_code == 422  # a second version needs its reason
        assert "150 000,00" in answer.get_data(as_text=True).replace("\u202f", " ")
        assert browser.send(path, {**given, "reason": "rachat"}).status_code == 303

    def test_of_nobody_is_not_found(self, lead: User, client_for: ClientFor) -> None:
        assert client_for(lead).get("/staff/partners/00000000-0000-4000-8000-000000000000").status_code == 404


class TestPortfolio:
    def test_belongs_to_its_pam_and_to_leads(
        self, partner: Partner, pam: User, lead: User, owner: Session, client_for: ClientFor
    ) -> None:
        factories.make_plan(owner, factories.make_period(owner))
        path = f"/staff/portfolio/{pam.public_id}"
        assert "Arvélia Conseil" in client_for(pam).get("/staff/portfolio").get_data(as_text=True)
        assert "Arvélia Conseil" in client_for(lead).get(path).get_data(as_text=True)
        assert "Claire Vauquelin" in client_for(lead).get("/staff/portfolio").get_data(as_text=True)
        assert client_for(factories.make_pam(owner)).get(path).status_code == 404

    def test_says_who_answers_during_an_absence(
        self, partner: Partner, pam: User, lead: User, owner: Session, client_for: ClientFor
    ) -> None:
        deputy, browser = factories.make_pam(owner, name="Marc Delorme"), client_for(pam)
        path = f"/staff/portfolio/{pam.public_id}/absence"
        given = {"deputy": str(deputy.id), "starts_on": "23/11/2026", "last_day": "27/11/2026"}
        assert browser.send(path, {**given, "last_day": "22/11/2026"}).status_code == 422
        assert client_for(deputy).send(path, given).status_code == 404
        assert client_for(lead).send(path, given).status_code == 303, "a lead notes it for who cannot"
        again = browser.send(path, given)
        assert again.status_code == 422
        assert "déjà prévue" in again.get_data(as_text=True)
        firm = factories.make_user(owner, Role.PARTNER_ADMIN, partner=partner)
        home = client_for(firm).get("/").get_data(as_text=True)
        assert "En absence jusqu’au 27 novembre" in home
        assert "Marc Delorme" in home
        absence = owner.execute(select(Delegation.id)).scalar_one()
        owner.rollback()
        assert client_for(deputy).send(f"{path}/{absence}/end").status_code == 404
        assert browser.send(f"{path}/{absence}/end").status_code == 303
        assert owner.execute(select(Delegation.id)).all() == []


class TestOrders:
    @pytest.fixture
    def catalogue(self, owner: Session, app: Flask) -> int:
        factories.make_plan(owner, factories.make_period(owner))
        return factories.make_catalogue(owner).id

    def check(self, browser: Browser, content: str | bytes) -> tuple[int, str]:
        content = content.encode() if isinstance(content, str) else content
        file = (io.BytesIO(content), "commandes.csv")
        answer = browser.send("/staff/orders/import", {"file": file}, content_type="multipart/form-data")
        return answer.status_code, answer.get_data(as_text=True)

    def test_are_checked_then_confirmed_then_credited(
        self, catalogue: int, partner: Partner, manager: User, owner: Session, client_for: ClientFor
    ) -> None:
        factories.make_claim(owner, partner, state=ClaimState.APPROVED, grid_id=catalogue)
        browser = client_for(manager)
        status, page = self.check(browser, f"{HEADER}\n{LINE}\n")
        assert status == 200
        sha256 = page.split('name="sha256" value="')[1].split('"')[0]
        assert owner.execute(select(ClaimMatch.id)).all() == []
        owner.rollback()
        answer = browser.send("/staff/orders/import/confirm", {"sha256": sha256, "name": "commandes.csv"})
        assert answer.status_code == 303
        assert str(owner.execute(select(ClaimMatch.credited_amount)).scalar_one()) == "5850.00"
        assert "CMD-1" in browser.get(answer.location).get_data(as_text=True)
        status, _ = self.check(browser, f"{HEADER}\n{LINE}\n")
        assert status == 303  # the very same file: nothing to do

    def test_with_a_fault_name_the_line_and_the_cure(
        self, catalogue: int, manager: User, client_for: ClientFor
    ) -> None:
        status, page = self.check(
            client_for(manager), f"{HEADER}\n{LINE}\n{LINE.replace('9 000,00', '12,345.67')}\n"
        )
        assert status == 422
        assert "12,345.67 a deux points ou virgules" in page
        assert '<td class="n">3</td>' in page

    def test_without_a_file_or_with_anything_else_are_refused(
        self, catalogue: int, manager: User, client_for: ClientFor
    ) -> None:
        browser = client_for(manager)
        assert browser.send("/staff/orders/import").status_code == 422
        for content in (b"", b"\x00\x01\x02", b"PK\x03\x04", "société;commande\n".encode("cp1252")):
            assert self.check(browser, content)[0] == 422, content
        answer = browser.send("/staff/orders/import/confirm", {"sha256": "0" * 64, "name": "x"})
        assert answer.status_code == 404

    def test_can_start_from_the_sample(
        self, catalogue: int, owner: Session, manager: User, client_for: ClientFor
    ) -> None:
        factories.make_partner(owner, code="P-00042")
        browser = client_for(manager)
        sample = browser.get("/staff/orders/sample.csv")
        assert self.check(browser, sample.get_data())[0] == 200

    def test_are_imported_by_those_who_may(
        self, catalogue: int, pam: User, lead: User, client_for: ClientFor
    ) -> None:
        for person in (pam, lead):
            browser = client_for(person)
            assert browser.get("/staff/orders").status_code == 200
            assert browser.get("/staff/orders/import").status_code == 403
            assert browser.send("/staff/orders/import/confirm").status_code == 403


class TestOrganisation:
    def test_hands_a_whole_portfolio_over_and_says_what_was_not(
        self, owner: Session, client_for: ClientFor, lead: User, pam: User, partner: Partner
    ) -> None:
        coming, later = factories.make_pam(owner), factories.make_pam(owner, name="Marc Delorme")
        browser, path = client_for(lead), f"/staff/portfolio/{pam.public_id}/hand-over"
        assert partner.legal_name in browser.get(path).get_data(as_text=True)
        form = {
            "partners": [str(partner.id)],
            "pam": str(coming.id),
            "starts_on": "2026-11-23",
            "reason": "Mobilité",
        }
        assert browser.send(path, {**form, "partners": []}).status_code == 422
        ahead = {**form, "pam": str(later.id), "starts_on": "2026-12-05"}
        assert browser.send(path, ahead).status_code == 303
        assert "déjà confié à Marc Delorme à compter du 5 décembre 2026" in browser.get(path).text
        assert browser.send(path, form).status_code == 303
        follows = select(PamAssignment.pam_id).order_by(PamAssignment.starts_on.desc()).limit(2)
        assert list(owner.execute(follows).scalars()) == [later.id, coming.id], "what is dated later stays"

    def test_shows_a_lead_how_the_clocks_of_the_team_run(
        self, owner: Session, client_for: ClientFor, lead: User, pam: User, partner: Partner
    ) -> None:
        factories.make_pam(owner, name="Sans dossier")
        page = client_for(lead).get("/staff/portfolio")
        assert page.status_code == 200
        assert "Sans dossier" in page.get_data(as_text=True)

    def test_shows_a_reorganisation_before_it_is_done_and_takes_it_back(
        self, owner: Session, client_for: ClientFor, lead: User, pam: User, partner: Partner
    ) -> None:
        coming = factories.make_pam(owner)
        browser = client_for(lead)
        file = (
            browser.get("/staff/reorganisations/current.csv")
            .get_data()
            .replace(pam.email.encode(), coming.email.encode())
        )
        sent = {"file": (io.BytesIO(file), "reorg.csv")}
        page = browser.send("/staff/reorganisations/import", sent, content_type="multipart/form-data")
        found = re.search(r'name="sha256" value="(\w+)"', page.get_data(as_text=True))
        assert found
        assert "PAM dédiés, jusqu’à 1" in page.text
        done = browser.send("/staff/reorganisations/confirm", {"sha256": found[1], "name": "reorg.csv"})
        assert done.status_code == 303
        assert browser.get(done.location).status_code == 200
        browser.send(f"{done.location}/undo")
        owner.rollback()
        rows = owner.execute(
            select(PamAssignment.pam_id).where(PamAssignment.partner_id == partner.id)
        ).scalars()
        assert list(rows) == [pam.id]

    def test_keeps_a_pam_who_follows_partners_or_answers_for_somebody(
        self, owner: Session, client_for: ClientFor, pam: User, partner: Partner
    ) -> None:
        admin = factories.make_user(owner, Role.ADMIN)
        deputy = factories.make_pam(owner)
        days = {
            "starts_on": date(2026, 1, 1),
            "ends_before": date(2999, 1, 1),
            "created_at": factories.people.AT,
        }
        owner.add(Delegation(pam_id=pam.id, deputy_id=deputy.id, **days))
        owner.commit()
        browser = client_for(admin)
        for person in (pam, deputy):
            browser.send(f"/staff/users/{person.public_id}/leave")
        owner.expire_all()
        assert {owner.get_one(User, one.id).state for one in (pam, deputy)} == {"active"}

    def test_lets_a_firm_join_and_leave_and_keeps_what_it_was_promised(
        self, owner: Session, client_for: ClientFor, lead: User, pam: User, partner: Partner
    ) -> None:
        browser = client_for(lead)
        joining = {
            "code": "P-90001", "siren": factories.people.siren(90001), "legal_name": "Nouvelle Évrane",
            "segment": "VAR", "coverage": "TELE", "pam": str(pam.id), "starts_on": "2026-11-23",
        }  # fmt: skip
        made = browser.send("/staff/partners/new", joining)
        assert made.status_code == 303
        assert browser.send("/staff/partners/new", joining).status_code == 422
        browser.send(f"{made.location}/promises", {"words": "Une démonstration", "due_on": "01/12/2026"})
        assert "Une démonstration" in browser.get(made.location).get_data(as_text=True)
        assert browser.send(f"{made.location}/departure", {"last_day": "2026-12-31"}).status_code == 303
        ends = select(Partner.ends_before).where(Partner.code == "P-90001")
        assert owner.execute(ends).scalar() == date(2027, 1, 1)
