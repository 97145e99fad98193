"""The pages of a close: each role sees what it may, each verb is its own, figures lead back to papers."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import closing, demo
from portal.db import transaction
from portal.ledger.models import JournalEntry
from portal.margin.models import MarginResult, MarginRun
from portal.periods.models import Period, PeriodState
from portal.statements.models import Statement
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.integration.margin_facts import arvelia
from tests.web.conftest import ClientFor
from tests.workers.conftest import Drain, context, drain

__all__ = ["context", "drain"]

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PERIOD = "FY26-H2"


@pytest.fixture
def firm(owner: Session) -> arvelia.Arvelia:
    return arvelia.arrange(owner)


@pytest.fixture
def people(owner: Session) -> dict[str, User]:
    roles = (Role.PROGRAMME_MANAGER, Role.FINANCE, Role.AUDITOR, Role.ADMIN, Role.SEGMENT_LEAD)
    return {role.value: factories.make_user(owner, role) for role in roles}


@pytest.fixture
def closed(acting: Acting, firm: arvelia.Arvelia, people: dict[str, User], drain: Drain) -> arvelia.Arvelia:
    """Everything issued and printed; mails wait."""
    manager, finance = people["programme_manager"], people["finance"]
    with acting(manager), transaction():
        closing.start_closing(period_code=PERIOD, actor_id=manager.id, at=AT)
    drain("margin.compute")
    with acting(manager), transaction():
        closing.propose_close(period_code=PERIOD, actor_id=manager.id, at=AT)
    with acting(finance), transaction():
        closing.approve_close(period_code=PERIOD, run_number=1, actor_id=finance.id, at=AT)
    drain("closing.issue", "statement.render")
    return firm


class TestClosePage:
    def test_leads_from_compute_to_approval_by_two_people(
        self,
        owner: Session,
        firm: arvelia.Arvelia,
        people: dict[str, User],
        client_for: ClientFor,
        drain: Drain,
    ) -> None:
        manager, finance = client_for(people["programme_manager"]), client_for(people["finance"])
        page = f"/staff/closing/{PERIOD}"
        assert manager.get(page).status_code == 200
        assert manager.send(f"{page}/compute").status_code == 303
        drain("margin.compute")
        assert "8 256,89" in manager.get(page).text.replace("\u202f", " ")
        assert finance.send(f"{page}/propose").status_code == 403
        assert manager.send(f"{page}/propose").status_code == 303
        assert manager.send(f"{page}/approve", {"run": "1"}).status_code == 403
        assert finance.send(f"{page}/return", {"reason": ""}).status_code == 422
        assert finance.send(f"{page}/approve", {"run": "1"}).status_code == 303
        owner.expire_all()
        assert owner.get_one(Period, firm.period.id).state is PeriodState.APPROVED

    def test_compares_a_run_with_the_one_before_and_opens_the_partners_behind_a_check(
        self, firm: arvelia.Arvelia, people: dict[str, User], client_for: ClientFor, drain: Drain
    ) -> None:
        manager, page = client_for(people["programme_manager"]), f"/staff/closing/{PERIOD}"
        for _twice in range(2):
            manager.send(f"{page}/compute")
            drain("margin.compute")
        assert "Chaque résultat est le même que dans le calcul n" in manager.get(page).text
        assert "P-00042" in manager.get(f"{page}/checks/no_bank").text
        assert manager.get(f"{page}/checks/pending").status_code == 404
        manager.send(f"{page}/propose")
        assert "proposé" in manager.get("/staff/closing").text

    def test_names_who_failed_and_why_and_completes_once_that_is_mended_and_tried_again(
        self,
        owner: Session,
        firm: arvelia.Arvelia,
        people: dict[str, User],
        client_for: ClientFor,
        drain: Drain,
    ) -> None:
        factories.make_partner(owner, code="P-00500", segment="ISV")
        manager, finance = client_for(people["programme_manager"]), client_for(people["finance"])
        page = f"/staff/closing/{PERIOD}"
        manager.send(f"{page}/compute")
        drain("margin.compute")
        shown = finance.get(page).text
        assert "P-00500" in shown and "Aucun plan n’est publié pour le segment ISV" in shown
        told = finance.get(f"{page}/progress/computing").json
        assert told is not None and (told["done"], told["total"], told["failed"]) == (2, 3, 1)
        assert "/retry" not in manager.get(page).text and f"{page}/compute" in manager.get(page).text
        manager.send(f"{page}/propose")
        assert (
            owner.execute(select(MarginRun.state).order_by(MarginRun.id)).scalars().all()[-1] == "computing"
        )

        plan = json.loads((Path(demo.__file__).parent / "plans" / "isv-fy26-h2.json").read_text())
        factories.make_plan(owner, firm.period, plan)
        retry = re.findall(r"/staff/work/[0-9a-f-]+/retry", shown)
        assert len(retry) == 1
        answer = finance.send(retry[0], {"close": PERIOD})
        assert (answer.status_code, answer.location) == (303, page)
        drain("margin.compute")
        assert "/retry" not in finance.get(page).text
        manager.send(f"{page}/propose")
        owner.rollback()
        assert owner.execute(select(MarginRun.state).order_by(MarginRun.id)).scalars().all()[-1] == "proposed"

    def test_tells_how_far_the_work_has_come(
        self, closed: arvelia.Arvelia, people: dict[str, User], client_for: ClientFor
    ) -> None:
        browser = client_for(people["finance"])
        answer = browser.get(f"/staff/closing/{PERIOD}/progress/printing")
        assert answer.json is not None
        assert (answer.json["done"], answer.json["total"], answer.json["state"]) == (2, 2, "finished")
        assert browser.get(f"/staff/closing/{PERIOD}/progress/dreaming").status_code == 404

    @pytest.mark.parametrize("state", ["rehearse", "reopen"])
    def test_gives_a_close_up_before_approval_only(
        self,
        owner: Session,
        closed: arvelia.Arvelia,
        people: dict[str, User],
        client_for: ClientFor,
        state: str,
    ) -> None:
        browser = client_for(people["programme_manager"])
        browser.send(f"/staff/closing/{PERIOD}/{state}")
        owner.expire_all()
        assert owner.get_one(Period, closed.period.id).state is PeriodState.CLOSED


class TestStatementPages:
    def test_show_the_paper_s_figures_and_open_their_claims(
        self, owner: Session, closed: arvelia.Arvelia, client_for: ClientFor
    ) -> None:
        statement = _statement(owner, closed)
        browser = client_for(closed.admin)
        page = (
            browser.get(f"/statements/{statement.public_id}").text.replace("\u202f", " ").replace("\xa0", " ")
        )
        assert "7 675,73 €" in page and "123,64 %" in page
        assert f"/claims/{closed.claims[1].public_id}" in page
        assert statement.number in browser.get("/statements").text

    def test_give_the_figures_in_three_formats(
        self, owner: Session, closed: arvelia.Arvelia, client_for: ClientFor
    ) -> None:
        statement, browser = _statement(owner, closed), client_for(closed.admin)
        url = f"/statements/{statement.public_id}"
        assert browser.get(f"{url}/pdf").data.startswith(b"%PDF-")
        answer = browser.get(f"{url}/json")
        assert answer.json is not None and answer.json["result"]["payable"] == "7675.73"
        assert "7675,73" in browser.get(f"{url}/csv").text

    def test_hide_another_firm_s_statement(
        self, owner: Session, closed: arvelia.Arvelia, client_for: ClientFor
    ) -> None:
        other = factories.make_partner(owner)
        browser = client_for(factories.make_user(owner, Role.PARTNER_ADMIN, partner=other))
        for what in ("", "/pdf", "/json", "/csv"):
            assert browser.get(f"/statements/{_statement(owner, closed).public_id}{what}").status_code == 404

    def test_can_be_verified_by_anybody_who_holds_the_paper(
        self, owner: Session, closed: arvelia.Arvelia, client_for: ClientFor
    ) -> None:
        statement, stranger = _statement(owner, closed), client_for(None)
        page = stranger.get(f"/verify/{statement.short_code.lower().replace('-', ' ')}").text
        assert statement.number in page and statement.document_sha256 in page
        assert "Arvélia" not in page and "7675" not in page
        assert stranger.get("/verify/0000-0000-0000").status_code == 404


class TestTrace:
    def test_leads_from_an_entry_to_the_claim_its_order_and_who_decided(
        self, owner: Session, closed: arvelia.Arvelia, people: dict[str, User], client_for: ClientFor
    ) -> None:
        auditor = client_for(people["auditor"])
        entry = owner.execute(
            select(JournalEntry).where(
                JournalEntry.kind == "earnings", JournalEntry.partner_id == closed.partner.id
            )
        ).scalar_one()
        assert f"/staff/ledger/{entry.public_id}" in auditor.get("/staff/ledger").text
        result_url = f"/staff/results/{entry.cause_id}"
        assert result_url in auditor.get(f"/staff/ledger/{entry.public_id}").text
        trace = auditor.get(result_url).text
        assert f"/staff/claims/{closed.claims[2].public_id}" in trace
        assert "CMD-2" in trace and f"/staff/ledger/{entry.public_id}" in trace

    def test_lists_every_partner_of_a_run(
        self, owner: Session, closed: arvelia.Arvelia, people: dict[str, User], client_for: ClientFor
    ) -> None:
        run = owner.execute(select(MarginRun).where(MarginRun.period_id == closed.period.id)).scalar_one()
        page = client_for(people["finance"]).get(f"/staff/results/run/{run.public_id}?sort=-payable").text
        assert page.index("P-00042") < page.index("P-00311")

    def test_is_not_a_partner_s_to_read(
        self, owner: Session, closed: arvelia.Arvelia, client_for: ClientFor
    ) -> None:
        result = owner.execute(
            select(MarginResult.id).where(MarginResult.partner_id == closed.partner.id)
        ).scalars()
        assert client_for(closed.admin).get(f"/staff/results/{result.all()[-1]}").status_code == 403


class TestBackRooms:
    @pytest.mark.parametrize(
        ("role", "path"),
        [
            ("auditor", "/staff/audit"),
            ("auditor", "/staff/audit?action=close&subject=run+1&who=personne"),
            ("finance", "/staff/work"),
            ("finance", "/staff/work?state=done"),
            ("admin", "/staff/mails"),
            ("admin", "/staff/mails?state=queued"),
            ("finance", "/staff/ledger?kind=earnings&partner=P-00042"),
            ("segment_lead", "/staff/closing"),
        ],
    )
    def test_open(
        self, closed: arvelia.Arvelia, people: dict[str, User], client_for: ClientFor, role: str, path: str
    ) -> None:
        assert client_for(people[role]).get(path).status_code == 200


def _statement(owner: Session, firm: arvelia.Arvelia) -> Statement:
    return owner.execute(select(Statement).where(Statement.partner_id == firm.partner.id)).scalar_one()
