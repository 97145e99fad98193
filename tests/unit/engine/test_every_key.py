"""Each key of the two documents is read into its own place, and is what the rules say where it is absent."""

from dataclasses import fields
from datetime import date
from decimal import Decimal as D

import pytest

from portal.calendar import PeriodCode
from portal.margin.engine import (
    Adjustment,
    ClaimLine,
    Competency,
    Component,
    Facts,
    Plan,
    Proration,
    Role,
    Rounding,
    Tier,
    TrueUp,
    parse_facts,
    parse_plan,
)
from portal.margin.engine import plan as model
from tests.unit.engine.tables import claim, component, facts, plan, tiers

H2 = PeriodCode(2026, "H2")
STEPS = tiers(("0", "0.01"), ("5.00", "0.02"))
READ = (Tier(D("0.00"), D("0.01")), Tier(D("5.00"), D("0.02")))
QUOTIENTS = (Tier(D("0"), D("0.01")), Tier(D("5.00"), D("0.02")))
PAYOUT = {"multipliers": {"A": "2"}, "rounding": "LINE", "claim_cap": "7.00"}
PAID = model.Payout({"A": D("2")}, Rounding.LINE, D("7.00"))


class TestAPlan:
    def test_says_only_what_it_must(self):
        read = parse_plan(plan(component("FLAT", rate="0.02")))
        assert read == Plan("P", 1, "SSII", H2, (Component("C1", model.Flat(D("0.02"))),))
        assert read.role_weights == {
            Role.PRESCRIBE: D("0.40"), Role.DESIGN: D("0.25"), Role.INTEGRATE: D("0.20"), Role.DEPLOY: D("0.15"),
        }  # fmt: skip
        assert (read.claim_cap, read.measure_weights, read.gates, read.partner_cap) == (None, {}, (), None)
        assert (read.currency, read.min_payout, read.vat_rate) == ("EUR", D("0.00"), D("0.20"))
        assert (read.flush_at_fiscal_year_end, read.true_up) == (False, TrueUp.SIGNED)

    def test_says_all_it_can(self):
        read = parse_plan(
            plan(
                role_weights={"PRESCRIBE": "0.1", "DESIGN": "0.2", "INTEGRATE": "0.3", "DEPLOY": "0.4"},
                measure={"claim_cap": "9.00", "weights": {"A": "0.5"}}, gates=[{"type": "MIN_CSAT", "score": "7"}],
                partner_cap="8.00", min_payout="3.00", flush_at_fiscal_year_end=True, true_up="POSITIVE_ONLY",
                vat_rate="0.055",
            )
        )  # fmt: skip
        assert read == Plan(
            "P", 1, "SSII", H2, (Component("C1", model.Flat(D("0.02"))),), "EUR",
            dict(zip(Role, (D("0.1"), D("0.2"), D("0.3"), D("0.4")), strict=True)), D("9.00"), {"A": D("0.5")},
            (model.MinCsat(D("7")),), D("8.00"), D("3.00"), True, TrueUp.POSITIVE_ONLY, D("0.055"),
        )  # fmt: skip

    @pytest.mark.parametrize("period", ["FY26", "FY26-H1", "FY26-Q3"])
    def test_is_of_any_fiscal_period(self, period):
        assert str(parse_plan(plan(period=period, version="12")).period) == period
        assert parse_plan(plan(version="12")).version == 12

    def test_takes_role_weights_that_sum_to_one_and_no_more(self):
        """R7: role weights are shares of the line, and the unclaimed rest is one too: it is never negative."""
        weights = dict.fromkeys(Role, "0.25")
        assert sum(parse_plan(plan(role_weights=weights)).role_weights.values()) == 1
        assert sum(parse_plan(plan(role_weights=dict.fromkeys(Role, "0"))).role_weights.values()) == 0


class TestAComponent:
    @pytest.mark.parametrize(
        ("scheme", "keys", "read"),
        [
            ("FLAT", {"rate": "0.1"}, model.Flat(D("0.1"))),
            ("FLAT", {"rate": "0.1", **PAYOUT}, model.Flat(D("0.1"), PAID)),
            ("MARGINAL", {"tiers": STEPS}, model.Marginal(READ)),
            ("RETROACTIVE", {"tiers": STEPS}, model.Retroactive(READ)),
            ("RETROACTIVE", {"tiers": STEPS, **PAYOUT}, model.Retroactive(READ, PAID)),
            ("ATTAINMENT_MARGINAL", {"tiers": STEPS}, model.AttainmentMarginal(QUOTIENTS, None)),
            ("ATTAINMENT_MARGINAL", {"tiers": STEPS, "attainment_cap": "1.5"}, model.AttainmentMarginal(QUOTIENTS, D("1.5"))),
            ("ATTAINMENT_RETROACTIVE", {"tiers": STEPS, **PAYOUT}, model.AttainmentRetroactive(QUOTIENTS, PAID)),
            ("INTERPOLATED", {"tiers": STEPS, **PAYOUT}, model.Interpolated(QUOTIENTS, PAID)),
            ("PER_PROJECT", {"amount": "5"}, model.PerProject(D("5.00"), False, D("0.01"), None)),
            ("PER_PROJECT", {"amount": "5", "lead_only": True, "min_credited": "6", "max_projects": 7}, model.PerProject(D("5.00"), True, D("6.00"), 7)),
            ("GROWTH", {"rate": "0.1", "min_growth": "0.2"}, model.Growth(D("0.1"), D("0.2"))),
        ],
    )  # fmt: skip
    def test_is_one_of_the_eight_schemes(self, scheme, keys, read):
        document = component(scheme, **keys)
        assert parse_plan(plan(document)).components == (Component("C1", read),)
        bounds = {
            "families": ["A", "B"],
            "cap": "9",
            "floor": "2",
            "gates": [{"type": "MIN_CSAT", "score": "7"}],
        }
        assert parse_plan(plan(document | bounds)).components == (
            Component("C1", read, ("A", "B"), (model.MinCsat(D("7")),), D("9.00"), D("2.00")),
        )

    @pytest.mark.parametrize(
        ("scheme", "first", "bounds"),
        [("RETROACTIVE", "3.00", "amounts"), ("ATTAINMENT_RETROACTIVE", "0.8005", "quotients"), ("INTERPOLATED", "0.8005", "quotients")],
    )  # fmt: skip
    def test_may_start_its_tiers_above_zero_where_nothing_is_sliced(self, scheme, first, bounds):
        (read,) = parse_plan(plan(component(scheme, tiers=tiers((first, "0.01"))))).components
        assert read.scheme.tiers == (Tier(D(first), D("0.01")),)

    def test_has_up_to_a_hundred_tiers(self):
        steps = tiers(*((str(start), "0.01") for start in range(100)))
        (read,) = parse_plan(plan(component("MARGINAL", tiers=steps))).components
        assert len(read.scheme.tiers) == 100


class TestAGate:
    @pytest.mark.parametrize(
        ("gate", "read"),
        [
            ({"type": "MIN_ATTAINMENT", "value": "0.8"}, model.MinAttainment(D("0.8"))),
            ({"type": "COMPETENCY_HELD", "code": "X"}, model.CompetencyHeld("X", False)),
            ({"type": "COMPETENCY_HELD", "code": "X", "continuous": True}, model.CompetencyHeld("X", True)),
            ({"type": "MIN_PROJECTS", "count": 3}, model.MinProjects(3, D("0.01"))),
            ({"type": "MIN_PROJECTS", "count": "3", "min_credited": "0"}, model.MinProjects(3, D("0.00"))),
            ({"type": "MIN_CSAT", "score": "7.5"}, model.MinCsat(D("7.5"))),
        ],
    )
    def test_is_one_of_four(self, gate, read):
        assert parse_plan(plan(gates=[gate])).gates == (read,)


class TestFacts:
    def test_say_only_what_they_must(self):
        bare = Facts("P-00042", ())
        assert parse_facts({"partner": "P-00042", "claims": []}) == bare
        assert (bare.prior_earnings, bare.carry_in, bare.closes_fiscal_year) == (D("0.00"), D("0.00"), False)

    def test_say_all_they_can(self):
        read = parse_facts(
            facts(
                target="1.00", baseline="2.00", proration={"days": 3, "of": 4}, csat="5.5", prior_earnings="6.00",
                competencies=[{"code": "X", "from": "2026-01-02"}, {"code": "Y", "from": "2026-01-02", "until": "2026-03-04"}],
                adjustments=[{"period": "FY25", "amount": "-7"}, {"period": "FY25-Q1", "amount": "8.1", "reason": "typo"}],
                carry_in="-9.00", closes_fiscal_year=True,
            )
        )  # fmt: skip
        assert read == Facts(
            "P-00042", (), D("1.00"), D("2.00"), Proration(3, 4),
            (Competency("X", date(2026, 1, 2)), Competency("Y", date(2026, 1, 2), date(2026, 3, 4))),
            D("5.5"), D("6.00"),
            (Adjustment(PeriodCode(2025), D("-7.00")), Adjustment(PeriodCode(2025, "Q1"), D("8.10"), "typo")),
            D("-9.00"), True,
        )  # fmt: skip
        assert [each.name for each in fields(read)][-1] == "earlier"
        assert read.earlier == ()

    @pytest.mark.parametrize(
        ("line", "read"),
        [
            (claim("1", roles=["DESIGN"]), ClaimLine("1", "M365", date(2026, 3, 10), D("1.00"), (Role.DESIGN,))),
            (
                claim("1", "r", shares={"P-00042": "0.4", "-": "0.6"}, family="A", ordered_at="2026-06-30T22:30:00.5Z",
                      project="J", lead=False, currency="USD", fx_rate="1.0837"),
                ClaimLine("r", "A", date(2026, 7, 1), D("1.00"), (), {"P-00042": D("0.4"), "-": D("0.6")}, "J", False,
                          "USD", D("1.0837"), "2026-06-30T22:30:00.5Z"),
            ),
        ],
    )  # fmt: skip
    def test_are_of_lines(self, line, read):
        assert parse_facts(facts(line)).claims == (read,)

    @pytest.mark.parametrize(
        ("keys", "project", "led"),
        [
            ({"roles": ["PRESCRIBE", "DESIGN"]}, "1", True),
            ({"roles": ["PRESCRIBE", "INTEGRATE", "DEPLOY"]}, "1", False),
            ({"roles": ["DESIGN"], "lead": True, "project": "J"}, "J", True),
            ({"lead": False}, "1", False),
        ],
    )
    def test_tell_the_project_and_who_leads_it(self, keys, project, led):
        """§3: `lead` = PRESCRIBE and DESIGN held, unless given; the project of a line is by default its ref."""
        (read,) = parse_facts(facts(claim("1", **keys))).claims
        assert (read.project_code, read.led) == (project, led)
