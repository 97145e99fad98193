"""What people give: a draft's fields and lines, and a reviewer's verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from portal.claims.models import ProjectRole

DRAFT_FIELDS = (
    "customer_siren", "customer_name", "customer_sector", "customer_public", "customer_contact", "title",
    "project_type", "roles", "reseller_name", "reseller_unknown", "order_no", "enrolment_no", "signed_on",
    "ordered_on", "confidential", "duplicate_reason",
)  # fmt: skip
COPIED_FIELDS = (
    "customer_siren", "customer_name", "customer_sector", "customer_public", "customer_contact", "title",
    "project_type", "roles", "reseller_name", "reseller_unknown", "confidential",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LineInput:
    """A product family and the amount declared for it, excl. VAT."""

    family: str
    amount: Decimal
    agreement: str = ""


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """What a reviewer grants of a line, and why where it is less than declared."""

    approved: Decimal
    cut_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """An approval: each line by its id, the roles found held, the checks ticked.

    `weight` is the part of the approved amount that the plan in force would credit for these roles;
    without a plan the whole amount counts against the reviewer's limit.
    """

    lines: Mapping[int, LineVerdict]
    roles: tuple[ProjectRole, ...]
    ticks: frozenset[str]
    role_reason: str | None = None
    note: str = ""
    weight: Decimal = Decimal(1)
