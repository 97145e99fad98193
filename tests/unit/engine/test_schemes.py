import pytest

from tests.unit.engine.tables import answered, claim, component, facts, plan, tiers


def gross(component_document, *lines, **keys):
    return answered(plan(component_document), facts(*lines, **keys))["gross"]


def lines_of(component_document, *lines, **keys):
    answer = answered(plan(component_document), facts(*lines, **keys))
    return [(one["kind"], one.get("ref"), one["amount"]) for one in answer["trace"]["components"][0]["lines"]]


class TestOneRate:
    ABOVE = tiers(("100.00", "0.01"), ("200.00", "0.03"))

    @pytest.mark.parametrize(
        ("x", "amount"), [("99.99", "0.00"), ("100.00", "1.00"), ("199.99", "2.00"), ("200.00", "6.00")]
    )
    def test_retroactive_pays_nothing_below_its_first_tier(self, x, amount):
        assert gross(component("RETROACTIVE", tiers=self.ABOVE), x) == amount

    @pytest.mark.parametrize(
        ("x", "amount"), [("239.99", "0.00"), ("240.00", "2.40"), ("299.99", "3.00"), ("300.00", "9.00")]
    )
    def test_attainment_retroactive_compares_the_exact_attainment(self, x, amount):
        scheme = component("ATTAINMENT_RETROACTIVE", tiers=tiers(("0.80", "0.01"), ("1", "0.03")))
        assert gross(scheme, x, target="300.00") == amount

    @pytest.mark.parametrize("scheme", ["ATTAINMENT_RETROACTIVE", "INTERPOLATED", "ATTAINMENT_MARGINAL"])
    @pytest.mark.parametrize("target", [None, "0.00"])
    def test_schemes_on_attainment_pay_nothing_without_a_target(self, scheme, target):
        document = component(scheme, tiers=tiers(("0", "0.10")))
        assert gross(document, "1000.00", target=target) == "0.00"
        assert gross(document | {"floor": "50.00"}, "1000.00", target=target) == "50.00"

    def test_attainment_is_of_the_plan_and_the_base_of_the_component(self):
        scheme = component("INTERPOLATED", families=["SQL"], tiers=tiers(("0", "0"), ("1", "0.10")))
        lines = [claim("40.00", "1"), claim("10.00", "2", family="SQL")]
        assert gross(scheme, *lines, target="100.00") == "0.50"

    def test_interpolates_a_falling_rate_too(self):
        scheme = component("INTERPOLATED", tiers=tiers(("0", "0.10"), ("1", "0.04")))
        assert gross(scheme, "50.00", target="100.00") == "3.50"

    def test_interpolates_exactly_where_no_decimal_is_exact(self):
        scheme = component("INTERPOLATED", tiers=tiers(("0", "0"), ("0.7", "1")))
        assert gross(scheme, "0.07", target="0.49") == "0.01"  # 0.07 × (1/7) / 0.7 = 0.0142…
        assert gross(scheme, "0.35", target="3.50") == "0.05"  # 0.35 × 0.1 / 0.7 = 0.05 exactly


class TestMultipliers:
    SQL = claim("100.00", "1", family="SQL")
    M365 = claim("100.00", "2")

    def test_weigh_what_a_line_pays_and_not_the_base(self):
        scheme = component("RETROACTIVE", tiers=tiers(("200.00", "0.10")), multipliers={"SQL": "1.5"})
        assert gross(scheme, self.SQL, self.M365) == "25.00"

    def test_of_zero_pay_nothing(self):
        assert gross(component("FLAT", rate="0.10", multipliers={"SQL": "0"}), self.SQL) == "0.00"


class TestRounding:
    LINES = ("0.50", "0.50", "0.50")

    def test_of_the_total_rounds_once(self):
        assert gross(component("FLAT", rate="0.01"), *self.LINES) == "0.02"
        assert gross(component("FLAT", rate="0.01", rounding="TOTAL"), *self.LINES) == "0.02"

    def test_by_line_rounds_each(self):
        assert gross(component("FLAT", rate="0.01", rounding="LINE"), *self.LINES) == "0.03"

    def test_by_line_caps_each_after_rounding(self):
        scheme = component("FLAT", rate="0.10", rounding="LINE", claim_cap="5.00")
        assert gross(scheme, "49.94", "50.05", "400.00") == "14.99"


class TestPrintedLines:
    def test_of_a_total_split_it_and_give_the_last_cent_to_the_first_of_equals(self):
        assert lines_of(component("FLAT", rate="0.01"), "0.50", "0.50", "0.50") == [
            ("CLAIM", "1", "0.01"),
            ("CLAIM", "2", "0.01"),
            ("CLAIM", "3", "0.00"),
        ]

    def test_of_a_total_follow_the_multipliers(self):
        lines = [claim("100.00", "1", family="SQL"), claim("100.00", "2")]
        assert lines_of(component("FLAT", rate="0.10", multipliers={"SQL": "0.5"}), *lines) == [
            ("CLAIM", "1", "5.00"),
            ("CLAIM", "2", "10.00"),
        ]

    def test_name_caps_and_floors_apart(self):
        scheme = component("FLAT", rate="0.10", cap="4.00", floor="6.00")
        assert lines_of(scheme, "100.00") == [
            ("CLAIM", "1", "10.00"),
            ("CAP", None, "-6.00"),
            ("FLOOR", None, "2.00"),
        ]

    def test_name_no_cap_or_floor_that_does_not_bite(self):
        scheme = component("FLAT", rate="0.10", cap="10.00", floor="10.00")
        assert lines_of(scheme, "100.00") == [("CLAIM", "1", "10.00")]

    def test_are_one_for_a_scheme_that_prints_none_and_none_behind_a_failed_gate(self):
        assert lines_of(component("MARGINAL", tiers=tiers(("0", "0.1"))), "100.00") == [
            ("SCHEME", None, "10.00")
        ]
        gated = component("FLAT", rate="0.10", gates=[{"type": "MIN_CSAT", "score": "1"}])
        assert lines_of(gated, "100.00") == []


class TestBounds:
    @pytest.mark.parametrize(
        ("keys", "amount"),
        [
            ({"cap": "9.99"}, "9.99"),
            ({"cap": "10.00"}, "10.00"),
            ({"floor": "10.01"}, "10.01"),
            ({"floor": "9.99"}, "10.00"),
            ({"cap": "4.00", "floor": "6.00"}, "6.00"),
            ({"cap": "0.00"}, "0.00"),
        ],
    )
    def test_cap_then_floor_which_wins(self, keys, amount):
        assert gross(component("FLAT", rate="0.10", **keys), "100.00") == amount


class TestMarginal:
    def test_gives_each_bound_to_the_tier_that_starts_there(self):
        slices = component("MARGINAL", tiers=tiers(("0", "0.01"), ("100.00", "0.10")))
        assert [gross(slices, x) for x in ("99.99", "100.00", "100.10")] == ["1.00", "1.00", "1.01"]

    def test_rounds_the_sum_of_the_slices_once(self):
        slices = component("MARGINAL", tiers=tiers(("0", "0.004"), ("1.00", "0.004")))
        assert gross(slices, "2.00") == "0.01"

    def test_on_attainment_slices_the_components_own_base(self):
        scheme = component(
            "ATTAINMENT_MARGINAL", families=["SQL"], tiers=tiers(("0", "0.01"), ("0.5", "0.10"))
        )
        lines = [claim("900.00", "1"), claim("60.00", "2", family="SQL")]
        assert gross(scheme, *lines, target="100.00") == "1.50"

    def test_on_attainment_pays_nothing_under_a_cap_of_zero(self):
        scheme = component("ATTAINMENT_MARGINAL", tiers=tiers(("0", "0.01")), attainment_cap="0")
        assert gross(scheme, "100.00", target="100.00") == "0.00"


class TestPerProject:
    LINES = (
        claim("60.00", "1", project="J", roles=["PRESCRIBE"]),
        claim("40.00", "2", project="J", family="SQL", lead=True, roles=["DESIGN"]),
        claim("50.00", "3", roles=["PRESCRIBE", "DESIGN"]),
        claim("50.00", "4", lead=False),
    )

    @pytest.mark.parametrize(
        ("keys", "count"),
        [
            ({}, 3),
            ({"lead_only": True}, 2),
            ({"min_credited": "32.50"}, 3),
            ({"min_credited": "32.51"}, 2),
            ({"min_credited": "34.00", "lead_only": True}, 1),
            ({"max_projects": 2}, 2),
            ({"max_projects": 0}, 0),
            ({"max_projects": None}, 3),
            ({"families": ["SQL"]}, 1),
            ({"families": ["SQL"], "min_credited": "10.01"}, 0),
            ({"families": ["M365"], "lead_only": True}, 1),
        ],
    )
    def test_counts_each_project_that_qualifies_once(self, keys, count):
        scheme = component("PER_PROJECT", amount="750.00", **keys)
        assert gross(scheme, *self.LINES) == f"{750 * count}.00"


class TestGrowth:
    @pytest.mark.parametrize(
        ("baseline", "min_growth", "amount"),
        [
            ("100.00", "0.10", "1.00"),
            ("100.01", "0.10", "0.00"),
            ("110.00", "0", "0.00"),
            ("109.99", "0", "0.00"),
            ("109.90", "0", "0.01"),
            ("120.00", "0", "0.00"),
            ("0.01", "0", "11.00"),
            ("0.00", "0", "0.00"),
            ("-5.00", "0", "0.00"),
            (None, "0", "0.00"),
        ],
    )
    def test_pays_what_exceeds_the_baseline_once_it_has_grown_enough(self, baseline, min_growth, amount):
        scheme = component("GROWTH", rate="0.10", min_growth=min_growth)
        assert gross(scheme, "110.00", baseline=baseline) == amount

    def test_compares_the_base_of_the_component_with_the_whole_baseline(self):
        scheme = component("GROWTH", rate="0.10", min_growth="0.10", families=["SQL"])
        lines = [claim("500.00", "1"), claim("110.00", "2", family="SQL")]
        assert gross(scheme, *lines, baseline="100.00") == "1.00"
