"""The firm's own claims that look like this one."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from portal.claims.models import Claim, ClaimLine
from portal.claims.workflow import RULES, ClaimState, Rules
from portal.db import db

GONE = (ClaimState.DRAFT, ClaimState.WITHDRAWN, ClaimState.EXPIRED, ClaimState.REJECTED, ClaimState.REVOKED)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another claim of the same firm; `certain` when they share an order or enrolment number."""

    public_id: UUID
    reference: str
    certain: bool


def own_duplicates(claim: Claim, *, rules: Rules = RULES) -> list[Duplicate]:
    """Claims of the firm on the same customer and family: same number, or close in date and amount."""
    mine = _amounts(claim.id)
    rows = db.session.execute(
        select(
            Claim.public_id, Claim.reference, Claim.order_no, Claim.enrolment_no, ClaimLine.declared_amount,
            func.coalesce(Claim.ordered_on, Claim.signed_on).label("on"), ClaimLine.family,
        )
        .join(ClaimLine, ClaimLine.claim_id == Claim.id)
        .where(
            Claim.partner_id == claim.partner_id, Claim.id != claim.id, Claim.state.not_in(GONE),
            Claim.customer_siren == claim.customer_siren, ClaimLine.family.in_(mine),
        )
        .order_by(Claim.reference)
    )  # fmt: skip
    found: dict[str, Duplicate] = {}
    for row in rows:
        same = _same_number(claim, row.order_no, row.enrolment_no)
        if same or (same is None and _close(claim, mine[row.family], row.on, row.declared_amount, rules)):
            certain = bool(same) or (row.reference in found and found[row.reference].certain)
            found[row.reference] = Duplicate(row.public_id, row.reference, certain)
    return sorted(found.values(), key=lambda other: (not other.certain, other.reference))


def _amounts(claim_id: int) -> dict[str, Decimal]:
    query = select(ClaimLine.family, func.sum(ClaimLine.declared_amount)).where(
        ClaimLine.claim_id == claim_id
    )
    return dict(db.session.execute(query.group_by(ClaimLine.family)).all())


def _same_number(claim: Claim, order_no: str, enrolment_no: str) -> bool | None:
    """True for the same order or enrolment, False for different ones, None where a number lacks."""
    pairs = [(claim.order_no, order_no), (claim.enrolment_no, enrolment_no)]
    both = [(mine, other) for mine, other in pairs if mine and other]
    if not both:
        return None
    return any(mine.casefold() == other.casefold() for mine, other in both)


def _close(claim: Claim, mine: Decimal, on: date | None, amount: Decimal, rules: Rules) -> bool:
    my_day = claim.ordered_on or claim.signed_on
    if my_day is None or on is None or abs(my_day - on) > timedelta(days=rules.duplicate_days):
        return False
    return abs(mine - amount) <= rules.duplicate_tolerance * amount
