"""A plan tried on the past, and what a firm sees of a coming one, as browsers do it."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.margin.models import PlanVersion
from portal.partners.models import Partner
from portal.planning.models import PlanAcknowledgement, Simulation, SimulationResult
from portal.users.models import Role, User
from tests import factories
from tests.web.conftest import ClientFor
from tests.web.plans.conftest import House, a_document

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def firm(owner: Session, house: House) -> Partner:
    return factories.make_partner(owner, legal_name="=Cmd & Cie")


@pytest.fixture
def admin(owner: Session, firm: Partner) -> User:
    return factories.make_user(owner, Role.PARTNER_ADMIN, partner=firm)


@pytest.fixture
def simulation(owner: Session, house: House, firm: Partner) -> Simulation:
    """Of one partner, who would earn more."""
    made = Simulation(
        plan_id=house.plan.id, period_id=house.period.id, document=house.plan.document, partners=1,
        started_by_id=house.writer.id, started_at=AT,
    )  # fmt: skip
    owner.add(made)
    owner.flush()
    owner.add(
        SimulationResult(
            simulation_id=made.id, partner_id=firm.id, credited=Decimal("1000.00"), attainment=Decimal("80.00"),
            before=Decimal("10.00"), after=Decimal("25.50"), components=[{"code": "C1", "amount": "25.50", "passed": True}],
            gates=[{"of": None, "place": 0, "passed": False}, {"of": "C1", "place": 0, "passed": True}],
        )
    )  # fmt: skip
    owner.commit()
    owner.refresh(made)
    return made


def address(simulation: Simulation, more: str = "") -> str:
    return f"/staff/plans/simulations/{simulation.public_id}{more}"


class TestSimulations:
    def test_begin_from_the_plans_page(
        self, client_for: ClientFor, owner: Session, house: House, firm: Partner
    ) -> None:
        url = f"/staff/plans/{house.plan.public_id}/simulate"
        answer = client_for(house.writer).send(url, {"period": house.period.code})
        made = owner.execute(select(Simulation)).scalar_one()
        assert (answer.location, made.partners) == (address(made), 1)
        browser = client_for(house.writer)
        assert "data-progress" in browser.get(address(made)).get_data(as_text=True)
        progress = browser.get(address(made, "/progress")).json
        assert progress == {"count": "0 sur 1", "done": 0, "failed": 0, "state": "running", "total": 1}
        assert browser.get(address(made, ".csv")).status_code == 303
        assert address(made) in browser.get(f"/staff/plans/{house.plan.public_id}").get_data(as_text=True)

    def test_are_begun_by_the_programme_alone(
        self, client_for: ClientFor, house: House, firm: Partner
    ) -> None:
        url = f"/staff/plans/{house.plan.public_id}/simulate"
        assert client_for(house.finance).send(url, {"period": house.period.code}).status_code == 403

    def test_show_winners_losers_and_gates_nobody_passed(
        self, client_for: ClientFor, house: House, simulation: Simulation
    ) -> None:
        browser = client_for(house.finance)
        page = browser.get(address(simulation)).get_data(as_text=True)
        assert "personne ne l’aurait remplie" in page
        assert "Cmd &amp; Cie" in page
        plan = browser.get(f"/staff/plans/{house.plan.public_id}").get_data(as_text=True)
        assert "personne ne l’aurait remplie sur FY27-H1" in plan
        assert "Cmd" not in browser.get(address(simulation, "?standing=losers")).get_data(as_text=True)
        assert browser.get(address(simulation, "?standing=odd&page=-1")).status_code == 200
        assert browser.get(address(simulation, "/progress")).json["state"] == "finished"

    def test_are_taken_away_without_running_anything(
        self, client_for: ClientFor, house: House, simulation: Simulation, firm: Partner
    ) -> None:
        answer = client_for(house.writer).get(address(simulation, ".csv"))
        content = answer.get_data()
        assert content.startswith(b"\xef\xbb\xbf")
        row = content.decode("utf-8-sig").splitlines()[1].split(";")
        assert row[:2] == [firm.code, "'=Cmd & Cie"]
        assert row[5:9] == ["10,00", "25,50", "15,50", "25,50"]

    def test_are_not_for_firms(self, client_for: ClientFor, admin: User, simulation: Simulation) -> None:
        assert client_for(admin).get(address(simulation)).status_code == 403


class TestComingPlan:
    @pytest.fixture
    def coming(self, owner: Session, house: House) -> PlanVersion:
        return factories.make_plan(owner, factories.make_period(owner, "FY28-H1"), a_document())

    def test_is_empty_while_none_is_published(self, client_for: ClientFor, admin: User) -> None:
        assert 'class="empty"' in client_for(admin).get("/coming-plan").get_data(as_text=True)

    def test_is_acknowledged_by_the_firms_administrator(
        self, client_for: ClientFor, owner: Session, admin: User, coming: PlanVersion
    ) -> None:
        browser = client_for(admin)
        assert "/coming-plan/acknowledge" in browser.get("/coming-plan").get_data(as_text=True)
        assert browser.send("/coming-plan/acknowledge").status_code == 303
        assert "/coming-plan/acknowledge" not in browser.get("/coming-plan").get_data(as_text=True)
        assert owner.execute(select(PlanAcknowledgement.user_id)).scalar_one() == admin.id

    def test_is_read_but_not_acknowledged_by_a_member(
        self, client_for: ClientFor, owner: Session, firm: Partner, coming: PlanVersion
    ) -> None:
        member = client_for(factories.make_user(owner, Role.PARTNER_MEMBER, partner=firm))
        assert member.get("/coming-plan").status_code == 200
        assert member.send("/coming-plan/acknowledge").status_code == 403
