"""A person with the trace alone, and no plan at hand, comes to the same cents."""

from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given

from portal.margin.engine import evaluate, parse_facts, parse_plan, result_document
from tests.unit.engine.documents import facts, plans
from tests.unit.engine.naive import rounded, split
from tests.unit.engine.tables import answered, claim, component, plan, tiers
from tests.unit.engine.tables import facts as facts_of


def redone_credit(one, steps):
    """A line of the trace, step by step."""
    if "in_euros" not in one:
        assert one["reason"] in ("OTHER_PERIOD", "NO_CORE_ROLE")
        return F(0)
    euros = F(one["approved"])
    if "fx_rate" in one:
        euros = rounded(euros / F(one["fx_rate"]))
    assert euros == F(one["in_euros"])
    if "shares" in one:
        part = split(euros, {code: F(share) for code, share in one["shares"].items()})[steps["partner"]]
    else:
        assert sum(F(steps["role_weights"][role]) for role in one["roles"]) == F(one["weight"])
        part = rounded(euros * F(one["weight"]))
    assert part == F(one["uncapped"])
    if one.get("reason") == "CLAIM_CAP":
        part = F(steps["claim_cap"])
    assert part * F(one["measure_weight"]) == F(one["measured"])
    return part


def redone_amount(one, steps):
    """What a component's scheme computes, from its operands."""
    by_ref = {line["ref"]: line for line in steps["claims"]}
    lines = [by_ref[ref] for ref in one["claims"]]
    assert sum(F(line["measured"]) for line in lines) == F(one["base"])
    used = one["steps"]
    if "slices" in used:
        assert all(F(part["part"]) * F(part["rate"]) == F(part["pays"]) for part in used["slices"])
        return rounded(sum((F(part["part"]) * F(part["rate"]) for part in used["slices"]), F(0)))
    if "counted" in used:
        return F(used["amount_per_project"]) * used["counted"]
    if "rounding" in used:
        rate = F(used["rate"]) / F(used["rate_divided_by"])
        pays = [
            F(line["measured"]) * rate * F(used["multipliers"].get(line["family"], "1")) for line in lines
        ]
        if used["rounding"] == "TOTAL":
            return rounded(sum(pays, F(0)))
        cap = used["claim_cap"]
        return sum((rounded(pay) if cap is None else min(rounded(pay), F(cap)) for pay in pays), F(0))
    if "growth" in used and F(used["growth"]) >= F(used["needed"]):
        return rounded(F(used["growth"]) * F(used["rate"]))
    return F(0)


class TestTrace:
    @given(plans, facts)
    def test_is_enough_to_redo_the_result(self, any_plan, any_facts):
        answer = result_document(evaluate(parse_plan(any_plan), parse_facts(any_facts)))
        steps = answer["trace"] | {"partner": answer["partner"]}
        credits = [redone_credit(one, steps) for one in steps["claims"]]
        assert sum(credits) == F(answer["credited"])
        for one in steps["components"]:
            assert redone_amount(one, steps) == F(one["computed"])
            assert sum(F(line["amount"]) for line in one["lines"]) == F(one["amount"])
        assert sum(F(one["amount"]) for one in steps["components"]) == F(steps["payment"]["gross"])

    def test_shows_the_tiers_there_are_and_those_that_apply(self):
        scheme = component("INTERPOLATED", tiers=tiers(("0.80", "0.01"), ("1.00", "0.03"), ("1.20", "0.04")))
        steps = answered(plan(scheme), facts_of("90.00", target="100.00"))["trace"]["components"][0]["steps"]
        assert [tier["from"] for tier in steps["tiers"]] == ["0.80", "1.00", "1.20"]
        assert [tier["from"] for tier in steps["applied"]] == ["0.80", "1.00"]
        assert D(steps["rate"]) / D(steps["rate_divided_by"]) == D("0.02")

    def test_shows_the_last_point_alone_beyond_it_and_none_below_the_first(self):
        scheme = component("INTERPOLATED", tiers=tiers(("0.80", "0.01"), ("1.20", "0.04")))
        for x, applied in (("79.99", []), ("120.00", [{"from": "1.20", "rate": "0.04"}])):
            assert steps_of(scheme, x, target="100.00")["applied"] == applied

    def test_shows_the_one_tier_that_a_retroactive_rate_comes_from(self):
        scheme = component("RETROACTIVE", tiers=tiers(("0", "0.01"), ("50.00", "0.02"), ("100.00", "0.03")))
        steps = answered(plan(scheme), facts_of("60.00"))["trace"]["components"][0]["steps"]
        assert steps["applied"] == [{"from": "50.00", "rate": "0.02"}]

    def test_shows_what_the_claim_cap_cut_and_only_then(self):
        scheme = component("FLAT", rate="0.10", rounding="LINE", claim_cap="5.00")
        lines = answered(plan(scheme), facts_of("50.00", "50.10"))["trace"]["components"][0]["lines"]
        assert lines == [
            {"kind": "CLAIM", "ref": "1", "amount": "5.00"},
            {"kind": "CLAIM", "ref": "2", "uncapped": "5.01", "amount": "5.00"},
        ]

    def test_shows_the_instant_of_an_order_beside_its_day_in_paris(self):
        line = claim("1.00", ordered_at="2026-06-30T22:30:00Z")
        shown = answered(plan(), facts_of(line))["trace"]["claims"][0]
        assert (shown["ordered_at"], shown["ordered_on"]) == ("2026-06-30T22:30:00Z", "2026-07-01")

    def test_shows_what_a_closed_gate_held_back(self):
        gated = component("FLAT", rate="0.10", gates=[{"type": "MIN_CSAT", "score": "8"}])
        shown = answered(plan(gated), facts_of("100.00", csat="7"))["trace"]["components"][0]
        assert (shown["computed"], shown["amount"], shown["lines"]) == ("10.00", "0.00", [])
        assert shown["gates"] == [{"type": "MIN_CSAT", "score": "8", "csat": "7", "passed": False}]

    def test_names_its_steps_in_the_order_they_are_done(self):
        steps = answered(plan(), facts_of("50.00", target="100.00"))["trace"]
        names = "period role_weights claim_cap claims projects attainment gates components payment"
        assert list(steps) == names.split()
        assert steps["attainment"]["display"] == "50.00"

    def test_writes_small_figures_plainly(self):
        shown = answered(plan(component("FLAT", rate="0.000000001")), facts_of("1.00"))["trace"]
        assert shown["components"][0]["steps"]["rate"] == "0.000000001"


def steps_of(scheme, *lines, **known):
    """The operands of the plan's one component."""
    document = answered(plan(scheme), facts_of(*lines, **known))
    return document["trace"]["components"][0]["steps"]


class TestTheStepsOfAScheme:
    """Key by key: the pages, the paper and a person with a pencil read them by these names."""

    def test_of_slices(self):
        scheme = component("MARGINAL", tiers=tiers(("0", "0.02"), ("100.00", "0.03")))
        assert steps_of(scheme, "150.00") == {
            "slices": [
                {"from": "0.00", "to": "100.00", "part": "100.00", "rate": "0.02", "pays": "2.0000"},
                {"from": "100.00", "to": None, "part": "50.00", "rate": "0.03", "pays": "1.5000"},
            ]
        }

    def test_of_slices_of_attainment(self):
        scheme = component("ATTAINMENT_MARGINAL", tiers=tiers(("0", "0.02")), attainment_cap="1.5")
        assert steps_of(scheme, "200.00", target="100.00") == {
            "attainment_cap": "1.5",
            "limit": "150.000",
            "slices": [{"from": "0.00", "to": None, "part": "150.000", "rate": "0.02", "pays": "3.00000"}],
        }
        assert steps_of(scheme, "200.00") == {"target": None}

    def test_of_one_rate(self):
        scheme = component(
            "RETROACTIVE", tiers=tiers(("0", "0.01"), ("50.00", "0.02"), ("100.00", "0.03")),
            multipliers={"M365": "2"}, rounding="LINE", claim_cap="9.00",
        )  # fmt: skip
        assert steps_of(scheme, "150.00") == {
            "tiers": [{"from": "0.00", "rate": "0.01"}, {"from": "50.00", "rate": "0.02"}, {"from": "100.00", "rate": "0.03"}],
            "applied": [{"from": "100.00", "rate": "0.03"}],
            "rate": "0.03",
            "rate_divided_by": "1",
            "multipliers": {"M365": "2"},
            "rounding": "LINE",
            "claim_cap": "9.00",
        }  # fmt: skip

    def test_of_a_rate_between_points(self):
        scheme = component("INTERPOLATED", tiers=tiers(("0.5", "0.01"), ("1", "0.03"), ("2", "0.04")))
        told = steps_of(scheme, "75.00", target="100.00")
        assert told["applied"] == [{"from": "0.5", "rate": "0.01"}, {"from": "1", "rate": "0.03"}]
        assert F(told["rate"]) / F(told["rate_divided_by"]) == F("0.02")

    def test_of_projects(self):
        scheme = component("PER_PROJECT", amount="10.00", lead_only=True, min_credited="5.00", max_projects=1)
        assert steps_of(scheme, "9.00", "4.00", claim("8.00", "3"), claim("7.00", "4", lead=False)) == {
            "amount_per_project": "10.00",
            "lead_only": True,
            "min_credited": "5.00",
            "max_projects": 1,
            "among": [
                {"project": "1", "credited": "9.00", "led": True},
                {"project": "2", "credited": "4.00", "led": True},
                {"project": "3", "credited": "8.00", "led": True},
                {"project": "4", "credited": "7.00", "led": False},
            ],
            "projects": ["1", "3"],
            "counted": 1,
        }

    def test_of_growth(self):
        scheme = component("GROWTH", rate="0.03", min_growth="0.10")
        assert steps_of(scheme, "150.00", baseline="100.00") == {
            "rate": "0.03",
            "min_growth": "0.10",
            "baseline": "100.00",
            "growth": "50.00",
            "needed": "10.0000",
        }
        assert steps_of(scheme, "150.00") == {"rate": "0.03", "min_growth": "0.10", "baseline": None}


class TestTheFiguresOfAGate:
    """Key by key, as those of a scheme."""

    @pytest.mark.parametrize(
        ("gate", "figures", "passed"),
        [
            (
                {"type": "MIN_ATTAINMENT", "value": "0.80"},
                {"value": "0.80", "measured": "90.00", "needed": "80.0000"},
                True,
            ),
            (
                {"type": "MIN_PROJECTS", "count": 2, "min_credited": "50.00"},
                {"count": 2, "min_credited": "50.00", "projects": ["1"]},
                False,
            ),
            ({"type": "MIN_CSAT", "score": "7.5"}, {"score": "7.5", "csat": "8.1"}, True),
            (
                {"type": "COMPETENCY_HELD", "code": "INFRA"},
                {"code": "INFRA", "from": "2026-06-30", "to": "2026-06-30", "held": [{"from": "2026-02-01", "until": None}]},
                True,
            ),
            (
                {"type": "COMPETENCY_HELD", "code": "INFRA", "continuous": True},
                {"code": "INFRA", "from": "2026-01-01", "to": "2026-06-30", "held": [{"from": "2026-02-01", "until": None}]},
                False,
            ),
        ],
    )  # fmt: skip
    def test_are_those_it_looked_at(self, gate, figures, passed):
        held = [{"code": code, "from": "2026-02-01"} for code in ("INFRA", "CLOUD")]
        known = facts_of("50.00", "40.00", target="100.00", csat="8.1", competencies=held)
        assert answered(plan(gates=[gate]), known)["trace"]["gates"] == [
            {"type": gate["type"], **figures, "passed": passed}
        ]

    def test_name_no_attainment_needed_where_there_is_no_target(self):
        gate = {"type": "MIN_ATTAINMENT", "value": "0.80"}
        assert answered(plan(gates=[gate]), facts_of("50.00"))["trace"]["gates"] == [
            {"type": "MIN_ATTAINMENT", "value": "0.80", "measured": "50.00", "needed": None, "passed": False}
        ]


class TestTheStepsOfALine:
    def test_are_told_key_by_key(self):
        lines = [
            claim("100.00", "1", project="J", currency="USD", fx_rate="1.25", family="SQL", roles=["DESIGN"]),
            claim("50.00", "2", shares={"P-00042": "0.5", "-": "0.5"}, lead=True),
            claim("10.00", "3", ordered_at="2026-06-30T22:30:00Z"),
        ]
        measure = {"claim_cap": "15.00", "weights": {"SQL": "0.5"}}
        steps = answered(plan(measure=measure), facts_of(*lines))["trace"]
        assert steps["claims"] == [
            {
                "ref": "1", "project": "J", "family": "SQL", "ordered_on": "2026-03-10", "approved": "100.00",
                "roles": ["DESIGN"], "lead": False, "reason": "CLAIM_CAP", "currency": "USD", "fx_rate": "1.25",
                "in_euros": "80.00", "weight": "0.25", "uncapped": "20.00", "credited": "15.00",
                "measure_weight": "0.5", "measured": "7.500",
            },
            {
                "ref": "2", "project": "2", "family": "M365", "ordered_on": "2026-03-10", "approved": "50.00",
                "roles": [], "lead": True, "reason": "CLAIM_CAP", "in_euros": "50.00",
                "shares": {"P-00042": "0.5", "-": "0.5"}, "parts": {"P-00042": "25.00", "-": "25.00"},
                "uncapped": "25.00", "credited": "15.00", "measure_weight": "1", "measured": "15.00",
            },
            {
                "ref": "3", "project": "3", "family": "M365", "ordered_on": "2026-07-01", "approved": "10.00",
                "roles": ["PRESCRIBE", "DESIGN", "INTEGRATE", "DEPLOY"], "lead": True,
                "ordered_at": "2026-06-30T22:30:00Z", "reason": "OTHER_PERIOD",
            },
        ]  # fmt: skip
        assert steps["projects"] == [
            {"project": "J", "credited": "15.00", "led": False},
            {"project": "2", "credited": "15.00", "led": True},
        ]
        assert (steps["period"], steps["claim_cap"]) == ({"from": "2026-01-01", "to": "2026-06-30"}, "15.00")
        assert steps["role_weights"] == {
            "PRESCRIBE": "0.40",
            "DESIGN": "0.25",
            "INTEGRATE": "0.20",
            "DEPLOY": "0.15",
        }

    def test_lead_to_the_payment(self):
        adjusted = [
            {"period": "FY26-H1", "amount": "-1.00", "reason": "typo"},
            {"period": "FY25", "amount": "2.00"},
        ]
        document = plan(
            component("FLAT", rate="0.10", cap="9.00", floor="1.00", families=["M365"]), partner_cap="8.00",
            min_payout="1.00", flush_at_fiscal_year_end=True, true_up="POSITIVE_ONLY", vat_rate="0.1",
        )  # fmt: skip
        known = facts_of(
            "100.00", prior_earnings="3.00", adjustments=adjusted, carry_in="4.00", closes_fiscal_year=True
        )
        steps = answered(document, known)["trace"]
        assert steps["payment"] == {
            "gross": "9.00", "partner_cap": "8.00", "capped": "8.00", "prior_earnings": "3.00",
            "true_up": "POSITIVE_ONLY", "earnings": "5.00", "adjustments": [
                {"period": "FY26-H1", "amount": "-1.00", "reason": "typo"},
                {"period": "FY25", "amount": "2.00", "reason": None},
            ],
            "carry_in": "4.00", "balance": "10.00", "min_payout": "1.00", "flush_at_fiscal_year_end": True,
            "closes_fiscal_year": True, "payable": "10.00", "carry_out": "0.00", "vat_rate": "0.1",
        }  # fmt: skip
        (one,) = steps["components"]
        assert {key: one[key] for key in one if key not in ("steps", "lines")} == {
            "code": "C1", "scheme": "FLAT", "families": ["M365"], "claims": ["1"], "base": "100.00", "gates": [],
            "passed": True, "computed": "10.00", "cap": "9.00", "floor": "1.00", "amount": "9.00",
        }  # fmt: skip
