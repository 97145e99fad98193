"""Periods paid in advance and trued up, and firms that join, leave or change segment: to the cent, by the real jobs."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import closing, i18n
from portal.claims.models import Claim
from portal.claims.workflow import ClaimState
from portal.closing import NotYet
from portal.db import transaction
from portal.margin import facts_of, whole_result
from portal.margin.models import MarginResult, MarginRun, PlanVersion, RunState
from portal.partners.models import Partner, Segment, SegmentChange
from portal.periods.models import Period
from portal.portfolio.models import PamAssignment
from portal.statements.models import Statement
from portal.statements.shown import statement_context
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.factories import measure
from tests.unit.engine.tables import component, tiers
from tests.unit.engine.tables import plan as plan_of
from tests.workers.conftest import Drain
from workers import pdf

AT = datetime(2027, 1, 20, 9, 0, tzinfo=UTC)
ALL = ["PRESCRIBE", "DESIGN", "INTEGRATE", "DEPLOY"]
FLAT = component("FLAT", rate="0.02")
STEPS = component("ATTAINMENT_RETROACTIVE", tiers=tiers(("0", "0.01"), ("0.80", "0.03")))
Order = Callable[[Partner, str, date], Claim]
State = Callable[[str], MarginResult]


@pytest.fixture
def firm(owner: Session) -> Partner:
    return factories.make_partner(owner)


@pytest.fixture
def order(owner: Session) -> Order:
    """An approved claim with its order, credited in full."""
    grid = factories.make_catalogue(owner)
    count = iter(range(1, 99))

    def make(firm: Partner, amount: str, on: date) -> Claim:
        number = f"CMD-{next(count)}"
        claim = factories.make_claim(
            owner, firm, state=ClaimState.APPROVED, amounts=(("M365", amount),), grid_id=grid.id, roles=ALL,
            order_no=number, ordered_on=on,
        )  # fmt: skip
        measure.make_ordered(owner, claim, amount, "M365", order_no=number, ordered_on=on)
        return claim

    return make


@pytest.fixture
def state(owner: Session, acting: Acting, drain: Drain, firm: Partner) -> State:
    """Close a period to the last statement; gives the firm's result."""
    manager, finance = (factories.make_user(owner, role) for role in (Role.PROGRAMME_MANAGER, Role.FINANCE))

    def close(code: str) -> MarginResult:
        with acting(manager), transaction():
            closing.start_closing(period_code=code, actor_id=manager.id, at=AT)
        drain("margin.compute")
        with acting(manager), transaction():
            closing.propose_close(period_code=code, actor_id=manager.id, at=AT)
        with acting(finance), transaction():
            closing.approve_close(period_code=code, run_number=1, actor_id=finance.id, at=AT)
        drain("closing.issue")
        owner.expire_all()
        return owner.execute(
            select(MarginResult)
            .join(MarginRun, MarginRun.id == MarginResult.run_id)
            .join(Period, Period.id == MarginRun.period_id)
            .where(
                Period.code == code, MarginResult.partner_id == firm.id, MarginRun.state == RunState.APPROVED
            )
        ).scalar_one()

    return close


def planned(
    owner: Session, code: str, *components: dict[str, Any], segment: str = "SSII", **keys: Any
) -> Period:
    """A period and the plan of a segment for it."""
    period = owner.execute(select(Period).where(Period.code == code)).scalar_one_or_none()
    period = period or factories.make_period(owner, code)
    factories.make_plan(owner, period, plan_of(*components, segment=segment, **keys))
    return period


def told(owner: Session, result: MarginResult) -> str:
    """The statement's words in French, as one reads them."""
    statement = owner.execute(select(Statement).where(Statement.result_id == result.id)).scalar_one()
    with i18n.use_locale("fr"):
        context = statement_context(statement.document, statement.document_sha256)
        page = pdf._environment().get_template("documents/statement/statement.html").render(context)
    return " ".join(re.sub("<[^>]+>", " ", page).replace("\N{NARROW NO-BREAK SPACE}", " ").split())


def whole(owner: Session, result: MarginResult) -> dict[str, Any]:
    """The result with its trace, computed again from what is kept."""
    plan = owner.get_one(PlanVersion, result.plan_id).document
    return whole_result(result.result, plan=plan, facts=result.facts)


def figures(result: MarginResult) -> tuple[str, ...]:
    return tuple(
        str(one)
        for one in (
            result.gross,
            result.earnings,
            result.adjustments,
            result.carry_in,
            result.payable,
            result.carry_out,
        )
    )


class TestQuartersPaidInAdvanceOfAHalfYear:
    @pytest.mark.parametrize(
        ("true_up", "settled", "words"),
        [
            # 150 000 of 200 000 is 75 %: 1 % = 1 500, of which 3 000 are paid already
            (
                "SIGNED",
                ("1500.00", "-1500.00", "0.00", "0.00", "0.00", "-1500.00"),
                "Déjà relevé pour des périodes antérieures de la même assiette −3 000,00 €",
            ),
            (
                "POSITIVE_ONLY",
                ("1500.00", "0.00", "0.00", "0.00", "0.00", "0.00"),
                "3 000,00 € au total, déduits jusqu’à zéro −1 500,00 €",
            ),
        ],
    )
    def test_are_deducted_when_it_is_stated(
        self,
        owner: Session,
        firm: Partner,
        order: Order,
        state: State,
        true_up: str,
        settled: tuple[str, ...],
        words: str,
    ) -> None:
        planned(owner, "FY27-Q1", FLAT)
        planned(owner, "FY27-Q2", FLAT)
        half = planned(owner, "FY27-H1", STEPS, true_up=true_up)
        measure.make_objective(owner, firm, half, "200000.00")
        order(firm, "100000.00", date(2026, 8, 3))
        order(firm, "50000.00", date(2026, 11, 3))
        assert figures(state("FY27-Q1"))[:2] == ("2000.00", "2000.00")
        assert figures(state("FY27-Q2"))[:2] == ("1000.00", "1000.00")
        result = state("FY27-H1")
        assert figures(result) == settled
        assert result.facts["prior_earnings"] == "3000.00"
        assert words in told(owner, result)

    def test_pay_the_rest_when_the_half_year_earns_more(
        self, owner: Session, firm: Partner, order: Order, state: State
    ) -> None:
        planned(owner, "FY27-Q1", FLAT)
        half = planned(owner, "FY27-H1", STEPS)
        measure.make_objective(owner, firm, half, "100000.00")
        order(firm, "100000.00", date(2026, 8, 3))
        assert str(state("FY27-Q1").payable) == "2000.00"
        assert figures(state("FY27-H1")) == ("3000.00", "1000.00", "0.00", "0.00", "1000.00", "0.00")

    def test_are_deducted_as_corrected_wherever_the_correction_is_booked(
        self, owner: Session, firm: Partner, order: Order, state: State
    ) -> None:
        quarter = planned(owner, "FY27-Q1", FLAT)
        half = planned(owner, "FY27-H1", STEPS)
        measure.make_objective(owner, firm, half, "200000.00")
        order(firm, "100000.00", date(2026, 8, 3))
        state("FY27-Q1")
        owner.execute(
            update(measure.ClaimMatch)
            .where(measure.ClaimMatch.partner_id == firm.id)
            .values(verified_amount=Decimal("90000.00"))
        )
        owner.commit()
        measure.make_adjustment(owner, firm, quarter, half, "-200.00")
        # in all: 2 000 - 1 100 - 200, which is the half-year's 1 % of 90 000 less what is not yet recovered
        result = state("FY27-H1")
        assert result.facts["prior_earnings"] == "1800.00"
        assert figures(result) == ("900.00", "-900.00", "-200.00", "0.00", "0.00", "-1100.00")
        assert Decimal("2000.00") + result.earnings + result.adjustments == result.gross

    def test_carry_their_balance_into_the_next_period_stated(
        self, owner: Session, firm: Partner, order: Order, state: State
    ) -> None:
        planned(owner, "FY27-Q1", FLAT, min_payout="5000.00")
        planned(owner, "FY27-H1", FLAT)
        order(firm, "100000.00", date(2026, 8, 3))
        assert str(state("FY27-Q1").carry_out) == "2000.00"
        result = state("FY27-H1")
        assert figures(result) == ("2000.00", "0.00", "0.00", "2000.00", "2000.00", "0.00")
        statement = owner.execute(select(Statement).where(Statement.result_id == result.id)).scalar_one()
        assert statement.document["previous"]["number"].startswith("R-FY27Q1-")

    def test_are_stated_before_it(self, owner: Session, firm: Partner, order: Order, state: State) -> None:
        planned(owner, "FY27-Q1", FLAT)
        planned(owner, "FY27-H1", FLAT)
        with pytest.raises(NotYet) as refused:
            state("FY27-H1")
        assert refused.value.code == "period_before_first"
        assert refused.value.params["period"] == "FY27-Q1"

    def test_cannot_follow_it(self, owner: Session, firm: Partner, order: Order, state: State) -> None:
        planned(owner, "FY27-H1", FLAT)
        state("FY27-H1")
        planned(owner, "FY27-Q2", FLAT)
        with pytest.raises(NotYet) as refused:
            state("FY27-Q2")
        assert refused.value.code == "period_after_stated"


class TestHalfYearsPaidInAdvanceOfAYear:
    def test_are_deducted_with_the_quarters_inside_them(
        self, owner: Session, firm: Partner, order: Order, acting: Acting
    ) -> None:
        for code, earned in (("FY27-Q1", "2000.00"), ("FY27-H1", "-500.00"), ("FY27-H2", "800.00")):
            period = planned(owner, code, FLAT)
            plan = owner.execute(
                select(measure.PlanVersion).where(measure.PlanVersion.period_id == period.id)
            ).scalar_one()
            measure.make_result(owner, firm, period, plan, carry_out=earned)
        year = planned(owner, "FY27", FLAT)
        with acting(None):
            (found,) = facts_of(year, partner_ids=[firm.id])
        assert found.document["prior_earnings"] == "2300.00"
        assert found.document["carry_in"] == "800.00"


class TestAFirmThat:
    def test_joins_is_measured_against_its_days(self, owner: Session, order: Order, acting: Acting) -> None:
        # example 9 of the rules: 300 000 × 123 / 184
        firm = factories.make_partner(owner, starts_on=date(2026, 8, 31))
        period = planned(owner, "FY27-H1", STEPS)
        measure.make_objective(owner, firm, period, "300000.00")
        order(firm, "170000.00", date(2026, 9, 15))
        with acting(None):
            (found,) = facts_of(period, partner_ids=[firm.id])
        assert found.document["proration"] == {"days": 123, "of": 184}
        assert found.result is not None
        assert str(found.result.measure.target) == "200543.48"
        assert str(found.result.payment.earnings) == "5100.00"

    def test_leaves_is_measured_against_its_days_and_is_still_stated(
        self, owner: Session, firm: Partner, order: Order, state: State
    ) -> None:
        left = {"ends_before": date(2026, 10, 1)}
        owner.execute(update(PamAssignment).where(PamAssignment.partner_id == firm.id).values(left))
        owner.execute(update(Partner).where(Partner.id == firm.id).values(left))
        owner.commit()
        period = planned(owner, "FY27-H1", STEPS)
        measure.make_objective(owner, firm, period, "184000.00")
        order(firm, "92000.00", date(2026, 9, 15))
        result = state("FY27-H1")
        assert result.result["target"] == "92000.00"
        assert (result.result["attainment_display"], str(result.payable)) == ("100.00", "2760.00")

    def test_changes_segment_earns_under_each_plan_for_its_days(
        self, owner: Session, firm: Partner, order: Order, state: State, acting: Acting
    ) -> None:
        moved(owner, firm, date(2026, 10, 1))
        period = planned(owner, "FY27-H1", STEPS, partner_cap="2500.00")
        planned(owner, "FY27-H1", FLAT, segment="VAR", partner_cap="900.00", min_payout="5000.00")
        measure.make_objective(owner, firm, period, "184000.00")
        order(firm, "92000.00", date(2026, 9, 30))
        order(firm, "46000.00", date(2026, 10, 1))
        result = state("FY27-H1")
        document = whole(owner, result)
        # 92 000 of 92 000 under SSII: 3 % = 2 760, at most 2 500; then 46 000 × 2 % = 920, at most 900
        assert figures(result) == ("3680.00", "3400.00", "0.00", "0.00", "0.00", "3400.00")
        assert [(one["code"], one["amount"]) for one in document["components"]] == [
            ("SSII-FY27-H1/C1", "2760.00"), ("C1", "920.00"),
        ]  # fmt: skip
        assert [(one["from"], one["to"], one["attainment"]["target"]) for one in document["trace"]["parts"]] == [
            ("2026-07-01", "2026-09-30", "92000.00"), ("2026-10-01", "2026-12-31", "92000.00"),
        ]  # fmt: skip
        assert document["credited"] == "138000.00"
        words = told(owner, result)
        assert "1 er juillet – 30 septembre 2026" in words
        assert "plan SSII-FY27-H1, version 1 objectif 184 000,00 × 92 / 184 = 92 000,00" in words
        with acting(factories.make_user(owner, Role.FINANCE)):
            assert [found.faults for found in closing.verify_closed("FY27-H1")] == [()]

    def test_changed_segment_since_is_still_computed_in_its_old_one(
        self, owner: Session, firm: Partner, order: Order, acting: Acting
    ) -> None:
        period = planned(owner, "FY27-H1", STEPS)
        planned(owner, "FY27-H1", FLAT, segment="VAR")
        moved(owner, firm, date(2027, 1, 1))
        order(firm, "1000.00", date(2026, 9, 30))
        with acting(None):
            (found,) = facts_of(period, partner_ids=[firm.id])
        assert found.plan is not None
        assert found.plan.plan.segment == "SSII"
        assert "earlier_parts" not in found.document


def moved(owner: Session, firm: Partner, on: date) -> None:
    """The firm comes from SSII into VAR."""
    author: User = factories.make_user(owner, Role.PROGRAMME_MANAGER)
    owner.execute(update(Partner).where(Partner.id == firm.id).values(segment=Segment.VAR))
    owner.add(
        SegmentChange(
            partner_id=firm.id, changes_on=on, before=Segment.SSII, after=Segment.VAR, reason="rachat",
            changed_by_id=author.id, changed_at=AT,
        )
    )  # fmt: skip
    owner.commit()
