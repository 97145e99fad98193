"""What is not counted says why, what it is worth and until when it can be cured."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from portal.claims.workflow import ClaimState
from portal.margin.left_out import Exclusion, left_out
from portal.margin.provisional import find_provisional
from tests import factories
from tests.conftest import Acting
from tests.integration.margin_facts.arvelia import ALL, DATES, Arvelia, arrange


@pytest.fixture
def arvelia(owner: Session, database: str) -> Arvelia:
    return arrange(owner)


class TestLeftOut:
    def test_lists_the_other_claims_of_example_10_with_their_reasons(
        self, arvelia: Arvelia, acting: Acting
    ) -> None:
        with acting(arvelia.admin):
            found = left_out(arvelia.period, [arvelia.partner.id])[arvelia.partner.id]
        assert [(one.ref[-1], one.reason, str(one.amount)) for one in found] == [
            ("5", "EVIDENCE_AFTER_ORDER", "22000.00"),
            ("7", Exclusion.OTHER_PERIOD, "30000.00"),
            ("8", Exclusion.UNDER_APPEAL, "12600.00"),
            ("9", Exclusion.WITHDRAWN, "9000.00"),
        ]
        assert str(found[1].counts_in) == "FY27-H1"
        assert found[0].last_day == date(2026, 8, 1)

    @pytest.mark.parametrize(
        ("state", "reason"),
        [
            (ClaimState.SUBMITTED, Exclusion.PENDING),
            (ClaimState.INFO_REQUESTED, Exclusion.PENDING),
            (ClaimState.EXPIRED, Exclusion.EXPIRED),
            (ClaimState.APPROVED, Exclusion.NO_TRANSACTION),
        ],
    )
    def test_tells_a_claim_that_waits_from_one_that_lapsed(
        self, arvelia: Arvelia, owner: Session, acting: Acting, state: ClaimState, reason: Exclusion
    ) -> None:
        grid_id = arvelia.claims[1].grid_id
        claim = factories.make_claim(owner, arvelia.partner, state=state, roles=ALL, grid_id=grid_id, **DATES)
        with acting(None):
            found = left_out(arvelia.period, [arvelia.partner.id])[arvelia.partner.id]
        assert {one.reference: one.reason for one in found}[claim.reference] == reason

    def test_takes_what_was_decided_after_the_cut_off_for_pending(
        self, arvelia: Arvelia, acting: Acting
    ) -> None:
        early = factories.people.AT.replace(year=2020)
        with acting(None):
            found = left_out(arvelia.period, [arvelia.partner.id], at=early)[arvelia.partner.id]
        assert {one.ref[-1]: one.reason for one in found}["1"] == Exclusion.PENDING


class TestProvisional:
    def test_says_what_a_claim_left_out_would_add(self, arvelia: Arvelia, acting: Acting) -> None:
        with acting(arvelia.admin):
            figures = find_provisional(arvelia.period, arvelia.partner.id)
            found = left_out(arvelia.period, [arvelia.partner.id])[arvelia.partner.id]
        assert figures and figures.result
        assert figures.attained == Decimal("123.64")
        assert figures.next_tier is None
        appealed = next(one for one in found if one.reason == Exclusion.UNDER_APPEAL)
        assert figures.worth_of(appealed.as_if_counted("P-00042")) == Decimal("0.00")  # the partner's cap

    def test_has_no_figures_without_a_plan(self, owner: Session, acting: Acting, database: str) -> None:
        period, partner = factories.make_period(owner), factories.make_partner(owner)
        with acting(None):
            figures = find_provisional(period, partner.id)
        assert figures
        assert (figures.result, figures.attained, figures.next_tier, figures.bar) == (
            None,
            None,
            None,
            None,
        )
