"""A plan tried on a past period by the workers, and what a firm is shown of a coming one."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import closing, margin, planning
from portal.audit.models import AuditRecord
from portal.db import db, transaction
from portal.errors import Refused
from portal.mail.models import Mail
from portal.margin.models import MarginResult, PlanState, PlanVersion
from portal.periods.models import Period
from portal.planning.models import PlanAcknowledgement, SimulationResult
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.integration.margin_facts import arvelia
from tests.workers.conftest import Drain

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def firm(owner: Session) -> arvelia.Arvelia:
    return arvelia.arrange(owner)


@pytest.fixture
def manager(owner: Session) -> User:
    return factories.make_user(owner, Role.PROGRAMME_MANAGER)


@pytest.fixture
def coming(owner: Session, firm: arvelia.Arvelia, manager: User) -> PlanVersion:
    """The plan of FY27-H2, proposed: example 10's with a higher cap and no growth."""
    period = factories.make_period(owner, "FY27-H2")
    document: dict[str, Any] = dict(factories.make_plan(owner, period).document)
    document |= {"version": "9", "partner_cap": "12000.00", "components": document["components"][:3]}
    return factories.make_plan(
        owner,
        period,
        document,
        state=PlanState.PROPOSED,
        published_by_id=None,
        published_at=None,
        written_by_id=manager.id,
    )


@pytest.fixture
def stated(owner: Session, acting: Acting, firm: arvelia.Arvelia, manager: User, drain: Drain) -> Period:
    """The half-year of example 10, computed and approved."""
    finance = factories.make_user(owner, Role.FINANCE)
    with acting(manager), transaction():
        closing.start_closing(period_code="FY26-H2", actor_id=manager.id, at=AT)
    drain("margin.compute")
    with acting(manager), transaction():
        closing.propose_close(period_code="FY26-H2", actor_id=manager.id, at=AT)
    with acting(finance), transaction():
        closing.approve_close(period_code="FY26-H2", run_number=1, actor_id=finance.id, at=AT)
    return firm.period


def simulate(acting: Acting, manager: User, plan: PlanVersion, period: Period, drain: Drain) -> int:
    with acting(manager), transaction():
        made = planning.simulate_plan(
            plan=db.session.get_one(PlanVersion, plan.id),
            period=db.session.get_one(Period, period.id),
            actor_id=manager.id,
            at=AT,
        )
        simulation_id = made.id
    drain("planning.simulate")
    return simulation_id


def row_of(owner: Session, simulation_id: int, partner_id: int) -> SimulationResult:
    return owner.execute(
        select(SimulationResult).where(
            SimulationResult.simulation_id == simulation_id, SimulationResult.partner_id == partner_id
        )
    ).scalar_one()


class TestSimulation:
    @pytest.mark.usefixtures("stated")
    def test_compares_with_what_was_stated_to_the_cent(
        self,
        owner: Session,
        acting: Acting,
        firm: arvelia.Arvelia,
        manager: User,
        coming: PlanVersion,
        drain: Drain,
    ) -> None:
        simulation_id = simulate(acting, manager, coming, firm.period, drain)
        row = row_of(owner, simulation_id, firm.partner.id)
        assert (row.before, row.after) == (Decimal("8000.00"), Decimal("7253.04"))
        assert [one["code"] for one in row.components] == ["C1", "C2", "C3"]
        assert (row.credited, row.attainment) == (Decimal("185461.83"), Decimal("123.64"))
        assert all(gate["passed"] for gate in row.gates)
        with acting(manager):
            summary = planning.summary_of(simulation_id)
        assert (summary.total.partners, summary.total.losers) == (2, 1)
        assert summary.total.change == Decimal("-746.96")
        assert [(gate.of, gate.place) for gate in summary.gates] == [
            (None, 0),
            (None, 1),
            (None, 2),
            ("C1", 0),
        ]

    def test_tries_an_open_period_on_what_is_known(
        self,
        owner: Session,
        acting: Acting,
        firm: arvelia.Arvelia,
        manager: User,
        coming: PlanVersion,
        drain: Drain,
    ) -> None:
        simulation_id = simulate(acting, manager, coming, firm.period, drain)
        row = row_of(owner, simulation_id, firm.partner.id)
        assert (row.before, row.after) == (Decimal("8000.00"), Decimal("7253.04"))

    @pytest.mark.usefixtures("stated")
    def test_changes_nothing_that_was_stated(
        self,
        owner: Session,
        acting: Acting,
        firm: arvelia.Arvelia,
        manager: User,
        coming: PlanVersion,
        drain: Drain,
    ) -> None:
        before = owner.execute(select(MarginResult.id, MarginResult.result)).all()
        simulate(acting, manager, coming, firm.period, drain)
        owner.rollback()
        assert owner.execute(select(MarginResult.id, MarginResult.result)).all() == before

    def test_is_kept_once_when_done_twice(
        self,
        owner: Session,
        acting: Acting,
        firm: arvelia.Arvelia,
        manager: User,
        coming: PlanVersion,
        drain: Drain,
    ) -> None:
        simulation_id = simulate(acting, manager, coming, firm.period, drain)
        with acting(None), transaction():
            planning.compute_simulation(planning.SimulationChunk(simulation_id, (firm.partner.id,)))
        assert row_of(owner, simulation_id, firm.partner.id).after == Decimal("7253.04")

    def test_is_refused_on_a_period_that_has_not_begun(
        self, acting: Acting, manager: User, coming: PlanVersion, drain: Drain, owner: Session
    ) -> None:
        with pytest.raises(Refused, match="period_to_come"):
            simulate(acting, manager, coming, owner.get_one(Period, coming.period_id), drain)

    def test_is_never_altered(
        self,
        owner: Session,
        acting: Acting,
        firm: arvelia.Arvelia,
        manager: User,
        coming: PlanVersion,
        drain: Drain,
    ) -> None:
        row = row_of(owner, simulate(acting, manager, coming, firm.period, drain), firm.partner.id)
        row.after = Decimal("0.00")
        with pytest.raises(DBAPIError, match="simulation_results"):
            owner.flush()


class TestPublishing:
    @pytest.mark.usefixtures("stated")
    def test_tells_the_administrators_of_the_segment_once(
        self, owner: Session, acting: Acting, firm: arvelia.Arvelia, coming: PlanVersion, drain: Drain
    ) -> None:
        finance = factories.make_user(owner, Role.FINANCE)
        with acting(finance), transaction():
            plan = margin.get_plan(coming.public_id, for_update=True)
            margin.publish_plan(plan=plan, seen_at=plan.written_at, actor_id=finance.id, at=AT)
        drain("planning.announce")
        sent = owner.execute(select(Mail.recipient, Mail.context).where(Mail.kind == "plan.published")).all()
        assert len({who for who, _ in sent}) == len(sent)
        assert (firm.admin.email, "/coming-plan") in [(who, context["path"]) for who, context in sent]
        with acting(firm.admin):
            waits = planning.waits_to_be_seen(firm.partner.id, on=date(2026, 11, 24))
        assert waits is not None and waits.code == coming.code


class TestComingPlan:
    @pytest.mark.usefixtures("stated")
    def test_shows_the_last_period_line_by_line(
        self, owner: Session, acting: Acting, firm: arvelia.Arvelia, coming: PlanVersion
    ) -> None:
        publish(owner, coming)
        with acting(firm.admin):
            found = planning.find_coming_plan(firm.partner.id, on=date(2026, 11, 24), at=AT)
        assert found is not None and found.comparisons
        assert [(line.code, line.before, line.after) for line in found.comparisons[0].lines] == [
            ("C1", Decimal("3968.47"), Decimal("3968.47")),
            ("C2", Decimal("1034.57"), Decimal("1034.57")),
            ("C3", Decimal("2250.00"), Decimal("2250.00")),
            ("C4", Decimal("1003.85"), None),
        ]
        assert {change.what for change in found.changes} == {"partner_cap", "component"}

    @pytest.mark.usefixtures("stated")
    def test_is_not_shown_before_it_is_published(
        self, acting: Acting, firm: arvelia.Arvelia, coming: PlanVersion
    ) -> None:
        with acting(firm.admin):
            found = planning.find_coming_plan(firm.partner.id, on=date(2026, 11, 24), at=AT)
            drafts = db.session.execute(
                select(PlanVersion.id).where(PlanVersion.state != PlanState.PUBLISHED)
            ).all()
        assert found is not None and found.plan.version != 9
        assert drafts == []

    @pytest.mark.usefixtures("stated")
    def test_is_acknowledged_once_and_for_all(
        self, owner: Session, acting: Acting, firm: arvelia.Arvelia, coming: PlanVersion
    ) -> None:
        publish(owner, coming)
        given = {"plan_id": coming.id, "partner_id": firm.partner.id, "actor_id": firm.admin.id}
        for _ in range(2):
            with acting(firm.admin), transaction():
                planning.acknowledge_plan(**given, at=AT)
        kept = owner.execute(select(PlanAcknowledgement)).scalar_one()
        assert (kept.user_id, kept.acknowledged_at) == (firm.admin.id, AT)
        assert (
            len(owner.execute(select(AuditRecord).where(AuditRecord.action == "plan.acknowledged")).all())
            == 1
        )
        kept.user_id = coming.written_by_id
        with pytest.raises(DBAPIError, match="plan_acknowledgements"):
            owner.flush()


def publish(owner: Session, plan: PlanVersion) -> None:
    publisher = factories.make_user(owner, Role.FINANCE).id
    plan.state, plan.published_by_id = PlanState.PUBLISHED, publisher
    plan.published_at = datetime(2027, 1, 1, tzinfo=UTC)
    owner.commit()
