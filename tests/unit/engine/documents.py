"""Random plans and facts as documents, drawn so that bounds, ties, gates and caps are met often.

Drawn from a seed rather than from many small strategies: a plan that pays needs many choices to agree.
"""

from random import Random
from typing import Any

from hypothesis import strategies as st

PARTNER = "P-1"
FAMILIES = ["A", "B", "C"]
ROLES = ["PRESCRIBE", "DESIGN", "INTEGRATE", "DEPLOY"]
HELD = [["PRESCRIBE"], ["DESIGN"], ["DESIGN", "PRESCRIBE"], ROLES, ROLES[::3], ROLES[1:], ["DEPLOY"], []]
SHARES = [
    {"P-1": "1"},
    {"P-1": "0.5", "P-2": "0.5"},
    {"P-1": "0.5", "-": "0.5"},
    {"P-0": "0.333", "P-1": "0.333", "-": "0.334"},
    {"P-1": "0", "P-2": "1.0"},
    {"é": "0.25", "P-1": "0.25", "P-0": "0.25", "-": "0.25"},
    {"P-10": "0.142857142857142857", "P-1": "0.142857142857142857", "p-1": "0.714285714285714286"},
]
DAYS = ["2026-01-01", "2026-02-14", "2026-03-01", "2026-03-31", "2026-06-29", "2026-06-30"]
EDGES = [
    "2025-12-31T23:00:00Z", "2025-12-31T22:59:59.999Z", "2026-06-30T22:30:00Z", "2026-06-30T23:59:59+02:00",
    "2026-03-31T21:59:59-00:00", "2026-03-31T22:00Z", "2026-03-29T03:30+0530", "2025-10-26T01:30:00+01:00",
]  # fmt: skip
OTHER_DAYS = ["2025-06-30", "2025-07-01", "2025-09-30", "2025-10-01", "2025-12-31", "2026-07-01"]
PERIODS = ["FY26", "FY26-H1", "FY26-Q1", "FY26-Q2", "FY26-Q3", "FY26-Q4", "FY25-H2", "FY27-Q1"]
ROUND = [
    "0.00",
    "0.01",
    "0.02",
    "0.05",
    "100.00",
    "250.00",
    "500.00",
    "1000.00",
    "1000",
    "333.3",
    "9999999999999999.99",
]
RATES = ["0.02", "0.005", "0", "0.015", "0.025", "0.03333", "0.1", "0.333333333333333333", "1"]
FACTORS = ["0.5", "0", "1", "1.25", "0.3333"]
QUOTIENTS = ["0.1", "0.25", "0.5", "0.8", "0.80", "0.999", "1", "1.00", "1.2", "2.5"]
ONE_RATE = ["FLAT", "RETROACTIVE", "ATTAINMENT_RETROACTIVE", "INTERPOLATED"]
OTHERS = ["MARGINAL", "ATTAINMENT_MARGINAL", "PER_PROJECT", "GROWTH"]
STARTS = ["0", "0.01", "100.00", "250", "500.00", "999.99", "1000.00"]


class Draw(Random):
    """The choices a document is made of."""

    def one(self, among: list[Any]) -> Any:
        return self.choice(among)

    def maybe(self, chance: float, document: dict[str, Any], key: str, value: Any) -> None:
        """Give a key, or leave it out, or give null."""
        if self.random() < chance:
            document[key] = value
        elif self.random() < 0.1:
            document[key] = None

    def amount(self) -> str:
        return self.one(ROUND) if self.random() < 0.3 else f"{self.expovariate(1 / 400):.2f}"

    def signed(self) -> str:
        return self.one(["", "-"]) + self.amount()

    def factors(self) -> dict[str, str]:
        return {family: self.one(FACTORS) for family in self.sample(FAMILIES, self.randint(0, 3))}

    def tiers(self, starts: list[str], first_at_zero: bool) -> list[dict[str, str]]:
        found = {float(start): start for start in self.sample(starts, self.randint(1, 4))}
        if first_at_zero:
            found[0.0] = "0"
        return [{"from": found[start], "rate": self.one(RATES)} for start in sorted(found)]

    def gates(self, chance: float) -> list[dict[str, Any]]:
        if self.random() > chance:
            return []
        gate: dict[str, Any] = {
            "type": self.one(["MIN_ATTAINMENT", "COMPETENCY_HELD", "MIN_PROJECTS", "MIN_CSAT"])
        }
        match gate["type"]:
            case "MIN_ATTAINMENT":
                gate["value"] = self.one(QUOTIENTS)
            case "COMPETENCY_HELD":
                gate["code"] = "INFRA"
                self.maybe(0.7, gate, "continuous", self.one([True, False]))
            case "MIN_PROJECTS":
                gate["count"] = self.randint(0, 3)
                self.maybe(0.5, gate, "min_credited", self.amount())
            case "MIN_CSAT":
                gate["score"] = self.one(["0", "7.5", "8"])
        return [gate, *self.gates(chance / 4)]

    def scheme(self) -> dict[str, Any]:
        name = self.one(ONE_RATE + OTHERS)
        scheme: dict[str, Any] = {"scheme": name}
        if name in ("FLAT", "GROWTH"):
            scheme["rate"] = self.one(RATES)
        if name in ("MARGINAL", "RETROACTIVE"):
            scheme["tiers"] = self.tiers(STARTS, first_at_zero=name == "MARGINAL")
        if name in ("ATTAINMENT_MARGINAL", "ATTAINMENT_RETROACTIVE", "INTERPOLATED"):
            scheme["tiers"] = self.tiers(QUOTIENTS, first_at_zero=name == "ATTAINMENT_MARGINAL")
        if name in ONE_RATE:
            self.maybe(0.5, scheme, "multipliers", self.factors())
            self.maybe(0.7, scheme, "rounding", self.one(["LINE", "TOTAL"]))
            if scheme.get("rounding") == "LINE":
                self.maybe(0.5, scheme, "claim_cap", self.amount())
        if name == "ATTAINMENT_MARGINAL":
            self.maybe(0.5, scheme, "attainment_cap", self.one(QUOTIENTS))
        if name == "PER_PROJECT":
            scheme["amount"] = self.amount()
            self.maybe(0.5, scheme, "lead_only", self.one([True, False]))
            self.maybe(0.5, scheme, "min_credited", self.amount())
            self.maybe(0.5, scheme, "max_projects", self.randint(0, 3))
        if name == "GROWTH":
            scheme["min_growth"] = self.one(["0", "0.1", "0.25", "0.3333333", "9"])
        return scheme

    def component(self, number: int) -> dict[str, Any]:
        component = {"code": f"C{number}", **self.scheme()}
        self.maybe(0.4, component, "families", self.sample(FAMILIES, self.randint(0, 2)))
        self.maybe(0.4, component, "gates", self.gates(1.0))
        self.maybe(0.2, component, "cap", self.amount())
        self.maybe(0.2, component, "floor", self.amount())
        return component

    def plan(self) -> dict[str, Any]:
        plan: dict[str, Any] = {
            "code": "RANDOM",
            "version": self.randint(1, 9),
            "segment": "SSII",
            "period": self.one(["FY26-H2"] * 8 + PERIODS),
            "currency": "EUR",
            "components": [self.component(number) for number in range(1, self.one([2, 2, 3, 3, 4, 4, 7]))],
        }
        self.maybe(
            0.3, plan, "role_weights", {role: self.one(["0", "0.1", "0.25", "0.2333"]) for role in ROLES}
        )
        measure: dict[str, Any] = {}
        self.maybe(0.3, measure, "claim_cap", self.amount())
        self.maybe(0.5, measure, "weights", self.factors())
        self.maybe(0.6, plan, "measure", measure)
        self.maybe(0.5, plan, "gates", self.gates(0.5) + self.gates(0.5))
        self.maybe(0.3, plan, "partner_cap", self.amount())
        self.maybe(0.4, plan, "min_payout", self.amount())
        self.maybe(0.5, plan, "flush_at_fiscal_year_end", self.one([True, False]))
        self.maybe(0.5, plan, "true_up", self.one(["SIGNED", "POSITIVE_ONLY"]))
        self.maybe(0.5, plan, "vat_rate", self.one(["0", "0.20", "0.055", "0.0123456789"]))
        return plan

    def claim(self, number: int) -> dict[str, Any]:
        claim: dict[str, Any] = {
            "ref": str(number),
            "family": self.one(FAMILIES),
            "ordered_at": self.one(DAYS * 3 + EDGES + OTHER_DAYS),
            "approved": self.amount(),
        }
        if self.random() < 0.3:
            claim["shares"] = self.one(SHARES)
            self.maybe(0.3, claim, "roles", self.one(HELD))
        else:
            claim["roles"] = self.one(HELD)
        if self.random() < 0.2:
            claim |= {"currency": "USD", "fx_rate": self.one(["1.0837", "3", "0.9", "7", "0.000123456789"])}
        elif self.random() < 0.1:
            claim |= {"currency": "EUR", "fx_rate": None}
        self.maybe(0.5, claim, "project", self.one(["J1", "J2", "2"]))
        self.maybe(0.3, claim, "lead", self.one([True, False]))
        return claim

    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "partner": PARTNER,
            "claims": [self.claim(number) for number in range(self.randint(0, 7))],
        }
        self.maybe(
            0.85, facts, "target", self.one(["1000.00", "500.00", "333.33", "0.00", "-1", self.amount()])
        )
        self.maybe(
            0.85, facts, "baseline", self.one(["100.00", "500", "0.01", "0.00", "-5.00", self.amount()])
        )
        self.maybe(
            0.2,
            facts,
            "proration",
            {"days": self.one([184, 123, 92, 1, 0, 200]), "of": self.one([184, 184, 181])},
        )
        self.maybe(0.8, facts, "competencies", [self.competency() for _ in range(self.randint(0, 4))])
        self.maybe(0.8, facts, "csat", self.one(["7.4999", "7.5", "9", "0", "-1"]))
        self.maybe(0.3, facts, "prior_earnings", self.amount())
        self.maybe(
            0.5,
            facts,
            "adjustments",
            [{"period": "FY25-H2", "amount": self.signed()} for _ in range(self.randint(0, 3))],
        )
        self.maybe(0.5, facts, "carry_in", self.signed())
        self.maybe(0.5, facts, "closes_fiscal_year", self.one([True, False]))
        return facts

    def competency(self) -> dict[str, Any]:
        days = ["2025-01-01", *OTHER_DAYS, *DAYS, "2027-01-01"]
        competency = {"code": self.one(["INFRA", "INFRA", "CLOUD"]), "from": self.one(days)}
        self.maybe(0.7, competency, "until", self.one(days))
        return competency


draws = st.integers(0, 2**64 - 1).map(Draw)
plans = draws.map(Draw.plan)
facts = draws.map(Draw.facts)
