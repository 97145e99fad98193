"""What is known of one partner when a period is computed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.calendar import PeriodCode
from portal.margin.engine.plan import Plan, Role

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One product line of a claim; `approved` is the lesser of what was approved and verified.

    `ordered_on` is the day in Paris of the instant `ordered_at`, kept as written where one was given.
    `shares`, where given, replace the role weights.
    """

    ref: str
    family: str
    ordered_on: date
    approved: Decimal
    roles: tuple[Role, ...] = ()
    shares: Mapping[str, Decimal] | None = None
    project: str = ""
    lead: bool | None = None
    currency: str = "EUR"
    fx_rate: Decimal | None = None
    ordered_at: str | None = None

    @property
    def project_code(self) -> str:
        """The project the line belongs to: by default it is one of its own."""
        return self.project or self.ref

    @property
    def led(self) -> bool:
        """Whether the partner leads the project: prescription and design both, unless told."""
        if self.lead is not None:
            return self.lead
        return Role.PRESCRIBE in self.roles and Role.DESIGN in self.roles


@dataclass(frozen=True, slots=True)
class Competency:
    """A competency held on [starts_on, ends_before)."""

    code: str
    starts_on: date
    ends_before: date | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A correction of an earlier period, stated in this one."""

    period: PeriodCode
    amount: Decimal
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Proration:
    """The part of the period that the target stands for."""

    days: int
    of: int


@dataclass(frozen=True, slots=True)
class Facts:
    """The inputs of one partner's result."""

    partner: str
    claims: tuple[ClaimLine, ...]
    target: Decimal | None = None
    baseline: Decimal | None = None
    proration: Proration | None = None
    competencies: tuple[Competency, ...] = ()
    csat: Decimal | None = None
    prior_earnings: Decimal = ZERO
    adjustments: tuple[Adjustment, ...] = ()
    carry_in: Decimal = ZERO
    closes_fiscal_year: bool = False
    earlier: "tuple[EarlierPart, ...]" = ()


@dataclass(frozen=True, slots=True)
class EarlierPart:
    """The part of the period before the partner came under another plan, up to `ends_before`.

    Its facts have no payment of their own: what was stated, corrected and carried is the last part's.
    """

    plan: Plan
    facts: Facts
    ends_before: date
