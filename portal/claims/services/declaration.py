"""Declaring a project: a draft that colleagues complete, then one submission."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, insert, select

from portal import audit
from portal.calendar import PeriodCode, paris_date
from portal.claims.emails import tell_the_firm
from portal.claims.inputs import COPIED_FIELDS, DRAFT_FIELDS, LineInput
from portal.claims.models import Claim, ClaimLine
from portal.claims.queries import lines_of_order, list_unclaimed
from portal.claims.services.steps import add_event, change, side_of, stale
from portal.claims.workflow import Actor, ClaimState
from portal.db import db
from portal.errors import NotFound, Refused

TOLD_BY_ORDERS = (
    "customer_siren", "customer_name", "order_no", "enrolment_no", "reseller_name", "ordered_on",
)  # fmt: skip


def start_draft(*, partner_id: int, actor_id: int, at: datetime, copy_of: Claim | None = None) -> Claim:
    """Open a draft, empty or with the customer, project and roles of an earlier claim.

    What a PAM writes is on behalf of the firm, which alone may declare it.
    """
    year = str(PeriodCode.fiscal_year_of(paris_date(at)))
    number = db.session.execute(select(func.next_claim_number(year))).scalar_one()
    copied = {name: getattr(copy_of, name) for name in COPIED_FIELDS} if copy_of else {}
    behalf = side_of(actor_id) is not Actor.PARTNER
    claim = Claim(
        partner_id=partner_id, reference=f"D-{year}-{number:06d}", state=ClaimState.DRAFT,
        created_by_id=actor_id,
        created_at=at, updated_at=at, updated_by_id=actor_id, on_behalf=behalf, **copied,
    )  # fmt: skip
    db.session.add(claim)
    db.session.flush()
    add_event(claim, "started_on_behalf" if behalf else "started", actor_id=actor_id, at=at)
    audit.record(
        "claim.started", subject=("claim", claim.reference), at=at, actor_id=actor_id, partner_id=partner_id,
        **({"on_behalf": True} if behalf else {}),
    )  # fmt: skip
    return claim


def start_draft_of_order(*, partner_id: int, order_no: str, actor_id: int, at: datetime) -> Claim:
    """Open a draft that holds what an order that names the firm says; NotFound where none is to declare."""
    on = paris_date(at)
    order = next((row for row in list_unclaimed([partner_id], on) if row.order_no == order_no), None)
    if order is None:
        raise NotFound
    held = lines_of_order(partner_id, order_no, on)
    claim = start_draft(partner_id=partner_id, actor_id=actor_id, at=at)
    save_draft(
        claim=claim, seen=claim.version, changes={name: getattr(order, name) for name in TOLD_BY_ORDERS},
        lines=[LineInput(line.family, Decimal(line.amount)) for line in held], actor_id=actor_id, at=at,
    )  # fmt: skip
    return claim


def save_draft(
    *,
    claim: Claim,
    seen: int,
    changes: Mapping[str, Any],
    actor_id: int,
    at: datetime,
    lines: Sequence[LineInput] | None = None,
) -> bool:
    """Keep what was typed so far; Stale when a colleague saved meanwhile, False when nothing changed."""
    if claim.version != seen:
        raise stale(claim)
    if unknown := set(changes) - set(DRAFT_FIELDS):
        raise ValueError(f"not fields of a draft: {sorted(unknown)}")
    changed = {name: value for name, value in changes.items() if getattr(claim, name) != value}
    new_lines = lines is not None and list(lines) != _lines_of(claim.id)
    if not changed and not new_lines:
        return False
    change(claim, seen=seen, source=ClaimState.DRAFT, actor_id=actor_id, at=at, **changed)
    if new_lines:
        _replace_lines(claim, lines or ())
    audit.record(
        "claim.saved", subject=("claim", claim.reference), at=at, actor_id=actor_id,
        partner_id=claim.partner_id, fields=[*sorted(changed), *(["lines"] if new_lines else [])],
    )  # fmt: skip
    return True


def offer_draft(*, claim: Claim, seen: int, actor_id: int, at: datetime) -> None:
    """Give the firm what its account manager wrote for it: to read, complete and declare on honour."""
    if not claim.on_behalf or claim.state is not ClaimState.DRAFT:
        raise Refused("illegal_step")
    change(claim, seen=seen, source=ClaimState.DRAFT, actor_id=actor_id, at=at, offered_at=at)
    add_event(claim, "offered", actor_id=actor_id, at=at)
    audit.record(
        "claim.offered", subject=("claim", claim.reference), at=at, actor_id=actor_id,
        partner_id=claim.partner_id,
    )  # fmt: skip
    tell_the_firm(claim, "claim.offered", at=at)


def discard_draft(*, claim: Claim, seen: int, actor_id: int, at: datetime) -> None:
    """Throw away a draft that nobody has received."""
    if claim.version != seen:
        raise stale(claim)
    if claim.state is not ClaimState.DRAFT:
        raise Refused("illegal_step")
    db.session.execute(delete(Claim).where(Claim.id == claim.id, Claim.state == ClaimState.DRAFT))
    audit.record(
        "claim.discarded", subject=("claim", claim.reference), at=at, actor_id=actor_id,
        partner_id=claim.partner_id,
    )  # fmt: skip


def _lines_of(claim_id: int) -> list[LineInput]:
    query = select(ClaimLine.family, ClaimLine.declared_amount, ClaimLine.agreement).where(
        ClaimLine.claim_id == claim_id
    )
    rows = db.session.execute(query.order_by(ClaimLine.position))
    return [LineInput(family, Decimal(amount), agreement) for family, amount, agreement in rows]


def _replace_lines(claim: Claim, lines: Sequence[LineInput]) -> None:
    db.session.execute(delete(ClaimLine).where(ClaimLine.claim_id == claim.id))
    rows = [
        {
            "partner_id": claim.partner_id, "claim_id": claim.id, "position": place, "family": line.family,
            "agreement": line.agreement, "declared_amount": line.amount,
        }
        for place, line in enumerate(lines, 1)
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(ClaimLine), rows)
