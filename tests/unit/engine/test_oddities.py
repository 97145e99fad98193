import pytest

from portal.margin.engine import GatesPassed, oddities, parse_plan
from tests.unit.engine.tables import component, computed, facts, plan, tiers

STEPS = tiers(("0.50", "0.01"), ("0.80", "0.02"), ("1.00", "0.03"))


def warnings(*components, **keys):
    return [str(one) for one in oddities(parse_plan(plan(*components, **keys)))]


class TestOddities:
    @pytest.mark.parametrize(
        ("document", "expected"),
        [
            (component("FLAT", rate="0.02"), []),
            (component("MARGINAL", tiers=tiers(("0", "0.01"), ("10.00", "0.02"))), []),
            (
                component("RETROACTIVE", tiers=tiers(("50000.00", "0.035"), ("150000.00", "0.05"))),
                [
                    "components[0].tiers[0]: cliff of 1750.00 EUR at 50000.00",
                    "components[0].tiers[1]: cliff of 2250.00 EUR at 150000.00",
                ],
            ),
            (
                component("RETROACTIVE", tiers=tiers(("0", "0.05"), ("100.00", "0.02"))),
                ["components[0].tiers[1]: fall: more pays less, a cliff of 3.00 EUR at 100.00"],
            ),
            (
                component("INTERPOLATED", tiers=tiers(("0.80", "0.01"), ("1.20", "0.03"))),
                ["components[0].tiers[0]: cliff of 800.00 EUR at 80 % for a target of 100000.00"],
            ),
            (component("INTERPOLATED", tiers=tiers(("0.80", "0"), ("1.20", "0.03"))), []),
            (
                component("ATTAINMENT_RETROACTIVE", tiers=tiers(("0", "0.01"), ("1.00", "0.03"))),
                ["components[0].tiers[1]: cliff of 2000.00 EUR at 100 % for a target of 100000.00"],
            ),
            (
                component(
                    "ATTAINMENT_MARGINAL", tiers=tiers(("0", "0.01"), ("1.3", "0.02")), attainment_cap="1.30"
                ),
                ["components[0].tiers[1]: is never reached: attainment_cap is 1.30"],
            ),
            (
                component("FLAT", rate="0.01", cap="5.00", floor="6.00"),
                ["components[0].floor: 6.00 is above the cap 5.00, and wins over it"],
            ),
            (component("FLAT", rate="0.01", cap="5.00", floor="5.00"), []),
            (component("MARGINAL", tiers=tiers(("0", "0.01")), families=["A"]), []),
            (component("FLAT", rate="0.01", families=["A", "B"], multipliers={"B": "2"}), []),
            (
                component("FLAT", rate="0.01", families=[]),
                ["components[0].families: is empty: the component takes no line"],
            ),
            (
                component("FLAT", rate="0.01", families=["A", "A"], multipliers={"B": "2"}),
                [
                    "components[0].families[1]: repeats A",
                    "components[0].multipliers.B: is not a family of the component",
                ],
            ),
            (
                component(
                    "MARGINAL", tiers=tiers(("0", "0.10"), ("50.00", "0.20"), ("75.00", "0.30")), cap="10.00"
                ),
                ["components[0].tiers[2]: adds nothing: the cap 10.00 is reached before"],
            ),
        ],
    )
    def test_of_a_component_are_named_with_their_size(self, document, expected):
        assert warnings(document) == expected

    @pytest.mark.parametrize(
        ("scheme", "cap", "position"),
        [
            # 50 × 10 % = 5, then 25 × 20 % = 5: the third tier adds nothing to a cap of 10.00, the second one does.
            ("MARGINAL", "10.00", [2]),
            ("MARGINAL", "10.01", []),
            ("MARGINAL", "5.00", [1, 2]),
            # 50 × 10 % = 5 below the second, 75 × 20 % = 15 below the third.
            ("RETROACTIVE", "15.00", [2]),
            ("RETROACTIVE", "15.01", []),
            ("RETROACTIVE", "5.00", [1, 2]),
            ("RETROACTIVE", "5.01", [2]),
        ],
    )
    def test_name_tiers_above_the_amount_where_the_cap_is_reached(self, scheme, cap, position):
        steps = tiers(("0", "0.10"), ("50.00", "0.20"), ("75.00", "0.30"))
        found = [one for one in warnings(component(scheme, tiers=steps, cap=cap)) if "adds nothing" in one]
        assert found == [
            f"components[0].tiers[{n}]: adds nothing: the cap {cap} is reached before" for n in position
        ]

    def test_name_tiers_below_a_gate(self):
        gated = component("ATTAINMENT_RETROACTIVE", tiers=STEPS)
        found = warnings(gated, gates=[{"type": "MIN_ATTAINMENT", "value": "0.80"}])
        assert "components[0].tiers[0]: is never paid: a gate asks for 0.80" in found
        assert len([one for one in found if "never" in one]) == 1

    @pytest.mark.parametrize(
        ("gate", "cliffs"),
        [
            ("0.50", ["tiers[0]: cliff of 1600.00 EUR at 80 %", "tiers[1]: cliff of 1000.00 EUR at 100 %"]),
            ("0.90", ["tiers[1]: cliff of 1000.00 EUR at 100 %"]),
            ("1.00", ["tiers[1]: cliff of 3000.00 EUR at 100 %"]),  # below the gate nothing was paid
            ("1.01", []),
        ],
    )
    def test_tell_no_cliff_below_a_gate(self, gate, cliffs):
        gated = component("ATTAINMENT_RETROACTIVE", tiers=tiers(("0.80", "0.02"), ("1.00", "0.03")))
        found = warnings(gated, gates=[{"type": "MIN_ATTAINMENT", "value": gate}])
        told = [f"components[0].{one} for a target of 100000.00" for one in cliffs]
        assert [one for one in found if "cliff" in one] == told

    def test_name_families_that_weigh_nothing(self):
        found = warnings(component("FLAT", rate="0.01", families=["A"]), measure={"weights": {"A": "0"}})
        assert found == ["components[0].families[0]: A weighs 0 in the measure and pays nothing"]

    def test_name_a_minimum_payout_above_the_partner_cap(self):
        assert warnings(component("FLAT", rate="0.01"), partner_cap="150.00", min_payout="150.00") == []
        found = warnings(component("FLAT", rate="0.01"), partner_cap="100.00", min_payout="150.00")
        assert found == ["min_payout: is above partner_cap 100.00: no period pays alone"]


class TestGatesPassed:
    def test_warn_only_of_what_nobody_passed(self):
        gated = plan(
            component("FLAT", rate="0.01", gates=[{"type": "MIN_CSAT", "score": "9"}]),
            component("FLAT", rate="0.01", gates=[{"type": "MIN_CSAT", "score": "7"}]) | {"code": "C2"},
            gates=[{"type": "MIN_CSAT", "score": "1"}, {"type": "MIN_PROJECTS", "count": 1}],
        )
        passed = GatesPassed()
        for csat in ("6", "8", "6", None):
            passed.look_at(computed(gated, facts(csat=csat)))
        assert [str(one) for one in passed.oddities] == [
            "gates[1]: is passed by none of 4 partners",
            "components[0].gates[0]: is passed by none of 4 partners",
        ]
