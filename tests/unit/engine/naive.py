"""The rules once more, written naively from their text alone, in fractions and plain dictionaries.

It shares no code with the engine and reads no faulty document; tests compare the two on random input.
"""

from datetime import date, datetime, timedelta
from fractions import Fraction as F
from functools import cache
from itertools import pairwise
from math import floor
from zoneinfo import ZoneInfo

DEFAULT_WEIGHTS = {"PRESCRIBE": "0.40", "DESIGN": "0.25", "INTEGRATE": "0.20", "DEPLOY": "0.15"}


def rounded(x):
    """R2: half away from zero."""
    cents = abs(x) * 100
    whole = floor(cents)
    if cents - whole >= F(1, 2):
        whole += 1
    return F(-whole if x < 0 else whole, 100)


def shown(x):
    cents = rounded(x) * 100
    assert cents.denominator == 1
    sign = "-" if cents < 0 else ""
    euros, rest = divmod(abs(int(cents)), 100)
    return f"{sign}{euros}.{rest:02d}"


def split(total, shares):
    """R7, for a total that is not negative: shares of it by name, the last tie to the smaller name."""
    exact = {name: total * share / sum(shares.values()) for name, share in shares.items()}
    parts = {name: F(floor(x * 100), 100) for name, x in exact.items()}
    missing = int((total - sum(parts.values())) * 100)
    order = sorted(shares, key=lambda name: (-(exact[name] - parts[name]), -shares[name], name))
    for name in order[:missing]:
        parts[name] += F(1, 100)
    return parts


@cache
def period_days(code):
    year = 2000 + int(code[2:4])
    first_month, months = {
        "": (7, 12), "H1": (7, 6), "H2": (1, 6), "Q1": (7, 3), "Q2": (10, 3), "Q3": (1, 3), "Q4": (4, 3)
    }[code[5:]]  # fmt: skip
    day = date(year - 1 if first_month >= 7 else year, first_month, 1)
    days = []
    for _ in range(months):
        month = day.month
        while day.month == month:
            days.append(day)
            day += timedelta(days=1)
    return days


@cache
def paris(ordered_at):
    if len(ordered_at) == 10:
        return date.fromisoformat(ordered_at)
    instant = datetime.fromisoformat(ordered_at.replace("Z", "+00:00"))
    return instant.astimezone(ZoneInfo("Europe/Paris")).date()


def given(document, key, default):
    value = document.get(key)
    return default if value is None else value


def credit(plan, facts, claim):
    """§3: (credited, reason, is a line)."""
    if paris(claim["ordered_at"]) not in period_days(plan["period"]):
        return F(0), "OTHER_PERIOD", False
    roles = given(claim, "roles", [])
    shares = claim.get("shares")
    if shares is None and "PRESCRIBE" not in roles and "DESIGN" not in roles:
        return F(0), "NO_CORE_ROLE", False
    amount = F(claim["approved"])
    if given(claim, "currency", "EUR") != "EUR":
        amount = rounded(amount / F(claim["fx_rate"]))
    if shares is not None:
        credited = split(amount, {code: F(share) for code, share in shares.items()})[facts["partner"]]
    else:
        weights = given(plan, "role_weights", DEFAULT_WEIGHTS)
        credited = rounded(amount * sum(F(weights[role]) for role in roles))
    cap = given(plan, "measure", {}).get("claim_cap")
    if cap is not None and credited > F(cap):
        return F(cap), "CLAIM_CAP", True
    return credited, None, True


def led(claim):
    roles = given(claim, "roles", [])
    return given(claim, "lead", "PRESCRIBE" in roles and "DESIGN" in roles)


class Figures:
    def __init__(self, plan, facts):
        self.plan, self.facts = plan, facts
        self.credits = [(claim, *credit(plan, facts, claim)) for claim in facts["claims"]]
        weights = given(given(plan, "measure", {}), "weights", {})
        self.lines = [
            (claim, credited, credited * F(weights.get(claim["family"], "1")))
            for claim, credited, _, is_line in self.credits
            if is_line
        ]
        self.x = sum((x for _, _, x in self.lines), F(0))
        self.target = None if facts.get("target") is None else F(facts["target"])
        if self.target is not None and facts.get("proration") is not None:
            proration = facts["proration"]
            self.target = rounded(self.target * int(proration["days"]) / int(proration["of"]))
        self.attainment = self.x / self.target if self.target is not None and self.target > 0 else None

    def passes(self, gate):
        facts = self.facts
        if gate["type"] == "MIN_ATTAINMENT":
            return self.attainment is not None and self.attainment >= F(gate["value"])
        if gate["type"] == "MIN_CSAT":
            return facts.get("csat") is not None and F(facts["csat"]) >= F(gate["score"])
        if gate["type"] == "MIN_PROJECTS":
            least = F(given(gate, "min_credited", "0.01"))
            return sum(total >= least for total, _ in projects(self.lines).values()) >= int(gate["count"])
        days = period_days(self.plan["period"])
        if not given(gate, "continuous", False):
            days = days[-1:]
        return all(self.holds(gate["code"], day) for day in days)

    def holds(self, code, day):
        return any(
            held["code"] == code
            and date.fromisoformat(held["from"]) <= day
            and (held.get("until") is None or day < date.fromisoformat(held["until"]))
            for held in given(self.facts, "competencies", [])
        )


def projects(lines):
    found = {}
    for claim, credited, _ in lines:
        code = given(claim, "project", claim["ref"])
        total, is_led = found.get(code, (F(0), False))
        found[code] = (total + credited, is_led or led(claim))
    return found


def reached(tiers, value):
    rate = F(0)
    for tier in tiers:
        if value >= F(tier["from"]):
            rate = F(tier["rate"])
    return rate


def interpolated(points, a):
    points = [(F(point["from"]), F(point["rate"])) for point in points]
    if a < points[0][0]:
        return F(0)
    for (q0, r0), (q1, r1) in pairwise(points):
        if q0 <= a < q1:
            return r0 + (r1 - r0) * (a - q0) / (q1 - q0)
    return points[-1][1]


def by_slices(tiers, x, unit):
    total = F(0)
    for position, tier in enumerate(tiers):
        low = F(tier["from"]) * unit
        high = F(tiers[position + 1]["from"]) * unit if position + 1 < len(tiers) else max(x, low)
        total += F(tier["rate"]) * max(F(0), min(x, high) - low)
    return total


def one_rate_lines(component, figures, lines, x):
    """What is printed for each line: each rounded and capped, or the rounded total split by R7."""
    a, scheme = figures.attainment, component["scheme"]
    if scheme == "FLAT":
        rate = F(component["rate"])
    elif scheme == "RETROACTIVE":
        rate = reached(component["tiers"], x)
    elif a is None:
        rate = F(0)
    elif scheme == "ATTAINMENT_RETROACTIVE":
        rate = reached(component["tiers"], a)
    else:
        rate = interpolated(component["tiers"], a)
    multipliers = given(component, "multipliers", {})
    pays = [x_line * rate * F(multipliers.get(claim["family"], "1")) for claim, _, x_line in lines]
    if given(component, "rounding", "TOTAL") == "TOTAL":
        total = rounded(sum(pays, F(0)))
        return list(split(total, dict(enumerate(pays))).values()) if total else [F(0)] * len(lines)
    cap = component.get("claim_cap")
    return [rounded(pay) if cap is None else min(rounded(pay), F(cap)) for pay in pays]


def marginal_amount(component, figures, lines, x):
    return rounded(by_slices(component["tiers"], x, F(1)))


def attainment_marginal_amount(component, figures, lines, x):
    if figures.attainment is None:
        return F(0)
    cap = component.get("attainment_cap")
    limited = x if cap is None else min(x, F(cap) * figures.target)
    return rounded(by_slices(component["tiers"], limited, figures.target))


def per_project_amount(component, figures, lines, x):
    least, lead_only = F(given(component, "min_credited", "0.01")), given(component, "lead_only", False)
    number = sum(total >= least and (is_led or not lead_only) for total, is_led in projects(lines).values())
    most = component.get("max_projects")
    return rounded(F(component["amount"]) * (number if most is None else min(number, int(most))))


def growth_amount(component, figures, lines, x):
    b = F(given(figures.facts, "baseline", "0"))
    if b > 0 and (x - b) / b >= F(component["min_growth"]):
        return rounded(F(component["rate"]) * (x - b))
    return F(0)


AMOUNTS = {
    "MARGINAL": marginal_amount,
    "ATTAINMENT_MARGINAL": attainment_marginal_amount,
    "PER_PROJECT": per_project_amount,
    "GROWTH": growth_amount,
}


def bounded(component, printed):
    """§4: a cap or a floor that bites is printed as a line of its own."""
    amount = sum((line[2] for line in printed), F(0))
    for key, kind, bites in (("cap", "CAP", F.__gt__), ("floor", "FLOOR", F.__lt__)):
        if component.get(key) is not None and bites(amount, F(component[key])):
            printed = [*printed, (kind, None, F(component[key]) - amount)]
            amount = F(component[key])
    return printed


def component_result(component, figures, plan_passes):
    families = component.get("families")
    lines = [line for line in figures.lines if families is None or line[0]["family"] in families]
    passed = plan_passes and all(figures.passes(gate) for gate in given(component, "gates", []))
    base = sum((line[2] for line in lines), F(0))
    printed = []
    if passed and component["scheme"] in AMOUNTS:
        amount = AMOUNTS[component["scheme"]](component, figures, lines, base)
        printed = bounded(component, [("SCHEME", None, amount)])
    elif passed:
        amounts = one_rate_lines(component, figures, lines, base)
        refs = [claim["ref"] for claim, _, _ in lines]
        named = [("CLAIM", ref, amount) for ref, amount in zip(refs, amounts, strict=True)]
        printed = bounded(component, named or [("SCHEME", None, F(0))])
    amount = sum((line[2] for line in printed), F(0))
    result = {"code": component["code"], "base": shown(base), "amount": shown(amount), "passed": passed}
    return result, [(kind, ref, shown(amount)) for kind, ref, amount in printed]


def document(kind, net, vat_rate):
    vat = rounded(net * vat_rate)
    return {"kind": kind, "net": shown(net), "vat": shown(vat), "total": shown(net + vat)}


def evaluate(plan, facts):
    """§6: the result without its trace."""
    return evaluate_and_print(plan, facts)[0]


def evaluate_and_print(plan, facts):
    """The result, and the lines printed under each component."""
    figures = Figures(plan, facts)
    gates = [{"type": gate["type"], "passed": figures.passes(gate)} for gate in given(plan, "gates", [])]
    plan_passes = all(gate["passed"] for gate in gates)
    results = [component_result(component, figures, plan_passes) for component in plan["components"]]
    components, printed = [one for one, _ in results], [lines for _, lines in results]
    gross = sum((F(component["amount"]) for component in components), F(0))
    earnings = gross if plan.get("partner_cap") is None else min(gross, F(plan["partner_cap"]))
    earnings -= F(given(facts, "prior_earnings", "0"))
    if given(plan, "true_up", "SIGNED") == "POSITIVE_ONLY":
        earnings = max(F(0), earnings)
    adjustments = [F(one["amount"]) for one in given(facts, "adjustments", [])]
    carry_in = F(given(facts, "carry_in", "0"))
    balance = earnings + sum(adjustments) + carry_in
    flushes = given(plan, "flush_at_fiscal_year_end", False) and given(facts, "closes_fiscal_year", False)
    pays = balance > 0 and (balance >= F(given(plan, "min_payout", "0")) or flushes)
    payable = balance if pays else F(0)
    items = [earnings, carry_in, *adjustments]
    vat_rate = F(given(plan, "vat_rate", "0.20"))
    invoice = document("SELF_BILLED_INVOICE", sum((i for i in items if i > 0), F(0)), vat_rate)
    credit_note = document("SELF_BILLED_CREDIT_NOTE", -sum((i for i in items if i < 0), F(0)), vat_rate)
    percent = None
    if figures.attainment is not None:
        hundredths = floor(figures.attainment * 10000)
        percent = f"{hundredths // 100}.{hundredths % 100:02d}"
    result = {
        "plan": plan["code"],
        "plan_version": plan["version"],
        "partner": facts["partner"],
        "period": plan["period"],
        "claims": [
            {"ref": claim["ref"], "credited": shown(credited), "reason": reason}
            for claim, credited, reason, _ in figures.credits
        ],
        "credited": shown(sum((credited for _, credited, _, _ in figures.credits), F(0))),
        "target": None if figures.target is None else shown(figures.target),
        "attainment_display": percent,
        "gates": gates,
        "components": components,
        "gross": shown(gross),
        "earnings": shown(earnings),
        "adjustments": shown(sum(adjustments, F(0))),
        "carry_in": shown(carry_in),
        "balance": shown(balance),
        "payable": shown(payable),
        "carry_out": shown(balance - payable),
        "documents": [one for one in (invoice, credit_note) if pays and one["net"] != "0.00"],
        "net_to_pay": shown(F(invoice["total"]) - F(credit_note["total"]) if pays else F(0)),
    }
    return result, printed
