"""What each firm was to reach: from what it did reach, so that the team stands a little below its targets."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count
from math import log
from random import Random
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from portal.calendar import PeriodCode
from portal.demo.calendar import COMING, OPEN, PERIODS, TODAY, TOLD_AHEAD_ON, instant
from portal.demo.firms import ARVELIA, WITHOUT_CLAIM, Firm
from portal.demo.staff import PROGRAMME
from portal.demo.story import Story
from portal.margin.engine.plan import Role, default_role_weights
from portal.money import round_cents
from portal.objectives import Objective, terms_sha256

Row = dict[str, Any]

MEDIAN, SPREAD = 0.96, 0.30  # of attainment where there is something to credit
STEP = 500
ACCEPTED = 0.88
GROWTH = 1.05  # asked for in the coming half-year
COUNTED = ("EXACT", "GAP", "SHARED")
OF_ARVELIA = {
    "FY25-H2": ("120000.00", "100000.00"), "FY26-H1": ("140000.00", "118000.00"),
    "FY26-H2": ("150000.00", "152000.00"), "FY27-H1": ("160000.00", "150000.00"),
}  # fmt: skip


def estimate_credits(stories: Iterable[Story]) -> dict[tuple[int, str], Decimal]:
    """About what each (firm id, period) will be credited."""
    weights = default_role_weights()
    found: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for story in stories:
        if story.counts and story.order in COUNTED:
            weight = sum((weights[Role(role)] for role in story.roles), Decimal(0))
            found[story.firm.id, str(story.period)] += min(story.approved * weight, Decimal(60000))
    return found


def objective_rows(firms: list[Firm], stories: Iterable[Story], period_ids: dict[str, int]) -> Iterator[Row]:
    """Targets of dedicated firms and of the tele-managed ones that declare projects, accepted by most."""
    rng = Random("palier:objectives")
    credits = estimate_credits(stories)
    numbers = count(1)
    for period in PERIODS:
        for firm in firms:
            draws = _draw(rng)
            credited = credits[firm.id, str(period)]
            if firm.pam_id and (firm.dedicated or credited):
                target, baseline = _terms(firm, period, credited, draws)
                yield _row(
                    next(numbers), firm, period, period_ids[str(period)], target, baseline, draws.chance
                )


class Draws(NamedTuple):
    """What chance decides of an objective."""

    attainment: float
    chance: float
    thousands: int
    growth: float


def _draw(rng: Random) -> Draws:
    return Draws(
        rng.lognormvariate(log(MEDIAN), SPREAD), rng.random(), rng.randint(8, 24), rng.uniform(0.75, 1.05)
    )


def _terms(firm: Firm, period: PeriodCode, credited: Decimal, draws: Draws) -> tuple[Decimal, Decimal]:
    """Target and baseline."""
    if firm.id == ARVELIA:
        target, baseline = OF_ARVELIA[str(period)]
        return Decimal(target), Decimal(baseline)
    reached = float(credited)
    if period == OPEN:
        reached *= period.days / (TODAY - period.starts_on).days
    aimed = Decimal(60000 if firm.id == WITHOUT_CLAIM else draws.thousands * 1000)
    target_amount = _round(reached / draws.attainment) if credited else aimed
    return target_amount, _round(float(target_amount) * draws.growth)


def _row(
    number: int,
    firm: Firm,
    period: PeriodCode,
    period_id: int,
    target: Decimal,
    baseline: Decimal,
    chance: float,
) -> Row:
    told_on = min(period.starts_on - timedelta(days=14), TOLD_AHEAD_ON)
    row: Row = {
        "id": number, "public_id": uuid5(NAMESPACE_URL, f"palier:objective:{number}"), "partner_id": firm.id,
        "period_id": period_id, "version": 1, "target": round_cents(target),
        "baseline": round_cents(baseline),
        "set_by_id": PROGRAMME, "notified_at": instant(told_on, 9), "accepted_by_id": None,
        "accepted_at": None,
        "accepted_hash": None,
    }  # fmt: skip
    answered_on = told_on + timedelta(days=2 + int(chance * 25))
    accepted = firm.id == ARVELIA or chance < ACCEPTED
    if accepted and answered_on < TODAY and (firm.id, period) != (ARVELIA, COMING):
        row |= {"accepted_by_id": firm.admin_id, "accepted_at": instant(answered_on, 15)}
        row |= {"accepted_hash": terms_sha256(Objective(**row))}
    return row


def _round(amount: float) -> Decimal:
    return Decimal(max(STEP, round(amount / STEP) * STEP))
