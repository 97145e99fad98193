"""The worked examples of the rules, number by number; `wrong` is what a typical bug gives."""

import json
from pathlib import Path

import pytest

from tests.unit.engine.tables import answered, claim, component, facts, plan, tiers

SLICES = tiers(("0", "0.02"), ("50000.00", "0.035"), ("150000.00", "0.05"))
POINTS = tiers(("0.80", "0.01"), ("1.00", "0.03"), ("1.20", "0.04"))
OBJECTIVE = tiers(("0", "0.02"), ("1.00", "0.03"), ("1.20", "0.045"))
ROOT = Path(__file__).parents[3]
HALF_YEAR = json.loads((ROOT / "portal/demo/plans/ssii-fy26-h2.json").read_text())
ARVELIA = json.loads((Path(__file__).parent / "examples/p_00042.json").read_text())


def pays(scheme, x, **keys):
    """What one component of a scheme pays for one line of x, with the target where one is named."""
    target = {"target": keys.pop("target")} if "target" in keys else {}
    return answered(plan(component(scheme, **keys)), facts(x, **target))


class TestExample1Marginal:
    @pytest.mark.parametrize(
        ("x", "amount", "wrong"),
        [
            ("187654.32", "6382.72", "9382.72"),
            ("149999.99", "4500.00", "5250.00"),
            ("150000.00", "4500.00", "7500.00"),
        ],
    )
    def test_pays_each_slice_at_its_rate(self, x, amount, wrong):
        answer = pays("MARGINAL", x, tiers=SLICES)
        assert answer["gross"] == amount != wrong


class TestExample2Retroactive:
    @pytest.mark.parametrize(
        ("x", "amount"), [("187654.32", "9382.72"), ("149999.99", "5250.00"), ("150000.00", "7500.00")]
    )
    def test_pays_from_the_first_euro_at_the_rate_reached(self, x, amount):
        assert pays("RETROACTIVE", x, tiers=SLICES)["gross"] == amount


class TestExample3Interpolated:
    @pytest.mark.parametrize(
        ("x", "amount", "wrong"),
        [
            ("217233.45", "4456.31", "4455.46"),
            ("192000.00", "1920.00", "0.00"),
            ("190000.00", "0.00", "1900.00"),
            ("360000.00", "14400.00", "18000.00"),
        ],
    )
    def test_pays_at_the_exact_rate_between_two_points(self, x, amount, wrong):
        answer = pays("INTERPOLATED", x, tiers=POINTS, target="240000.00")
        assert answer["gross"] == amount != wrong


class TestExample4Gate:
    @pytest.mark.parametrize(
        ("x", "shown", "amount", "wrong"),
        [("239999.99", "79.99", "0.00", "4800.00"), ("240000.00", "80.00", "4800.00", "0.00")],
    )
    def test_passes_at_its_value_and_not_a_cent_before(self, x, shown, amount, wrong):
        gates = [{"type": "MIN_ATTAINMENT", "value": "0.80"}]
        answer = pays("FLAT", x, rate="0.02", gates=gates, target="300000.00")
        assert answer["attainment_display"] == shown
        assert answer["gross"] == amount != wrong


class TestExample5AttainmentMarginal:
    def test_pays_slices_of_the_objective_up_to_the_attainment_cap(self):
        answer = pays(
            "ATTAINMENT_MARGINAL", "193456.78", tiers=OBJECTIVE, attainment_cap="1.50", target="120000.00"
        )
        assert answer["gross"] == "4740.00" != "5345.56"

    def test_would_pay_more_without_the_cap(self):
        answer = pays("ATTAINMENT_MARGINAL", "193456.78", tiers=OBJECTIVE, target="120000.00")
        assert answer["gross"] == "5345.56"


class TestExample6Ties:
    @pytest.mark.parametrize(
        ("x", "rate", "amount", "wrong"),
        [("1481.80", "0.025", "37.05", "37.04"), ("1001.00", "0.015", "15.02", "15.01")],
    )
    def test_round_half_away_from_zero(self, x, rate, amount, wrong):
        assert pays("FLAT", x, rate=rate)["gross"] == amount != wrong


class TestExample7Split:
    @pytest.mark.parametrize(
        ("partner", "part"), [("P-0042", "52000.01"), ("P-0107", "16000.01"), ("P-0311", "12000.00")]
    )
    def test_credits_each_partner_its_part(self, partner, part):
        shares = {"P-0042": "0.65", "P-0107": "0.20", "P-0311": "0.15"}
        shared = facts(claim("80000.02", shares=shares)) | {"partner": partner}
        assert answered(plan(), shared)["credited"] == part


class TestExample8MinimumPayout:
    def test_carries_small_balances_until_they_reach_it(self):
        carried, seen = "0.00", []
        for earned in ("143.20", "56.79", "0.01", "35.00"):
            answer = answered(
                plan(component("FLAT", rate="1"), min_payout="200.00"), facts(earned, carry_in=carried)
            )
            carried = answer["carry_out"]
            seen.append((answer["earnings"], answer["payable"], carried))
        assert seen == [
            ("143.20", "0.00", "143.20"),
            ("56.79", "0.00", "199.99"),
            ("0.01", "200.00", "0.00"),
            ("35.00", "0.00", "35.00"),
        ]


class TestExample9Proration:
    def test_prorates_the_target_by_days(self):
        answer = answered(plan(), facts(target="300000.00", proration={"days": 123, "of": 184}))
        assert answer["target"] == "200543.48"


class TestExample10WholeHalfYear:
    def test_credits_each_line(self):
        answer = answered(HALF_YEAR, ARVELIA)
        assert [(one["ref"], one["credited"], one["reason"]) for one in answer["claims"]] == [
            ("1", "48000.00", None),
            ("2", "60000.00", "CLAIM_CAP"),
            ("3", "17819.96", None),
            ("4", "43456.87", None),
            ("6", "16185.00", None),
            ("7", "0.00", "OTHER_PERIOD"),
        ]
        assert answer["credited"] == "185461.83" != "210712.23"
        assert answer["attainment_display"] == "123.64"

    def test_earns_four_components_up_to_the_partner_cap(self):
        answer = answered(HALF_YEAR, ARVELIA)
        assert {one["code"]: one["amount"] for one in answer["components"]} == {
            "C1": "3968.47",
            "C2": "1034.57",
            "C3": "2250.00",
            "C4": "1003.85",
        }
        assert (answer["gross"], answer["earnings"]) == ("8256.89", "8000.00")

    def test_pays_after_adjustment_and_carry_in_outside_the_cap(self):
        answer = answered(HALF_YEAR, ARVELIA)
        assert answer["balance"] == answer["payable"] == "7675.73" != "7932.62"
        assert answer["carry_out"] == "0.00"
        assert answer["documents"] == [
            {"kind": "SELF_BILLED_INVOICE", "net": "8088.10", "vat": "1617.62", "total": "9705.72"},
            {"kind": "SELF_BILLED_CREDIT_NOTE", "net": "412.37", "vat": "82.47", "total": "494.84"},
        ]
        assert answer["net_to_pay"] == "9210.88"

    def test_credits_more_without_the_claim_cap(self):
        uncapped = {key: value for key, value in HALF_YEAR.items() if key != "measure"}
        assert answered(uncapped, ARVELIA)["credited"] == "210712.23"

    def test_adjusts_nothing_when_claim_8_is_accepted_later(self):
        accepted = claim("12600.00", "8", family="SYSTEM_CENTER")
        before = answered(HALF_YEAR, ARVELIA)
        after = answered(HALF_YEAR, ARVELIA | {"claims": [*ARVELIA["claims"], accepted]})
        assert (after["gross"], after["earnings"]) == ("9016.42", "8000.00")
        assert after["earnings"] == before["earnings"]  # not 504.00, the 4 % slice of 12 600.00
