from decimal import Decimal as D

import pytest

from portal.margin.engine import credit_line, parse_facts, parse_plan
from tests.unit.engine.tables import answered, claim, component, facts, plan


def credited(line, **plan_keys):
    answer = answered(plan(**plan_keys), facts(line))
    return answer["claims"][0]["credited"], answer["claims"][0]["reason"]


class TestCredit:
    @pytest.mark.parametrize(
        ("roles", "amount", "reason"),
        [
            (["PRESCRIBE", "DESIGN", "INTEGRATE", "DEPLOY"], "1000.00", None),
            (["PRESCRIBE"], "400.00", None),
            (["DESIGN"], "250.00", None),
            (["DEPLOY", "DESIGN"], "400.00", None),
            (["INTEGRATE", "DEPLOY"], "0.00", "NO_CORE_ROLE"),
            ([], "0.00", "NO_CORE_ROLE"),
        ],
    )
    def test_is_the_weight_of_the_roles_held(self, roles, amount, reason):
        assert credited(claim("1000.00", roles=roles)) == (amount, reason)

    @pytest.mark.parametrize(
        ("ordered_at", "reason"),
        [
            ("2026-01-01", None),
            ("2026-06-30", None),
            ("2025-12-31", "OTHER_PERIOD"),
            ("2026-07-01", "OTHER_PERIOD"),
            ("2025-12-31T23:00:00Z", None),
            ("2025-12-31T22:59:59.999999Z", "OTHER_PERIOD"),
            ("2026-06-30T21:59:59Z", None),
            ("2026-06-30T22:00:00Z", "OTHER_PERIOD"),
            ("2026-06-30T23:59:59+02:00", None),
            ("2026-07-01T05:00+12:00", None),
        ],
    )
    def test_counts_by_the_paris_day_of_the_order(self, ordered_at, reason):
        assert credited(claim("1000.00", ordered_at=ordered_at))[1] == reason

    def test_names_the_other_period_before_the_missing_role(self):
        line = claim("1000.00", ordered_at="2026-07-01", roles=["DEPLOY"])
        assert credited(line) == ("0.00", "OTHER_PERIOD")

    @pytest.mark.parametrize(
        ("approved", "fx_rate", "roles", "amount"),
        [
            ("1000.00", "1.0837", ["PRESCRIBE"], "369.10"),  # 922.76 × 0.40 = 369.104
            ("0.17", "7", ["PRESCRIBE", "DESIGN"], "0.01"),  # 0.02 × 0.65 = 0.013; unrounded 0.0158
            ("0.10", "7", ["PRESCRIBE"], "0.00"),  # 0.01 × 0.40
            ("0.01", "0.5", ["PRESCRIBE", "DESIGN"], "0.01"),
        ],
    )
    def test_converts_and_rounds_before_any_weight(self, approved, fx_rate, roles, amount):
        assert credited(claim(approved, currency="USD", fx_rate=fx_rate, roles=roles))[0] == amount

    def test_takes_shares_instead_of_weights(self):
        line = claim("0.01", shares={"P-00042": "0.5", "P-00041": "0.5"})
        assert credited(line) == ("0.00", None)
        line = claim("0.01", shares={"P-00042": "0.5", "P-00043": "0.5"})
        assert credited(line) == ("0.01", None)
        line = claim("0.01", shares={"P-00042": "0.5", "-": "0.5"})
        assert credited(line) == ("0.00", None)

    def test_needs_no_core_role_where_shares_are_given(self):
        line = claim("100.00", shares={"P-00042": "0.3", "-": "0.7"}) | {"roles": ["DEPLOY"]}
        assert credited(line) == ("30.00", None)

    @pytest.mark.parametrize(
        ("approved", "amount", "reason"),
        [
            ("600.01", "600.00", "CLAIM_CAP"),
            ("600.00", "600.00", None),
            ("599.99", "599.99", None),
        ],
    )
    def test_is_capped_above_the_claim_cap(self, approved, amount, reason):
        assert credited(claim(approved), measure={"claim_cap": "600.00"}) == (amount, reason)

    def test_caps_each_line_and_not_the_project(self):
        lines = [claim("600.00", ref, project="J") for ref in ("1", "2")]
        assert answered(plan(measure={"claim_cap": "600.00"}), facts(*lines))["credited"] == "1200.00"

    def test_of_one_line_alone_is_the_same(self):
        read = parse_facts(facts(claim("100.00", shares={"P-00042": "0.3", "-": "0.7"})))
        assert credit_line(parse_plan(plan()), read.claims[0], partner="P-00042").credited == D("30.00")


class TestMeasure:
    def test_weighs_families_in_the_attainment_and_in_every_base(self):
        lines = [claim("100.00", "1", family="A"), claim("100.00", "2", family="B"), claim("100.00", "3")]
        answer = answered(
            plan(measure={"weights": {"A": "0", "B": "0.333333"}}), facts(*lines, target="200.00")
        )
        assert answer["credited"] == "300.00"
        assert answer["components"][0]["base"] == "133.33"
        assert answer["trace"]["components"][0]["base"] == "133.33330000"
        assert answer["attainment_display"] == "66.66"

    def test_leaves_out_lines_of_another_period_or_without_core_role(self):
        lines = [claim("100.00", "1", roles=["DEPLOY"]), claim("100.00", "2", ordered_at="2026-07-01")]
        per_project = component("PER_PROJECT", amount="10.00", min_credited="0.00")
        answer = answered(plan(per_project), facts(*lines, target="100.00"))
        assert (answer["gross"], answer["credited"], answer["attainment_display"]) == ("0.00", "0.00", "0.00")
        assert answer["trace"]["projects"] == []

    @pytest.mark.parametrize(
        ("keys", "target", "shown"),
        [
            ({"target": "300.00"}, "300.00", "33.33"),
            ({"target": "0.00"}, "0.00", None),
            ({"target": "-5.00"}, "-5.00", None),
            ({"target": None}, None, None),
            ({}, None, None),
            ({"proration": {"days": 1, "of": 3}}, None, None),
            ({"target": "100.00", "proration": {"days": 1, "of": 3}}, "33.33", "300.03"),
            ({"target": "0.03", "proration": {"days": 1, "of": 2}}, "0.02", "500000.00"),
            ({"target": "0.01", "proration": {"days": 1, "of": 3}}, "0.00", None),
            ({"target": "100.00", "proration": {"days": 0, "of": 184}}, "0.00", None),
        ],
    )
    def test_shows_attainment_truncated_where_there_is_a_target_above_zero(self, keys, target, shown):
        answer = answered(plan(), facts("100.00", **keys))
        assert (answer["target"], answer["attainment_display"]) == (target, shown)
