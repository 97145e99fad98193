"""Each fault of a plan or of facts is refused with its path; what is legal is not."""

from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given

from portal.margin.engine import FaultAt, parse_facts, parse_plan
from tests.unit.engine.documents import Draw, draws
from tests.unit.engine.tables import claim, component, facts, plan, tiers

MISSING = object()
MARGINAL = component("MARGINAL", tiers=tiers(("0", "0.01"), ("100.00", "0.02"), ("200.00", "0.03")))
PROJECTS = component("PER_PROJECT", amount="1.00")
SQL = component("FLAT", rate="0.02", gates=[{"type": "MIN_PROJECTS", "count": 1}])
GATES = [{"type": "MIN_ATTAINMENT", "value": "0.80"}, {"type": "COMPETENCY_HELD", "code": "INFRA"}]
PLAN = plan(
    SQL,
    MARGINAL | {"code": "C2"},
    PROJECTS | {"code": "C3"},
    component("GROWTH", rate="0.1", min_growth="0.1") | {"code": "C4"},
    component("INTERPOLATED", tiers=tiers(("0.5", "0.1"))) | {"code": "C5"},
    gates=GATES,
    measure={"claim_cap": "1.00", "weights": {"A": "1"}},
    role_weights={"PRESCRIBE": "1", "DESIGN": "0", "INTEGRATE": "0", "DEPLOY": "0"},
)
FACTS = facts(
    claim("1.00"),
    claim("1.00", "2", shares={"P-00042": "0.5", "-": "0.5"}),
    claim("1.00", "3", currency="USD", fx_rate="1.1"),
    competencies=[{"code": "INFRA", "from": "2026-01-01"}],
    adjustments=[{"period": "FY26-H1", "amount": "1.00"}],
    proration={"days": 1, "of": 2},
)


def changed(document: dict[str, Any], keys: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """A copy of a document with one value put in, or taken out."""
    copy = deepcopy(document)
    *above, last = keys
    inner: Any = copy
    for key in above:
        inner = inner[key]
    if value is MISSING:
        del inner[last]
    else:
        inner[last] = value
    return copy


def refusal(parse, document) -> str:
    with pytest.raises(FaultAt) as caught:
        parse(document)
    assert len(caught.value.all) == 1, [str(fault) for fault in caught.value.all]
    assert isinstance(caught.value.path, str)
    return str(caught.value)


# fmt: off
C = ("components",)
PLAN_FAULTS = [
    (("code",), MISSING, "code: is missing"),
    (("code",), None, "code: is missing"),
    (("code",), "", "code: must not be empty"),
    (("code",), 5, "code: must be a text"),
    (("code",), "A\0", "code: holds a character that is no text"),
    (("code",), "\ud800", "code: holds a character that is no text"),
    (("colour",), "red", "colour: is not a key of a plan"),
    (("a\nb" * 40,), "red", "'a\\nba\\nba\\nba\\nba\\nba\\nba\\nba\\nba\\nba\\nba\\nba\\nba\\nba\\nba\\nba\\nba\\nba\\nba\\nba\\n\\u2026': is not a key of a plan"),
    (("x" * 60,), "red", "x" * 60 + ": is not a key of a plan"),
    (("x" * 61,), "red", "x" * 59 + "…: is not a key of a plan"),
    (("version",), 0, "version: must be at least 1"),
    (("version",), "1.0", "version: must be a whole number that is not negative"),
    (("version",), True, "version: must be a whole number that is not negative"),
    (("version",), 1.0, "version: must be a whole number that is not negative"),
    (("version",), "9" * 5000, "version: must be a whole number that is not negative"),
    (("period",), "FY26-H3", "period: must be a fiscal period such as FY26, FY26-H2 or FY26-Q3"),
    (("period",), "2026", "period: must be a fiscal period such as FY26, FY26-H2 or FY26-Q3"),
    (("currency",), "USD", "currency: must be EUR"),
    (("vat_rate",), "-0.2", "vat_rate: must not be negative"),
    (("vat_rate",), 0.2, "vat_rate: must be a decimal number"),
    (("vat_rate",), "NaN", "vat_rate: must be a number in plain decimal notation, such as 0.025"),
    (("min_payout",), "1e2", "min_payout: must be a number in plain decimal notation, such as 0.025"),
    (("min_payout",), "1.001", "min_payout: must have at most two decimals"),
    (("partner_cap",), "12345678901234567", "partner_cap: must have at most sixteen digits before the point"),
    (("partner_cap",), "-1", "partner_cap: must not be negative"),
    (("true_up",), "signed", "true_up: must be one of SIGNED, POSITIVE_ONLY"),
    (("flush_at_fiscal_year_end",), "true", "flush_at_fiscal_year_end: must be true or false"),
    (("flush_at_fiscal_year_end",), 1, "flush_at_fiscal_year_end: must be true or false"),
    (("measure", "claim_cap"), "-0.01", "measure.claim_cap: must not be negative"),
    (("measure", "weights"), [], "measure.weights: must be an object"),
    (("measure", "weights", "A"), "-1", "measure.weights.A: must not be negative"),
    (("measure", "weights", ""), "1", "measure.weights.'': must not be empty"),
    (("measure", "cap"), "1", "measure.cap: is not a key of measure"),
    (("role_weights", "DESIGN"), "0.01", "role_weights: must not sum above 1: a line is never credited above its amount"),
    (("role_weights", "DESIGN"), MISSING, "role_weights.DESIGN: is missing"),
    (("role_weights", "SELL"), "0", "role_weights.SELL: is not a key of role_weights"),
    (("gates",), {}, "gates: must be a list"),
    (("gates", 0), "MIN_CSAT", "gates[0]: must be an object"),
    (("gates", 0, "type"), MISSING, "gates[0].type: is missing"),
    (("gates", 0, "type"), "MAX", "gates[0].type: must be one of MIN_ATTAINMENT, COMPETENCY_HELD, MIN_PROJECTS, MIN_CSAT"),
    (("gates", 0, "value"), MISSING, "gates[0].value: is missing"),
    (("gates", 0, "value"), "-0.1", "gates[0].value: must not be negative"),
    (("gates", 0, "score"), "1", "gates[0].score: is not a key of MIN_ATTAINMENT"),
    (("gates", 1, "continuous"), "no", "gates[1].continuous: must be true or false"),
    (C, [], "components: must have at least one component"),
    (C, MISSING, "components: is missing"),
    (C, [SQL] * 101, "components: must have at most 100 components"),
    ((*C, 0), None, "components[0]: must be an object"),
    ((*C, 1, "code"), "C1", "components[1].code: is the code of another component: C1"),
    ((*C, 0, "scheme"), "FIXED", "components[0].scheme: must be one of FLAT, MARGINAL, RETROACTIVE, ATTAINMENT_MARGINAL, ATTAINMENT_RETROACTIVE, INTERPOLATED, PER_PROJECT, GROWTH"),
    ((*C, 0, "scheme"), ["FLAT"], "components[0].scheme: must be one of FLAT, MARGINAL, RETROACTIVE, ATTAINMENT_MARGINAL, ATTAINMENT_RETROACTIVE, INTERPOLATED, PER_PROJECT, GROWTH"),
    ((*C, 0, "scheme"), MISSING, "components[0].scheme: is missing"),
    ((*C, 0, "rate"), MISSING, "components[0].rate: is missing"),
    ((*C, 0, "rate"), "-0.01", "components[0].rate: must not be negative"),
    ((*C, 0, "families"), "SQL", "components[0].families: must be a list"),
    ((*C, 0, "families"), [7], "components[0].families[0]: must be a text"),
    ((*C, 0, "cap"), "-1", "components[0].cap: must not be negative"),
    ((*C, 0, "floor"), "-1", "components[0].floor: must not be negative"),
    ((*C, 0, "rounding"), "CENT", "components[0].rounding: must be one of TOTAL, LINE"),
    ((*C, 0, "claim_cap"), "5.00", "components[0].claim_cap: goes with rounding LINE only"),
    ((*C, 0, "multipliers"), {"A": "-1"}, "components[0].multipliers.A: must not be negative"),
    ((*C, 0, "gates", 0, "count"), "-1", "components[0].gates[0].count: must be a whole number that is not negative"),
    ((*C, 0, "tiers"), [], "components[0].tiers: is not a key of FLAT"),
    ((*C, 1, "rounding"), "LINE", "components[1].rounding: is not a key of MARGINAL"),
    ((*C, 1, "tiers"), [], "components[1].tiers: must have at least one tier"),
    ((*C, 1, "tiers", 0, "from"), "0.01", "components[1].tiers[0].from: must be 0"),
    ((*C, 1, "tiers", 1, "from"), "0.00", "components[1].tiers[1].from: must be above 0.00, where the tier before starts"),
    ((*C, 1, "tiers", 2, "from"), "100.00", "components[1].tiers[2].from: must be above 100.00, where the tier before starts"),
    ((*C, 1, "tiers", 2, "from"), "99", "components[1].tiers[2].from: must be above 100.00, where the tier before starts"),
    ((*C, 1, "tiers", 2, "from"), "200.001", "components[1].tiers[2].from: must have at most two decimals"),
    ((*C, 1, "tiers", 1, "rate"), "-0.1", "components[1].tiers[1].rate: must not be negative"),
    ((*C, 1, "tiers", 1, "to"), "5", "components[1].tiers[1].to: is not a key of a tier"),
    ((*C, 2, "max_projects"), "1.5", "components[2].max_projects: must be a whole number that is not negative"),
    ((*C, 2, "min_credited"), "-0.01", "components[2].min_credited: must not be negative"),
    ((*C, 2, "lead_only"), "yes", "components[2].lead_only: must be true or false"),
    ((*C, 2, "amount"), MISSING, "components[2].amount: is missing"),
    ((*C, 3, "min_growth"), MISSING, "components[3].min_growth: is missing"),
    ((*C, 3, "multipliers"), {}, "components[3].multipliers: is not a key of GROWTH"),
    ((*C, 4, "attainment_cap"), "1", "components[4].attainment_cap: is not a key of INTERPOLATED"),
]
K = ("claims",)
FACT_FAULTS = [
    (("partner",), MISSING, "partner: is missing"),
    (K, MISSING, "claims: is missing"),
    (K, {}, "claims: must be a list"),
    (("pam",), "x", "pam: is not a key of facts"),
    (("target",), "1.005", "target: must have at most two decimals"),
    (("csat",), "8,1", "csat: must be a number in plain decimal notation, such as 0.025"),
    (("csat",), 8.1, "csat: must be a decimal number"),
    (("prior_earnings",), "-0.01", "prior_earnings: must not be negative"),
    (("carry_in",), "+1", "carry_in: must be a number in plain decimal notation, such as 0.025"),
    (("closes_fiscal_year",), "true", "closes_fiscal_year: must be true or false"),
    (("proration", "of"), 0, "proration.of: must be at least 1"),
    (("proration", "days"), -1, "proration.days: must be a whole number that is not negative"),
    (("proration", "days"), MISSING, "proration.days: is missing"),
    (("proration", "from"), "2026-01-01", "proration.from: is not a key of proration"),
    (("competencies", 0, "name"), "x", "competencies[0].name: is not a key of a competency"),
    (("adjustments", 0, "author"), "x", "adjustments[0].author: is not a key of an adjustment"),
    (("competencies", 0, "from"), "2026-02-30", "competencies[0].from: must be a day such as 2026-03-10"),
    (("competencies", 0, "from"), "20260101", "competencies[0].from: must be a day such as 2026-03-10"),
    (("competencies", 0, "until"), "2026-1-1", "competencies[0].until: must be a day such as 2026-03-10"),
    (("adjustments", 0, "period"), "FY26-H9", "adjustments[0].period: must be a fiscal period such as FY26, FY26-H2 or FY26-Q3"),
    (("adjustments", 0, "amount"), MISSING, "adjustments[0].amount: is missing"),
    (("adjustments", 0, "reason"), 4, "adjustments[0].reason: must be a text"),
    ((*K, 1, "ref"), "1", "claims[1].ref: is the ref of another claim: 1"),
    ((*K, 0, "ref"), 1, "claims[0].ref: must be a text"),
    ((*K, 0, "family"), MISSING, "claims[0].family: is missing"),
    ((*K, 0, "approved"), "-0.01", "claims[0].approved: must not be negative"),
    ((*K, 0, "approved"), None, "claims[0].approved: is missing"),
    ((*K, 0, "roles"), MISSING, "claims[0].roles: is missing, and so are shares"),
    ((*K, 0, "roles"), "PRESCRIBE", "claims[0].roles: must be a list"),
    ((*K, 0, "roles"), ["DESIGN", "SELL"], "claims[0].roles[1]: must be one of PRESCRIBE, DESIGN, INTEGRATE, DEPLOY"),
    ((*K, 0, "roles"), ["DESIGN", "DESIGN"], "claims[0].roles[1]: repeats DESIGN"),
    ((*K, 0, "lead"), "yes", "claims[0].lead: must be true or false"),
    ((*K, 0, "project"), "", "claims[0].project: must not be empty"),
    ((*K, 0, "ordered_at"), "2026-03-10T10:00:00", "claims[0].ordered_at: must give the offset of the instant, such as Z or +02:00"),
    ((*K, 0, "ordered_at"), "2026-03-10 10:00Z", "claims[0].ordered_at: must be a day such as 2026-03-10, or an instant such as 2026-03-10T09:30:00+01:00"),
    ((*K, 0, "ordered_at"), "2026-02-29T10:00Z", "claims[0].ordered_at: must be an instant that exists"),
    ((*K, 0, "ordered_at"), "9999-12-31T23:59Z", "claims[0].ordered_at: must be an instant that exists"),
    ((*K, 0, "ordered_at"), "2026-03-10T24:00Z", "claims[0].ordered_at: must be a day such as 2026-03-10, or an instant such as 2026-03-10T09:30:00+01:00"),
    ((*K, 0, "ordered_at"), "2026-W11-2", "claims[0].ordered_at: must be a day such as 2026-03-10, or an instant such as 2026-03-10T09:30:00+01:00"),
    ((*K, 0, "fx_rate"), "1.1", "claims[0].fx_rate: must be absent in EUR"),
    ((*K, 2, "fx_rate"), MISSING, "claims[2].fx_rate: is missing for USD"),
    ((*K, 2, "fx_rate"), "0", "claims[2].fx_rate: must be above 0"),
    ((*K, 2, "fx_rate"), "-1.1", "claims[2].fx_rate: must be above 0"),
    ((*K, 2, "currency"), "EUR", "claims[2].fx_rate: must be absent in EUR"),
    ((*K, 0, "currency"), "euro", "claims[0].currency: must be a currency code such as USD"),
    ((*K, 1, "shares", "-"), "0.49", "claims[1].shares: must sum to exactly 1, not 0.99"),
    ((*K, 1, "shares", "-"), "-0.5", "claims[1].shares.-: must not be negative"),
    ((*K, 1, "shares"), {}, "claims[1].shares: must sum to exactly 1, not 0"),
    ((*K, 2, "fx_rate"), "x", "claims[2].fx_rate: must be a number in plain decimal notation, such as 0.025"),
    ((*K, 1, "shares"), {"P-2": "1"}, "claims[1].shares: must name the partner P-00042"),
    ((*K, 0, "declared"), "1", "claims[0].declared: is not a key of a claim"),
]
# fmt: on


class TestParsePlan:
    @pytest.mark.parametrize(("keys", "value", "words"), PLAN_FAULTS)
    def test_names_the_path_of_the_fault(self, keys, value, words):
        assert refusal(parse_plan, changed(PLAN, keys, value)) == words

    @pytest.mark.parametrize("document", [None, [], "plan", 5])
    def test_refuses_what_is_no_object(self, document):
        assert refusal(parse_plan, document) == "must be an object"

    def test_names_every_fault_at_once(self):
        document = changed(changed(PLAN, (*C, 0, "rate"), "x"), (*C, 1, "tiers", 1, "rate"), "-1")
        with pytest.raises(FaultAt) as caught:
            parse_plan(document | {"version": 0})
        assert [fault.path for fault in caught.value.all] == [
            "version",
            "components[0].rate",
            "components[1].tiers[1].rate",
        ]

    def test_takes_null_as_absent_where_a_key_is_optional(self):
        optional = ("role_weights", "measure", "gates", "partner_cap", "min_payout", "true_up", "vat_rate")
        assert parse_plan(plan() | dict.fromkeys(optional)) == parse_plan(plan())

    def test_takes_a_hundred_components(self):
        many = [component("FLAT", rate="0.1") | {"code": f"C{number}"} for number in range(100)]
        assert len(parse_plan(plan(*many)).components) == 100

    def test_takes_rates_of_any_length_and_tiers_of_one(self):
        long = "0." + "3" * 400
        read = parse_plan(plan(component("MARGINAL", tiers=tiers(("0", long)))))
        assert format(read.components[0].scheme.tiers[0].rate, "f") == long


class TestParseFacts:
    @pytest.mark.parametrize(("keys", "value", "words"), FACT_FAULTS)
    def test_names_the_path_of_the_fault(self, keys, value, words):
        assert refusal(parse_facts, changed(FACTS, keys, value)) == words

    def test_takes_null_as_absent_where_a_key_is_optional(self):
        optional = ("target", "baseline", "proration", "competencies", "csat", "prior_earnings", "carry_in")
        bare = facts(claim("1.00") | dict.fromkeys(("project", "lead", "currency", "fx_rate", "shares")))
        assert parse_facts(
            bare | dict.fromkeys((*optional, "adjustments", "closes_fiscal_year"))
        ) == parse_facts(facts(claim("1.00")))

    def test_takes_any_letters_and_keeps_free_text_as_it_is(self):
        read = parse_facts(
            facts(adjustments=[{"period": "FY26", "amount": "1", "reason": ""}]) | {"partner": "Arvélia"}
        )
        assert (read.partner, read.adjustments[0].reason) == ("Arvélia", "")

    def test_takes_an_empty_list_of_roles_for_an_answer(self):
        assert parse_facts(facts(claim("1.00", roles=[]))).claims[0].roles == ()

    def test_adds_shares_up_exactly_however_long(self):
        third = "0." + "3" * 60
        rest = "0." + "3" * 59 + "4"
        line = claim("1.00", shares={"P-00042": third, "B": third, "-": rest})
        assert parse_facts(facts(line)).claims[0].shares is not None
        line = claim("1.00", shares={"P-00042": third, "B": third, "-": third})
        assert refusal(parse_facts, facts(line)).startswith("claims[0].shares: must sum to exactly 1")


class TestFaultAt:
    def test_shows_its_path_and_code_where_it_is_logged(self):
        assert FaultAt("claims[0].ref", "missing").args == ("claims[0].ref", "missing")


class TestParse:
    ODD: tuple[Any, ...] = (
        None,
        True,
        0,
        -1,
        1.5,
        "",
        "x",
        "NaN",
        "1e9",
        "9" * 40,
        [],
        [[]],
        {},
        {"": 1},
        "\ud800",
    )

    @given(draws)
    def test_never_fails_otherwise_than_by_naming_a_fault(self, draw: Draw):
        for parse, document in ((parse_plan, draw.plan()), (parse_facts, draw.facts())):
            document = deepcopy(document)
            inner: Any = document
            while True:
                keys = list(inner) if isinstance(inner, dict) else range(len(inner))
                key = draw.choice(keys)
                if not isinstance(inner[key], dict | list) or not inner[key] or draw.random() < 0.3:
                    break
                inner = inner[key]
            inner[key] = deepcopy(draw.choice(self.ODD))
            with suppress(FaultAt):
                parse(document)
