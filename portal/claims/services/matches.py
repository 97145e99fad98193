"""What a person says of an order that was only proposed: it is the claimed one, or it is not."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from portal import audit
from portal.claims.models import Claim, ClaimLine, ClaimMatch, MatchRefusal, MatchState
from portal.claims.services.steps import add_event, change
from portal.db import AnyRow, db
from portal.errors import Invalid, NotFound
from portal.orders.models import OrderLine


def confirm_match(*, claim: Claim, seen: int, match_id: int, actor_id: int, at: datetime) -> None:
    """A person says that a proposed order is the claimed one; its credit is then due."""
    match = _proposed(claim, seen, match_id, actor_id, at)
    db.session.execute(
        update(ClaimMatch)
        .where(ClaimMatch.id == match.id)
        .values(state=MatchState.CONFIRMED, confirmed_by_id=actor_id)
    )
    _record("confirmed", claim, actor_id, at, order_line=match.order_line_id)


def refuse_match(*, claim: Claim, seen: int, match_id: int, reason: str, actor_id: int, at: datetime) -> None:
    """A person says that a proposed order is not the claimed one, and why; it is not proposed again."""
    if not reason.strip():
        raise Invalid({"reason": "required"})
    match = _proposed(claim, seen, match_id, actor_id, at)
    db.session.execute(delete(ClaimMatch).where(ClaimMatch.id == match.id))
    db.session.execute(
        insert(MatchRefusal)
        .values(
            partner_id=claim.partner_id, claim_line_id=match.claim_line_id, order_no=match.order_no,
            line_no=match.line_no, reason=reason.strip(), refused_by_id=actor_id, refused_at=at,
        )
        .inline()
    )  # fmt: skip
    _record("refused", claim, actor_id, at, note=reason.strip(), order_line=match.order_line_id)


def _proposed(claim: Claim, seen: int, match_id: int, actor_id: int, at: datetime) -> AnyRow:
    """The match as it was seen, still to be decided; Stale where the claim has changed since."""
    change(claim, seen=seen, source=claim.state, actor_id=actor_id, at=at)
    found = db.session.execute(
        select(ClaimMatch.id, ClaimMatch.claim_line_id, ClaimMatch.order_line_id)
        .add_columns(OrderLine.order_no, OrderLine.line_no)
        .join(ClaimLine, ClaimLine.id == ClaimMatch.claim_line_id)
        .join(OrderLine, OrderLine.id == ClaimMatch.order_line_id)
        .where(ClaimMatch.id == match_id, ClaimMatch.state == MatchState.PROPOSED)
        .where(ClaimLine.claim_id == claim.id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def _record(how: str, claim: Claim, actor_id: int, at: datetime, *, note: str = "", **details: Any) -> None:
    add_event(claim, f"match_{how}", actor_id=actor_id, at=at, note=note)
    audit.record(
        f"match.{how}", subject=("claim", claim.reference), at=at, actor_id=actor_id,
        partner_id=claim.partner_id, **details,
    )  # fmt: skip
