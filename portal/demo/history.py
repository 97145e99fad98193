"""Two years of claims by all firms but Arvélia, told one by one."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from math import log
from random import Random

from portal.calendar import PeriodCode
from portal.demo.calendar import NOW, OPEN, PERIODS, TODAY, cut_off_on, instant, working
from portal.demo.customers import FAMILIES, SPREAD, TITLES, WHERE, Customer, type_of
from portal.demo.firms import ARVELIA, OVERDRAWN, WITHOUT_CLAIM, Firm
from portal.demo.outcomes import choose_outcome, steps_to
from portal.demo.staff import CLAIRE
from portal.demo.story import Line, Proof, Story
from portal.money import round_cents

A_QUARTER = {"Q1": 545, "Q2": 680, "Q3": 545, "Q4": 680}
MONTHS = {"Q1": (34, 30, 36), "Q2": (27, 30, 43), "Q3": (31, 33, 36), "Q4": (27, 30, 43)}
ROLES = {
    ("PRESCRIBE", "DESIGN", "INTEGRATE", "DEPLOY"): 38, ("PRESCRIBE", "DESIGN"): 26,
    ("PRESCRIBE", "DESIGN", "INTEGRATE"): 20, ("DESIGN", "INTEGRATE", "DEPLOY"): 11, ("PRESCRIBE",): 5,
}  # fmt: skip
APPETITE = {"SSII": 3.4, "ISV": 1.8, "LAR": 2.2, "SMB_D": 2.0, "VAR": 2.0}
ANSWERS = {"EXACT": 79, "GAP": 9, "PROBABLE": 4, "NONE": 5, "CANCELLED": 3}
PROOFS = ("SIGNED_SOW", "ARCHITECTURE_FILE", "TENDER_ANSWER", "CUSTOMER_CONFIRMATION", "PURCHASE_ORDER",
          "ACCEPTANCE_REPORT", "MIGRATION_REPORT", "RESELLER_REPORT")  # fmt: skip
PAPERS_OF_A_KIND = 5


def build_history(firms: list[Firm], customers: list[Customer]) -> Iterator[Story]:
    """All claims of all quarters up to the demo's day."""
    rng = Random("palier:history")
    told = [firm for firm in firms if firm.pam_id and firm.id not in (ARVELIA, WITHOUT_CLAIM)]
    appetites = [_appetite(rng, firm) for firm in told]
    resellers = [firm for firm in firms if firm.segment in ("LAR", "SMB_D")]
    for period in PERIODS:
        weights = list(accumulate(_in(period, told, appetites)))
        for quarter in period.quarters:
            for ordered_on in _days(rng, quarter):
                firm = rng.choices(told, cum_weights=weights)[0]
                story = _story(rng, firm, period, rng.choice(customers), rng.choice(resellers), ordered_on)
                outcome = choose_outcome(rng, story)
                deadline = cut_off_on(period) if period != OPEN else None
                if story.created_at <= NOW:
                    yield story.tell(steps_to(rng, story, outcome, deadline=deadline), until=NOW)


def _appetite(rng: Random, firm: Firm) -> float:
    if firm.dedicated:
        return APPETITE[firm.segment] * rng.lognormvariate(0, 0.45)
    return rng.lognormvariate(0, 0.5) if rng.random() < 0.4 else 0.06


def _in(period: PeriodCode, told: list[Firm], appetites: list[float]) -> list[float]:
    """One firm earned well in FY26-H1 and declared nothing after; now Claire Vauquelin's firms are busy."""
    overdrawn = {"FY26-H1": 3.0, "FY26-H2": 0.0}.get(str(period), 1.0)
    busy = 4.0 if period == OPEN else 1.0
    return [
        appetite * (overdrawn if firm.id == OVERDRAWN else busy if firm.pam_id == CLAIRE else 1.0)
        for firm, appetite in zip(told, appetites, strict=True)
    ]


def _days(rng: Random, quarter: PeriodCode) -> list[date]:
    """The days of the quarter's orders, more of them in its last month, none after the demo's day."""
    part = quarter.part
    months = [quarter.starts_on + timedelta(days=31 * place) for place in range(3)]
    days = []
    for month in rng.choices(months, MONTHS[part], k=A_QUARTER[part]):
        first = month.replace(day=1)
        length = ((first + timedelta(days=32)).replace(day=1) - first).days
        day = working(first + timedelta(days=min(length - 1, int(length * rng.random() ** 0.8))))
        days.append(min(day, quarter.last_day))
    return sorted(day for day in days if day < TODAY)


def _story(
    rng: Random, firm: Firm, period: PeriodCode, customer: Customer, reseller: Firm, ordered_on: date
) -> Story:
    lines = _lines(rng, firm)
    signed_on = max(ordered_on - timedelta(days=rng.randint(3, 40)), firm.starts_on)
    created_on = working(ordered_on + timedelta(days=rng.randint(0, 4)))
    number = f"V{ordered_on:%y%m}{rng.randrange(10**6):06d}"
    numbered = rng.random()
    return Story(
        firm=firm,
        period=period,
        customer=customer,
        title=rng.choice(TITLES[lines[0].family]) + rng.choice(WHERE),
        project_type=type_of(lines[0].family),
        roles=rng.choices(list(ROLES), list(ROLES.values()))[0],
        lines=lines,
        signed_on=signed_on,
        ordered_on=ordered_on,
        ordered_at=instant(ordered_on, rng.randint(8, 18), rng.randrange(60)),
        created_at=instant(created_on, rng.randint(8, 17), rng.randrange(60)),
        author_id=rng.choice(firm.people),
        order_no=number if numbered < 0.8 else "",
        enrolment_no=f"E{rng.randrange(10**7):07d}" if numbered >= 0.7 else "",
        reseller=reseller if reseller.id != firm.id else None,
        confidential=rng.random() < 0.04,
        proofs=_proofs(rng, signed_on, ordered_on),
        order=rng.choices(list(ANSWERS), list(ANSWERS.values()))[0],
    )


def _lines(rng: Random, firm: Firm) -> list[Line]:
    families = rng.choices(
        list(FAMILIES), [weight for weight, _ in FAMILIES.values()], k=rng.choices((1, 2, 3), (72, 22, 6))[0]
    )
    scale = 1.0 if firm.dedicated else 0.6
    return [
        Line(family, draw_amount(rng, family, scale), agreement=rng.choice(("CSP", "EA", "OPEN", "MPSA")))
        for family in dict.fromkeys(families)
    ]


def draw_amount(rng: Random, family: str, scale: float = 1.0) -> Decimal:
    """An amount as lines of this family have."""
    return round_cents(Decimal(str(rng.lognormvariate(log(FAMILIES[family][1] * scale), SPREAD))))


def _proofs(rng: Random, signed_on: date, ordered_on: date) -> list[Proof]:
    kinds = rng.sample(PROOFS, rng.choices((1, 2, 3), (45, 42, 13))[0])
    within = max(1, (ordered_on - signed_on).days)
    return [
        Proof(kind, signed_on + timedelta(days=rng.randrange(within)), rng.randrange(PAPERS_OF_A_KIND))
        for kind in kinds
    ]
