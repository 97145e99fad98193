"""From a figure back to the papers: the claim of each line, its orders, its evidence, who decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.claims.models import Claim, ClaimEvidence, ClaimLine, ClaimMatch, MatchState, if_known
from portal.db import db
from portal.orders.models import OrderLine
from portal.users.models import User


@dataclass(frozen=True)
class OrderBehind:
    """An order line that verifies a claim's line."""

    order_no: str
    line_no: int
    version: int
    ordered_on: date
    amount: Decimal
    verified: Decimal
    reseller: str


@dataclass(frozen=True)
class LineBehind:
    """What is behind one line of a result."""

    claim: UUID
    reference: str
    title: str | None  # it and the customer: none where they are kept from the reader
    customer: str | None
    decided_by: str | None
    decided_at: datetime | None
    evidence: int
    orders: tuple[OrderBehind, ...]


def lines_behind(refs: Iterable[str]) -> Mapping[str, LineBehind]:
    """By ref of the facts, as far as the reader may see the claims."""
    references = {ref.partition("/")[0] for ref in refs}
    evidence = (
        select(func.count())
        .where(ClaimEvidence.claim_id == Claim.id, ClaimEvidence.replaced_by_id.is_(None))
        .where(ClaimEvidence.withdrawn_at.is_(None))
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            *(ClaimLine.id, ClaimLine.position, Claim.public_id, Claim.reference),
            *(if_known(Claim.title), if_known(Claim.customer_name)),
            *(Claim.decided_at, User.name, evidence.label("evidence")),
        )
        .join(Claim, Claim.id == ClaimLine.claim_id)
        .outerjoin(User, User.id == Claim.decided_by_id)
        .where(Claim.reference.in_(references))
        .order_by(Claim.reference, ClaimLine.position.desc())
    ).all()
    orders = _orders([row.id for row in rows])
    found: dict[str, LineBehind] = {}
    for row in rows:
        line = LineBehind(
            claim=row.public_id,
            reference=row.reference,
            title=row.title,
            customer=row.customer_name,
            decided_by=row.name,
            decided_at=row.decided_at,
            evidence=row.evidence,
            orders=tuple(orders.get(row.id, ())),
        )
        found[row.reference] = found[f"{row.reference}/{row.position}"] = line
    return found


def _orders(line_ids: list[int]) -> dict[int, list[OrderBehind]]:
    rows: Iterable[Any] = db.session.execute(
        select(
            *(ClaimMatch.claim_line_id, OrderLine.order_no, OrderLine.line_no, OrderLine.version),
            *(OrderLine.ordered_on, OrderLine.amount, ClaimMatch.verified_amount, OrderLine.reseller_name),
        )
        .join(OrderLine, OrderLine.id == ClaimMatch.order_line_id)
        .where(ClaimMatch.claim_line_id.in_(line_ids), ClaimMatch.state == MatchState.CONFIRMED)
        .order_by(OrderLine.order_no, OrderLine.line_no)
    )
    found: dict[int, list[OrderBehind]] = {}
    for line_id, *order in rows:
        found.setdefault(line_id, []).append(OrderBehind(*order))
    return found
