"""A period in parts: facts for each plan the partner was under; the earnings add up."""

from datetime import date
from decimal import Decimal as D

import pytest

from portal.margin.engine import (
    ClaimLine,
    Role,
    evaluate,
    parse_period_facts,
    parse_plan,
    plan_on,
    result_document,
    with_line,
)
from tests.unit.engine.tables import claim, component, plan
from tests.unit.engine.tables import facts as facts_of

OLD = plan(component("FLAT", rate="0.03"), partner_cap="100.00", segment="VAR") | {"code": "OLD"}
NEW = plan(component("FLAT", rate="0.02"), partner_cap="50.00", min_payout="20.00", true_up="POSITIVE_ONLY")
MOVED = date(2026, 4, 1)


def in_parts(before: str, after: str, **known: object):
    earlier = {"plan": OLD, "facts": facts_of(before), "until": MOVED.isoformat()}
    later = facts_of(after, **known)
    later["claims"][0]["ref"] = "2"
    return evaluate(parse_plan(NEW), parse_period_facts(later | {"earlier_parts": [earlier]}))


class TestAPeriodInParts:
    @pytest.mark.parametrize(
        ("before", "after", "known", "earned", "payable"),
        [
            ("1000.00", "1000.00", {}, "50.00", "50.00"),  # 30 + 20
            ("9000.00", "9000.00", {}, "150.00", "150.00"),  # each under its own plan's cap
            ("100.00", "100.00", {}, "5.00", "0.00"),  # the last plan's least payment
            ("1000.00", "1000.00", {"prior_earnings": "45.00"}, "5.00", "0.00"),
            ("1000.00", "1000.00", {"prior_earnings": "60.00"}, "0.00", "0.00"),
            ("1000.00", "1000.00", {"carry_in": "7.00"}, "50.00", "57.00"),
        ],
    )
    def test_earns_their_sum_and_is_settled_once(self, before, after, known, earned, payable):
        payment = in_parts(before, after, **known).payment
        assert (payment.earnings, payment.payable) == (D(earned), D(payable))

    def test_tells_every_line_and_component_with_its_plan(self):
        document = result_document(in_parts("1000.00", "3000.00"))
        assert [one["ref"] for one in document["claims"]] == ["1", "2"]
        assert [one["ref"] for one in document["trace"]["claims"]] == ["1", "2"]
        assert [one["project"] for one in document["trace"]["projects"]] == ["1", "2"]
        assert [(one["code"], one["amount"]) for one in document["components"]] == [
            ("OLD/C1", "30.00"),
            ("C1", "60.00"),
        ]
        assert [one["code"] for one in document["trace"]["components"]] == ["OLD/C1", "C1"]
        assert (document["credited"], document["gross"], document["earnings"]) == (
            "4000.00",
            "90.00",
            "80.00",
        )
        assert [
            (one["plan"], one["plan_version"], one["from"], one["to"], one["gross"], one["partner_cap"], one["gates"])
            for one in document["trace"]["parts"]
        ] == [
            ("OLD", 1, "2026-01-01", "2026-03-31", "30.00", "100.00", []),
            ("P", 1, "2026-04-01", "2026-06-30", "60.00", "50.00", []),
        ]  # fmt: skip

    def test_takes_one_more_line_by_the_day_of_its_order(self):
        result = in_parts("1000.00", "1000.00")
        for day, worth in ((date(2026, 3, 31), "3.00"), (MOVED, "2.00")):
            line = ClaimLine("9", "M365", day, D("100.00"), roles=tuple(Role))
            assert with_line(result, line).payment.earnings - result.payment.earnings == D(worth)
            assert plan_on(result, day).code == ("OLD" if day < MOVED else "P")

    def test_takes_one_more_line_in_the_one_part_it_belongs_to(self):
        first, second, third = date(2026, 2, 1), MOVED, date(2026, 6, 1)
        before = [
            {"plan": OLD, "facts": facts_of(), "until": until.isoformat()} for until in (first, second, third)
        ]
        result = evaluate(parse_plan(NEW), parse_period_facts(facts_of() | {"earlier_parts": before}))
        days = (date(2026, 1, 31), date(2026, 3, 31), date(2026, 5, 31), date(2026, 6, 30))
        for place, day in enumerate(days):
            line = ClaimLine("9", "M365", day, D("100.00"), roles=tuple(Role))
            parts = with_line(result, line).parts
            assert [len(part.facts.claims) for part in parts] == [int(n == place) for n in range(4)]
            assert [one.ends_before for one in with_line(result, line).facts.earlier] == [
                first,
                second,
                third,
            ]

    def test_measures_each_part_against_its_own_target(self):
        earlier = {"plan": OLD, "facts": facts_of("30.00", target="100.00"), "until": MOVED.isoformat()}
        known = facts_of(claim("40.00", "2"), target="50.00", proration={"days": 90, "of": 180})
        result = evaluate(parse_plan(NEW), parse_period_facts(known | {"earlier_parts": [earlier]}))
        assert [one["attainment"] for one in result_document(result)["trace"]["parts"]] == [
            {"measured": "30.00", "target_before_proration": "100.00", "days": None, "of": None, "target": "100.00", "display": "30.00"},
            {"measured": "40.00", "target_before_proration": "50.00", "days": 90, "of": 180, "target": "25.00", "display": "160.00"},
        ]  # fmt: skip

    def test_says_nothing_of_parts_where_there_is_one(self):
        whole = evaluate(parse_plan(NEW), parse_period_facts(facts_of("1.00")))
        assert "parts" not in result_document(whole)["trace"]
        assert whole.parts == (whole,)


class TestNamesOfGates:
    def test_are_those_of_each_part(self):
        gated = NEW | {"gates": [{"type": "MIN_CSAT", "score": "7"}]}
        earlier = {"plan": OLD, "facts": facts_of("1000.00"), "until": "2026-04-01"}
        known = parse_period_facts(facts_of("1000.00") | {"earlier_parts": [earlier]})
        result = evaluate(parse_plan(gated), known)
        assert result.payment.earnings == D("30.00")
        assert [len(one["gates"]) for one in result_document(result)["trace"]["parts"]] == [0, 1]
