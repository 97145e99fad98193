"""Every row of the tables of docs/margin.md, worked again by the engine."""

import re
from decimal import Decimal as D
from functools import cache

import pytest

from portal.margin.engine import evaluate, parse_period_facts, parse_plan
from portal.money import round_cents, split
from tests.unit.engine.tables import answered, claim, component, facts, plan
from tests.unit.engine.test_worked_examples import ARVELIA, HALF_YEAR, OBJECTIVE, POINTS, ROOT, SLICES

AMOUNT = re.compile(r"−?\d{1,3}(?: \d{3})*\.\d+")
TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)


def amounts(cell: str) -> list[D]:
    """The amounts written in a cell; without a point, a number is no amount."""
    return [D(found.replace(" ", "").replace("−", "-")) for found in AMOUNT.findall(cell.replace("− ", "−"))]


@cache
def rows(heading: str, number: int = 0) -> list[list[str]]:
    """The rows of a table below a heading, cell by cell, without the table's own heading."""
    told = (ROOT / "docs/margin.md").read_text()
    (part,) = re.findall(rf"^##+ {heading}\n(.*?)(?=^## |^### |\Z)", told, re.MULTILINE | re.DOTALL)
    lines = TABLE.findall(part)[number].strip().splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def pays(scheme, x, **keys):
    known = {key: keys.pop(key) for key in ("target", "baseline") if key in keys}
    return answered(plan(component(scheme, **keys)), facts(str(x), **known))


def of_half_year(*left_out: str, **added):
    """Example 10 without some of its claims, or with one more."""
    lines = [one for one in ARVELIA["claims"] if one["ref"] not in left_out]
    return answered(HALF_YEAR, ARVELIA | {"claims": lines + ([claim(**added)] if added else [])})


class TestExactness:
    def test_rounds_half_away_from_zero(self):
        found = [amounts(" | ".join(row)) for row in rows("Exactness")]
        assert len(found) == 4
        for row, numbers in zip(rows("Exactness")[:2], found, strict=False):
            (percent,) = re.findall(r"× ([\d.]+) %", row[0])
            gross = pays("FLAT", numbers[0], rate=format(D(percent) / 100, "f"))["gross"]
            assert (D(gross), numbers[0] * D(percent) / 100) == (numbers[-1], numbers[-2])
        assert round_cents(found[2][-2]) == found[2][-1]
        gated = plan(gates=[{"type": "MIN_ATTAINMENT", "value": "0.80"}])
        answer = answered(gated, facts("239999.99", target="300000.00"))
        assert answer["gates"][0]["passed"] is False
        assert f"**{answer['attainment_display']}**" in rows("Exactness")[3][2]


class TestCredit:
    def test_is_that_of_example_10(self):
        *lines, total = rows("From a line to its credit")
        answer = of_half_year()
        traced = {one["ref"]: one for one in answer["trace"]["claims"]}
        for ref, approved, weight, uncapped, credited in lines:
            assert amounts(approved) == [D(traced[ref]["approved"])]
            share = traced[ref].get("shares", {}).get("P-00042")
            assert sum(amounts(weight)) == D(share or traced[ref].get("weight", "0"))
            assert amounts(uncapped) == ([D(traced[ref]["uncapped"])] if uncapped else [])
            assert amounts(credited) == [D(traced[ref].get("credited", "0.00"))]
            assert (traced[ref].get("reason") or "") == credited.partition("`")[2].strip("`")
        assert amounts(total[-1]) == [D(answer["credited"])]
        assert [ref for ref, *_ in lines] == list(traced)

    def test_is_split_to_the_last_cent(self):
        shared = rows("From a line to its credit", 1)
        shares = dict(zip((row[0] for row in shared), map(D, ("0.65", "0.20", "0.15")), strict=True))
        parts = split(D("80000.02"), shares)
        assert {row[0]: amounts(row[-1])[0] for row in shared} == parts
        for name, exact, floor, _, part in shared:
            assert amounts(exact) == [D("80000.02") * shares[name]]
            assert D("0") <= amounts(exact)[0] - amounts(floor)[0] < D("0.01")
            assert amounts(part)[0] - amounts(floor)[0] in (D("0.00"), D("0.01"))


def schemes():
    """(scheme, keys, what each row pays): the tiers that each section tells."""
    by_attainment = {
        "ATTAINMENT_RETROACTIVE": (OBJECTIVE, "100000.00"),
        "INTERPOLATED": (POINTS, "240000.00"),
    }
    for scheme in ("MARGINAL", "RETROACTIVE"):
        yield from ((scheme, {"tiers": SLICES}, row) for row in rows(scheme))
    for scheme, (steps, target) in by_attainment.items():
        yield from ((scheme, {"tiers": steps, "target": target}, row) for row in rows(scheme))
    growing = {"rate": "0.03", "min_growth": "0.10", "baseline": "152000.00"}
    yield from (("GROWTH", growing, row) for row in rows("GROWTH"))
    for row in rows("FLAT"):
        yield "FLAT", {"rate": format(D(row[1].split()[0]) / 100, "f")}, row


class TestSchemes:
    @pytest.mark.parametrize(("scheme", "keys", "row"), list(schemes()))
    def test_pay_what_their_rows_say(self, scheme, keys, row):
        answer = pays(scheme, amounts(row[0])[0], **keys)
        steps = answer["trace"]["components"][0]["steps"]
        said = amounts(row[-1].partition("**")[2])[0]
        assert D(answer["gross"]) == said
        if scheme == "MARGINAL":
            parts = [D(one["part"]) for one in steps["slices"] if D(one["part"]) or amounts(row[2])]
            assert [one for cell in row[1:4] for one in amounts(cell)] == parts[: sum(map(bool, row[1:4]))]
            exact = [D(one["pays"]) for one in steps["slices"] if D(one["pays"])]
            assert amounts(row[-1].partition("**")[0]) in ([], exact)
        if scheme == "RETROACTIVE":
            assert row[1] == f"{(D(steps['rate']) * 100).normalize():f} %"
        if scheme == "GROWTH":
            assert amounts(" | ".join(row[1:4])) == [
                D(steps["baseline"]), D(steps["growth"]), D(steps["needed"])
            ]  # fmt: skip
        if scheme == "INTERPOLATED":
            rate = D(row[2].rstrip(" %").replace(" ", "")) / 100
            assert rate * D(steps["rate_divided_by"]) == D(steps["rate"])

    def test_attainment_marginal_slices_the_objective_up_to_its_cap(self):
        *slices, above, total = rows("ATTAINMENT_MARGINAL")
        answer = pays(
            "ATTAINMENT_MARGINAL", "193456.78", tiers=OBJECTIVE, attainment_cap="1.50", target="120000.00"
        )
        steps = answer["trace"]["components"][0]["steps"]
        for row, one in zip(slices, steps["slices"], strict=True):
            assert (amounts(row[1]), amounts(row[3])) == ([D(one["part"])], [D(one["pays"])])
        assert amounts(above[1]) == [D("193456.78") - D(steps["limit"])]
        assert amounts(total[-1]) == [D(answer["gross"])]

    def test_per_project_counts_those_that_qualify(self):
        first, second = rows("PER_PROJECT")
        for projects, row in ((amounts(first[0]), first), ([D("20000.00")] * 6, second)):
            scheme = component("PER_PROJECT", amount="750.00", min_credited="20000.00", max_projects=4)
            answer = answered(plan(scheme), facts(*map(str, projects)))
            steps = answer["trace"]["components"][0]["steps"]
            assert [int(cell) for cell in row[1:3]] == [len(steps["projects"]), steps["counted"]]
            assert amounts(row[3]) == [D(answer["gross"])]

    @pytest.mark.parametrize(("row", "rounding"), [(1, "LINE"), (2, "TOTAL")])
    def test_of_one_rate_round_by_line_or_in_total(self, row, rounding):
        scheme = component("FLAT", rate="0.01", rounding=rounding)
        found = answered(plan(scheme), facts("0.50", "0.50", "0.50"))["trace"]["components"][0]
        told = rows("One rate: multipliers and rounding")[row]
        assert amounts(" | ".join(told)) == [
            *(D(one["amount"]) for one in found["lines"]),
            D(found["amount"]),
        ]


def figures(value):
    """Every number that a part of the trace holds."""
    if isinstance(value, dict | list):
        return {
            one for item in (value.values() if isinstance(value, dict) else value) for one in figures(item)
        }
    return {D(value)} if isinstance(value, str) and re.fullmatch(r"-?[0-9.]+", value) else set()


class TestAHalfYearByHand:
    def test_is_that_of_example_10(self):
        answer = of_half_year()
        credited = {D(one["credited"]) for one in answer["claims"]}
        for row, one in zip(rows("A half-year by hand"), answer["trace"]["components"], strict=True):
            assert row[0].startswith(f"{one['code']} `{one['scheme']}`")
            assert amounts(row[-1]) == [D(one["amount"])]
            assert round_cents(amounts(row[-2])[0]) == D(one["amount"])
            assert amounts(row[1]) in ([], [D(one["base"])])
            told = map(abs, amounts(re.sub(r"[\d.]+ %", "", row[2])))
            assert set(told) <= figures(one) | credited
            exact = [D(part["pays"]) for part in one["steps"].get("slices", ())]
            assert not exact or sum(exact) == amounts(row[-2])[0]
            for part in one["steps"].get("slices", ()):
                assert (
                    f"{D(part['part']):,.2f} × {(D(part['rate']) * 100).normalize():f} %".replace(",", " ")
                    in row[2]
                )

    def test_leads_from_gross_to_payment(self):
        gross, earnings, adjusted, carried, payable, invoice, credit_note, to_pay = rows(
            "From gross to payment"
        )
        answer = of_half_year()
        assert amounts(gross[0]) == [D(one["amount"]) for one in answer["components"]]
        told = [amounts(row[1])[0] for row in (gross, earnings, adjusted, carried, payable, to_pay)]
        keys = ("gross", "earnings", "adjustments", "carry_in", "payable", "net_to_pay")
        assert told == [D(answer[key]) for key in keys]
        for row, document, sign in zip((invoice, credit_note), answer["documents"], (1, -1), strict=True):
            assert amounts(row[1]) == [sign * D(document["total"])]
            assert amounts(row[0])[-1] == D(document["vat"])
            assert sum(amounts(row[0])[:-1]) == D(document["net"])


class TestCarryOver:
    def test_waits_for_the_least_payment(self):
        for row in rows("From gross to payment", 1):
            earned, carried, balance, payable, left = (amounts(cell)[0] for cell in row)
            answer = answered(
                plan(component("FLAT", rate="1"), min_payout="200.00"),
                facts(str(earned), carry_in=str(carried)),
            )
            assert [D(answer[key]) for key in ("balance", "payable", "carry_out")] == [balance, payable, left]


class TestAdvances:
    @pytest.mark.parametrize(("column", "true_up"), [(1, "SIGNED"), (2, "POSITIVE_ONLY")])
    def test_are_taken_off_what_the_whole_earns(self, column, true_up):
        stated, gross, taken, earnings = (amounts(row[column]) for row in rows("Periods paid in advance"))
        document = plan(component("FLAT", rate="0.01"), true_up=true_up)
        answer = answered(document, facts("150000.00", prior_earnings=str(sum(stated))))
        assert ([D(answer["gross"])], [D(answer["earnings"])]) == (gross, earnings[:1])
        assert D(answer["earnings"]) - D(answer["gross"]) == taken[0]


class TestPartsOfAPeriod:
    def test_add_up(self):
        first, second, total = rows("Part of a period")
        old = plan(
            component("FLAT", rate="0.03", gates=[{"type": "MIN_ATTAINMENT", "value": "0.80"}]),
            partner_cap="2500.00", period="FY27-H1",
        )  # fmt: skip
        new = plan(component("FLAT", rate="0.02"), partner_cap="900.00", period="FY27-H1")
        lines = [facts(claim(str(amounts(row[2])[0]), row[0], ordered_at=day))
                 for row, day in ((first, "2026-08-01"), (second, "2026-11-01"))]  # fmt: skip
        before = lines[0] | {"target": "184000.00", "proration": {"days": 92, "of": 184}}
        known = lines[1] | {"earlier_parts": [{"plan": old, "facts": before, "until": "2026-10-01"}]}
        result = evaluate(parse_plan(new), parse_period_facts(known))
        assert amounts(first[1]) == [result.earlier[0].measure.target]
        assert [amounts(row[2])[0] for row in (first, second)] == [D("92000.00"), D("46000.00")]
        assert [amounts(row[3])[0] for row in (first, second)] == [
            sum(one.amount for one in part.components) for part in result.parts
        ]
        assert [amounts(first[4])[0], amounts(total[4])[0]] == [
            result.earlier[0].payment.earnings, result.payment.earnings
        ]  # fmt: skip
        assert amounts(first[4])[0] + amounts(second[4])[0] == amounts(total[4])[0]


class TestCorrections:
    def test_come_from_the_same_half_year(self):
        stated = D(of_half_year()["earnings"])
        accepted = of_half_year(approved="12600.00", ref="8", family="SYSTEM_CENTER")
        cancelled, again = of_half_year("2"), of_half_year()
        adjusted = D("0.00")
        told = rows("Corrections of what was stated")
        for row, answer in zip(told, (accepted, cancelled, cancelled, again), strict=True):
            difference = D(answer["earnings"]) - stated - adjusted
            assert [amounts(cell)[0] for cell in row[1:4]] == [
                D(answer["gross"]),
                D(answer["earnings"]),
                adjusted,
            ]
            assert amounts(row[4].replace("+ ", ""))[0] == difference
            adjusted += difference
        assert adjusted == 0
