"""What a plan says: its gates, its schemes and its bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from portal.calendar import PeriodCode


class Role(StrEnum):
    """What a firm did in a project."""

    PRESCRIBE = "PRESCRIBE"
    DESIGN = "DESIGN"
    INTEGRATE = "INTEGRATE"
    DEPLOY = "DEPLOY"


def default_role_weights() -> dict[Role, Decimal]:
    """The share credited for each role by a plan that does not say."""
    return {
        Role.PRESCRIBE: Decimal("0.40"),
        Role.DESIGN: Decimal("0.25"),
        Role.INTEGRATE: Decimal("0.20"),
        Role.DEPLOY: Decimal("0.15"),
    }


class Rounding(StrEnum):
    """Whether a component is rounded once, or each of its lines."""

    TOTAL = "TOTAL"
    LINE = "LINE"


class TrueUp(StrEnum):
    """Whether what was paid in advance can make earnings negative."""

    SIGNED = "SIGNED"
    POSITIVE_ONLY = "POSITIVE_ONLY"


@dataclass(frozen=True, slots=True)
class MinAttainment:
    """The plan's attainment is at least `value` (0.80 = 80 %)."""

    TYPE: ClassVar = "MIN_ATTAINMENT"
    value: Decimal


@dataclass(frozen=True, slots=True)
class CompetencyHeld:
    """A competency is held on the last day of the period, or on every day of it."""

    TYPE: ClassVar = "COMPETENCY_HELD"
    code: str
    continuous: bool


@dataclass(frozen=True, slots=True)
class MinProjects:
    """At least `count` distinct projects are credited at least `min_credited` each."""

    TYPE: ClassVar = "MIN_PROJECTS"
    count: int
    min_credited: Decimal


@dataclass(frozen=True, slots=True)
class MinCsat:
    """Customer satisfaction is at least `score`."""

    TYPE: ClassVar = "MIN_CSAT"
    score: Decimal


Gate = MinAttainment | CompetencyHeld | MinProjects | MinCsat


@dataclass(frozen=True, slots=True)
class Tier:
    """From `start` on (an amount, or an attainment), `rate` applies."""

    start: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Payout:
    """How a scheme with one rate for its whole base pays its lines."""

    multipliers: Mapping[str, Decimal] = field(default_factory=dict)
    rounding: Rounding = Rounding.TOTAL
    claim_cap: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Flat:
    """One rate on everything."""

    NAME: ClassVar = "FLAT"
    rate: Decimal
    payout: Payout = Payout()


@dataclass(frozen=True, slots=True)
class Marginal:
    """Each slice of the base at its own rate."""

    NAME: ClassVar = "MARGINAL"
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class Retroactive:
    """The rate of the tier reached, from the first euro."""

    NAME: ClassVar = "RETROACTIVE"
    tiers: tuple[Tier, ...]
    payout: Payout = Payout()


@dataclass(frozen=True, slots=True)
class AttainmentMarginal:
    """Each slice of the objective at its own rate."""

    NAME: ClassVar = "ATTAINMENT_MARGINAL"
    tiers: tuple[Tier, ...]
    attainment_cap: Decimal | None


@dataclass(frozen=True, slots=True)
class AttainmentRetroactive:
    """The rate of the attainment reached, from the first euro."""

    NAME: ClassVar = "ATTAINMENT_RETROACTIVE"
    tiers: tuple[Tier, ...]
    payout: Payout = Payout()


@dataclass(frozen=True, slots=True)
class Interpolated:
    """A rate that rises in a straight line from point to point of attainment."""

    NAME: ClassVar = "INTERPOLATED"
    tiers: tuple[Tier, ...]
    payout: Payout = Payout()


@dataclass(frozen=True, slots=True)
class PerProject:
    """A fixed amount for each project that qualifies."""

    NAME: ClassVar = "PER_PROJECT"
    amount: Decimal
    lead_only: bool
    min_credited: Decimal
    max_projects: int | None


@dataclass(frozen=True, slots=True)
class Growth:
    """A rate on what exceeds the baseline, once it has grown enough."""

    NAME: ClassVar = "GROWTH"
    rate: Decimal
    min_growth: Decimal


OneRate = Flat | Retroactive | AttainmentRetroactive | Interpolated
Scheme = OneRate | Marginal | AttainmentMarginal | PerProject | Growth


@dataclass(frozen=True, slots=True)
class Component:
    """One way of earning: a scheme on some families, behind gates, between a floor and a cap."""

    code: str
    scheme: Scheme
    families: tuple[str, ...] | None = None
    gates: tuple[Gate, ...] = ()
    cap: Decimal | None = None
    floor: Decimal | None = None

    def takes(self, family: str) -> bool:
        """Whether lines of a family are among its own."""
        return self.families is None or family in self.families


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a plan for a segment and a period."""

    code: str
    version: int
    segment: str
    period: PeriodCode
    components: tuple[Component, ...]
    currency: str = "EUR"
    role_weights: Mapping[Role, Decimal] = field(default_factory=default_role_weights)
    claim_cap: Decimal | None = None
    measure_weights: Mapping[str, Decimal] = field(default_factory=dict)
    gates: tuple[Gate, ...] = ()
    partner_cap: Decimal | None = None
    min_payout: Decimal = Decimal("0.00")
    flush_at_fiscal_year_end: bool = False
    true_up: TrueUp = TrueUp.SIGNED
    vat_rate: Decimal = Decimal("0.20")
