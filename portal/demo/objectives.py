"""What each firm was to reach: from what it did reach, so that the team stands a little below its targets."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from math import log
from random import Random
from typing import Any

from portal.calendar import PeriodCode
from portal.demo.calendar import OPEN, PERIODS, TODAY, instant
from portal.demo.firms import ARVELIA, WITHOUT_CLAIM, Firm
from portal.demo.staff import PROGRAMME
from portal.demo.story import Story
from portal.margin.engine.plan import Role, default_role_weights

Row = dict[str, Any]

MEDIAN, SPREAD = 0.965, 0.30  # of attainment where there is something to credit
STEP = 500
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
    for period in PERIODS:
        for firm in firms:
            draws = (
                rng.lognormvariate(log(MEDIAN), SPREAD),
                rng.random(),
                rng.randint(8, 24),
                rng.uniform(0.75, 1.05),
            )
            if firm.pam_id:
                yield from _objective(
                    firm, period, credits[firm.id, str(period)], draws, period_ids[str(period)]
                )


def _objective(
    firm: Firm, period: PeriodCode, credited: Decimal, draws: tuple[float, float, int, float], period_id: int
) -> Iterator[Row]:
    attainment, chance, thousands, growth = draws
    if not firm.dedicated and not credited:
        return
    reached = float(credited)
    if period == OPEN:
        reached *= period.days / (TODAY - period.starts_on).days
    target = _round(reached / attainment) if credited else Decimal(thousands * 1000)
    baseline = _round(float(target) * growth)
    if firm.id == WITHOUT_CLAIM:
        target = Decimal(60000)
    if firm.id == ARVELIA:
        target, baseline = map(Decimal, OF_ARVELIA[str(period)])
    told_on = period.starts_on - timedelta(days=14)
    accepted = firm.id == ARVELIA or chance < 0.88
    yield {
        "partner_id": firm.id, "period_id": period_id, "version": 1, "target": target, "baseline": baseline,
        "set_by_id": PROGRAMME, "notified_at": instant(told_on, 9),
        "accepted_by_id": firm.admin_id if accepted else None,
        "accepted_at": instant(_answered_on(told_on, chance), 15) if accepted else None,
        "accepted_hash": _hash(firm.code, str(period), target, baseline) if accepted else None,
    }  # fmt: skip


def _hash(code: str, period: str, target: Decimal, baseline: Decimal) -> str:
    return hashlib.sha256(f"{code} {period} {target:.2f} {baseline:.2f}".encode()).hexdigest()


def _round(amount: float) -> Decimal:
    return Decimal(max(STEP, round(amount / STEP) * STEP))


def _answered_on(told_on: date, chance: float) -> date:
    return told_on + timedelta(days=2 + int(chance * 25))
