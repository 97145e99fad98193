"""From rows to facts, and from facts to the cents of the rules."""

from decimal import Decimal

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.claims.workflow import ClaimState
from portal.db import db
from portal.margin.engine import evaluate, parse_facts
from portal.margin.facts import PartnerFacts, facts_of
from tests import factories
from tests.conftest import Acting
from tests.factories import measure
from tests.integration.margin_facts.arvelia import Arvelia, arrange


@pytest.fixture
def arvelia(owner: Session, database: str) -> Arvelia:
    return arrange(owner)


def one(arvelia: Arvelia) -> PartnerFacts:
    (facts,) = facts_of(arvelia.period, partner_ids=[arvelia.partner.id])
    return facts


class TestFactsOf:
    def test_gives_example_10_to_the_cent(self, arvelia: Arvelia, acting: Acting) -> None:
        with acting(None):
            found = one(arvelia)
        assert found.plan
        result = evaluate(found.plan.plan, parse_facts(found.document))
        credited = [credit.credited for credit in result.credits]
        assert [str(amount) for amount in credited] == [
            "48000.00", "60000.00", "17819.96", "43456.87", "16185.00", "0.00",
        ]  # fmt: skip
        assert str(result.credited) == "185461.83"
        assert result.measure.attainment_display == "123.64"
        assert [str(part.amount) for part in result.components] == [
            "3968.47",
            "1034.57",
            "2250.00",
            "1003.85",
        ]
        assert str(result.payment.earnings) == "8000.00"
        assert str(result.payment.payable) == "7675.73"
        assert str(result.payment.net_to_pay) == "9210.88"

    def test_are_the_same_for_the_partner_itself(self, arvelia: Arvelia, acting: Acting) -> None:
        with acting(None):
            theirs = one(arvelia)
        with acting(arvelia.admin):
            mine = one(arvelia)
        assert mine.document == theirs.document

    def test_name_no_other_firm(self, arvelia: Arvelia, acting: Acting) -> None:
        with acting(None):
            claims = {claim["ref"]: claim for claim in one(arvelia).document["claims"]}
        assert claims["D-FY26-000004"]["shares"] == {"P-00042": "0.80", "~1": "0.20"}

    def test_of_many_partners_take_as_many_queries_as_of_one(
        self, arvelia: Arvelia, owner: Session, acting: Acting
    ) -> None:
        ids, counts, codes = [arvelia.partner.id], [], []
        for _ in range(2):
            statements: list[str] = []

            def count(
                connection: object, cursor: object, statement: str, *rest: object, to: list[str] = statements
            ) -> None:
                to.append(statement)

            with acting(None):
                event.listen(db.engine, "before_cursor_execute", count)
                codes = [found.partner.code for found in facts_of(arvelia.period, partner_ids=ids)]
                event.remove(db.engine, "before_cursor_execute", count)
            counts.append(len(statements))
            ids = [*(factories.make_partner(owner).id for _ in range(12)), *ids]
        assert counts[0] == counts[1]
        assert codes == sorted(codes)
        assert len(codes) == 13

    def test_leave_out_what_is_neither_approved_nor_matched(self, arvelia: Arvelia, acting: Acting) -> None:
        with acting(None):
            refs = [claim["ref"][-1] for claim in one(arvelia).document["claims"]]
        assert refs == ["1", "2", "3", "4", "6", "7"]

    def test_take_the_lesser_of_approved_and_verified(
        self, arvelia: Arvelia, owner: Session, acting: Acting
    ) -> None:
        claim = factories.make_claim(
            owner, arvelia.partner, state=ClaimState.APPROVED, amounts=(("SQL", "100.00"), ("M365", "70.00")),
            grid_id=arvelia.claims[1].grid_id, reference="D-FY26-000900", order_no="X",
        )  # fmt: skip
        measure.make_ordered(owner, claim, "60.00", "SQL", ordered_on=arvelia.claims[1].ordered_on)
        measure.make_ordered(owner, claim, "80.00", "M365", ordered_on=arvelia.claims[1].ordered_on)
        with acting(None):
            found = {one["ref"]: one for one in one(arvelia).document["claims"]}
        assert found["D-FY26-000900/1"]["approved"] == "60.00"
        assert found["D-FY26-000900/2"]["approved"] == "70.00"
        assert found["D-FY26-000900/2"]["project"] == "D-FY26-000900"

    def test_do_not_yet_know_what_was_decided_after_the_cut_off(
        self, arvelia: Arvelia, acting: Acting
    ) -> None:
        early = factories.people.AT.replace(year=2020)
        with acting(None):
            (found,) = facts_of(arvelia.period, partner_ids=[arvelia.partner.id], at=early)
        assert found.document["claims"] == []
        assert found.document["carry_in"] == str(Decimal("88.10"))
