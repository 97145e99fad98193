from decimal import Decimal as D

import pytest

from portal.margin.engine import NextTier, attainment_bar, next_tier, parse_plan
from tests.unit.engine.tables import claim, component, computed, facts, plan, tiers

SLICES = component("ATTAINMENT_MARGINAL", tiers=tiers(("0", "0.02"), ("1.00", "0.03")), attainment_cap="1.50")


class TestNextTier:
    @pytest.mark.parametrize(
        ("scheme", "x", "more", "worth"),
        [
            (SLICES, "900.00", "100.00", "2.00"),
            (
                component("ATTAINMENT_RETROACTIVE", tiers=tiers(("0", "0.01"), ("1", "0.05"))),
                "900.00",
                "100.00",
                "41.00",
            ),
            (component("RETROACTIVE", tiers=tiers(("1000.00", "0.05"))), "999.99", "0.01", "50.00"),
            (
                component("MARGINAL", tiers=tiers(("0", "0.01"), ("1000.00", "0.05"))),
                "0.00",
                "1000.00",
                "10.00",
            ),
        ],
    )
    def test_tells_how_much_more_reaches_it_and_what_that_is_worth(self, scheme, x, more, worth):
        ahead = next_tier(computed(plan(scheme), facts(x, target="1000.00")))
        assert ahead is not None
        assert (ahead.more, ahead.worth) == (D(more), D(worth))

    def test_rounds_up_to_the_cent_that_reaches_it(self):
        scheme = component("ATTAINMENT_RETROACTIVE", tiers=tiers(("0.3333333", "0.05")))
        ahead = next_tier(computed(plan(scheme), facts(target="100.00")))
        assert ahead is not None
        assert (ahead.more, ahead.worth) == (D("33.34"), D("1.67"))

    def test_counts_no_project_and_no_gain_beyond_the_partner_cap(self):
        projects = component("PER_PROJECT", amount="750.00", min_credited="0.01") | {"code": "C2"}
        known = facts("900.00", target="1000.00")
        ahead = next_tier(computed(plan(SLICES, projects), known))
        assert ahead is not None
        assert ahead.worth == D("2.00")
        capped = next_tier(computed(plan(SLICES, projects, partner_cap="760.00"), known))
        assert capped is not None
        assert capped.worth == D("0.00")

    @pytest.mark.parametrize(
        ("weight", "more", "worth"),
        [
            ("1", "100.00", "5.00"),
            ("0.3", "333.34", "5.00"),  # 100.002 × 5 %
            ("0.6", "166.67", "5.00"),
            ("2", "50.00", "5.00"),
            ("3", "33.34", "5.00"),
            ("0.0005", "200000.00", "5.00"),
        ],
    )
    def test_weighs_what_more_must_be_credited(self, weight, more, worth):
        scheme = component("RETROACTIVE", tiers=tiers(("100.00", "0.05")), families=["SQL"])
        ahead = next_tier(computed(plan(scheme, measure={"weights": {"SQL": weight}}), facts()))
        assert ahead == NextTier("C1", D("100.00"), False, D("0.05"), D(more), D(worth))

    def test_names_the_component_and_the_attainment_that_it_reaches(self):
        gain = component("GROWTH", rate="1", min_growth="0") | {"code": "C2"}
        ahead = next_tier(computed(plan(gain, SLICES | {"code": "C9"}), facts("900.00", target="1000.00")))
        assert ahead == NextTier("C9", D("1.00"), True, D("0.03"), D("100.00"), D("2.00"))

    def test_multiplies_what_the_familys_euro_is_worth(self):
        scheme = component(
            "RETROACTIVE", tiers=tiers(("100.00", "0.05")), families=["SQL", "M365"], multipliers={"SQL": "2"}
        )
        ahead = next_tier(computed(plan(scheme), facts()))
        assert ahead is not None
        assert (ahead.more, ahead.worth) == (D("100.00"), D("10.00"))

    def test_looks_at_the_families_and_weights_of_the_component(self):
        scheme = SLICES | {"families": ["NONE", "SQL"]}
        weights = {"weights": {"NONE": "0", "SQL": "0.5"}}
        lines = [claim("500.00", "1"), claim("100.00", "2", family="SQL")]
        ahead = next_tier(computed(plan(scheme, measure=weights), facts(*lines, target="1000.00")))
        assert ahead is not None
        assert ahead.more == D("1900.00")

    @pytest.mark.parametrize(
        ("scheme", "known"),
        [
            (SLICES, facts("1000.00", target="1000.00")),
            (SLICES, facts("10.00")),
            (SLICES | {"attainment_cap": "1"}, facts("10.00", target="1000.00")),
            (SLICES | {"families": []}, facts("10.00", target="1000.00")),
            (component("FLAT", rate="1"), facts("10.00", target="1000.00")),
        ],
    )
    def test_is_none_on_the_last_or_where_there_is_none(self, scheme, known):
        assert next_tier(computed(plan(scheme), known)) is None


class TestAttainmentBar:
    def test_gives_all_bounds_in_percent(self):
        gates = [{"type": "MIN_ATTAINMENT", "value": "0.80"}, {"type": "MIN_CSAT", "score": "7"}]
        bar = attainment_bar(
            parse_plan(plan(component("FLAT", rate="1"), SLICES | {"code": "C2", "gates": gates}))
        )
        assert bar is not None
        assert bar.component == "C2"
        assert [(tier.percent, tier.rate) for tier in bar.tiers] == [(0, D("0.02")), (100, D("0.03"))]
        assert (bar.gates, bar.cap) == ((80,), 150)

    def test_has_no_cap_where_the_scheme_has_none(self):
        schemes = ("ATTAINMENT_MARGINAL", "ATTAINMENT_RETROACTIVE", "INTERPOLATED")
        bars = [
            attainment_bar(parse_plan(plan(component(one, tiers=tiers(("0", "0.02")))))) for one in schemes
        ]
        assert [bar and bar.cap for bar in bars] == [None, None, None]

    def test_is_none_for_a_plan_without_attainment(self):
        assert attainment_bar(parse_plan(plan())) is None
