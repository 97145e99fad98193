"""From an approved line to what it is credited, and from all lines to the figures of the whole plan."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.margin.engine.facts import ZERO, ClaimLine, Facts
from portal.margin.engine.plan import Plan, Role
from portal.money import EXACT, exactly, round_cents, round_quotient, split

_ONE = Decimal(1)
_CORE_ROLES = frozenset({Role.PRESCRIBE, Role.DESIGN})


class Reason(StrEnum):
    """Why a line is credited less than its part."""

    OTHER_PERIOD = "OTHER_PERIOD"
    NO_CORE_ROLE = "NO_CORE_ROLE"
    CLAIM_CAP = "CLAIM_CAP"


@dataclass(frozen=True, slots=True)
class Credit:
    """What one line is credited, with each step that led there."""

    claim: ClaimLine
    credited: Decimal
    reason: Reason | None = None
    counts: bool = True
    in_euros: Decimal | None = None
    weight: Decimal | None = None
    parts: Mapping[str, Decimal] | None = None
    uncapped: Decimal | None = None
    measure_weight: Decimal = _ONE
    measured: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Project:
    """A project's credit is the sum over its lines; it is led when one of its lines is."""

    credited: Decimal
    led: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """The figures of the whole plan that gates and schemes look at."""

    lines: tuple[Credit, ...]
    credited: Decimal
    measured: Decimal
    target: Decimal | None
    projects: Mapping[str, Project]
    facts: Facts
    first_day: date
    last_day: date

    @property
    def objective(self) -> Decimal | None:
        """The target where it is above zero: without one, attainment is not applicable."""
        return self.target if self.target is not None and self.target > 0 else None

    @property
    def attainment_display(self) -> str | None:
        """Attainment in percent, truncated to two decimals so that nobody reads 80.00 below 80 %."""
        if self.objective is None:
            return None
        hundredths = EXACT.divide_int(EXACT.multiply(self.measured, 10000), self.objective)
        return format(hundredths.scaleb(-2, context=EXACT), ".2f")


def credit_line(plan: Plan, claim: ClaimLine, *, partner: str) -> Credit:
    """What one line alone is credited to the partner under a plan."""
    with exactly():
        return credit(plan, claim, partner)


def credit(plan: Plan, claim: ClaimLine, partner: str) -> Credit:
    """As credit_line, for callers that already work exactly."""
    if not plan.period.contains(claim.ordered_on):
        return Credit(claim, ZERO, Reason.OTHER_PERIOD, counts=False)
    if claim.shares is None and _CORE_ROLES.isdisjoint(claim.roles):
        return Credit(claim, ZERO, Reason.NO_CORE_ROLE, counts=False)
    in_euros = claim.approved if claim.fx_rate is None else round_quotient(claim.approved, claim.fx_rate)
    weight = parts = None
    if claim.shares is None:
        weight = sum((plan.role_weights[role] for role in claim.roles), Decimal(0))
        uncapped = round_cents(in_euros * weight)
    else:
        parts = split(in_euros, claim.shares)
        uncapped = parts[partner]
    capped = plan.claim_cap is not None and uncapped > plan.claim_cap
    credited = plan.claim_cap if capped and plan.claim_cap is not None else uncapped
    measure_weight = plan.measure_weights.get(claim.family, _ONE)
    return Credit(
        claim,
        credited,
        Reason.CLAIM_CAP if capped else None,
        in_euros=in_euros,
        weight=weight,
        parts=parts,
        uncapped=uncapped,
        measure_weight=measure_weight,
        measured=credited * measure_weight,
    )


def measure(plan: Plan, facts: Facts, credits: Iterable[Credit]) -> Measure:
    """The sums over the lines that count, and the target they are measured against."""
    lines = tuple(line for line in credits if line.counts)
    return Measure(
        lines=lines,
        credited=sum((line.credited for line in lines), ZERO),
        measured=sum((line.measured for line in lines), ZERO),
        target=_prorated(facts),
        projects=projects_of(lines),
        facts=facts,
        first_day=plan.period.starts_on,
        last_day=plan.period.last_day,
    )


def projects_of(lines: Iterable[Credit]) -> dict[str, Project]:
    """The distinct projects of some lines, in the order of the facts; an imagined line has none."""
    projects: dict[str, Project] = {}
    for line in lines:
        code = line.claim.project_code
        if not code:
            continue
        before = projects.get(code)
        if before is None:
            projects[code] = Project(line.credited, line.claim.led)
        else:
            projects[code] = Project(before.credited + line.credited, before.led or line.claim.led)
    return projects


def _prorated(facts: Facts) -> Decimal | None:
    if facts.target is None or facts.proration is None:
        return facts.target
    return round_quotient(facts.target * facts.proration.days, Decimal(facts.proration.of))
