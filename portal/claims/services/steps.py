"""What every step has in common: nobody was faster, the table allows it, the timeline keeps it."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from portal import audit
from portal.calendar import paris_date
from portal.claims.models import Claim, ClaimEvent
from portal.claims.services.behalf import acted_for
from portal.claims.workflow import Action, Actor, ClaimState, next_state
from portal.db import db
from portal.errors import Forbidden, Stale
from portal.users.models import Role, User

SIDES = {
    Role.PARTNER_MEMBER: Actor.PARTNER, Role.PARTNER_ADMIN: Actor.PARTNER, Role.PAM: Actor.PAM,
    Role.SEGMENT_LEAD: Actor.LEAD, Role.PROGRAMME_MANAGER: Actor.PROGRAMME, Role.FINANCE: Actor.FINANCE,
}  # fmt: skip


def take_step(
    claim: Claim,
    action: Action,
    *,
    seen: int,
    actor_id: int | None,
    at: datetime,
    reason: str | None = None,
    note: str = "",
    details: dict[str, Any] | None = None,
    **values: Any,
) -> None:
    """Move the claim along the table; Stale when it is no longer the version that the actor saw."""
    if claim.version != seen:
        raise stale(claim)
    source, target = claim.state, next_state(claim.state, action, side_of(actor_id))
    change(claim, seen=seen, source=source, actor_id=actor_id, at=at, state=target, **values)
    add_event(claim, action.value, actor_id=actor_id, at=at, reason=reason, note=note, details=details)
    audit.record(
        f"claim.{action.value}", subject=("claim", claim.reference), at=at, actor_id=actor_id,
        partner_id=claim.partner_id,
        on_behalf_of_id=acted_for(claim.partner_id, actor_id, paris_date(at)),
        source=source.value, target=target.value, reason=reason,
        **(details or {}),
    )  # fmt: skip


def side_of(actor_id: int | None) -> Actor:
    """On which side this person acts; the clock's where nobody does."""
    if actor_id is None:
        return Actor.CLOCK
    role = db.session.execute(select(User.role).where(User.id == actor_id)).scalar_one_or_none()
    if role not in SIDES:
        raise Forbidden
    return SIDES[role]


def change(
    claim: Claim, *, seen: int, source: ClaimState, actor_id: int | None, at: datetime, **values: Any
) -> None:
    """Write to the claim's row in this state and version, or raise Stale."""
    done = db.session.execute(
        update(Claim)
        .where(Claim.id == claim.id, Claim.version == seen, Claim.state == source)
        .values(version=Claim.version + 1, updated_at=at, updated_by_id=actor_id, **values)
        .returning(Claim.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    db.session.refresh(claim)
    if done is None:
        raise stale(claim)


def add_event(
    claim: Claim,
    kind: str,
    *,
    actor_id: int | None,
    at: datetime,
    reason: str | None = None,
    note: str = "",
    details: dict[str, Any] | None = None,
) -> None:
    """Append a line to the timeline that both sides read."""
    db.session.execute(
        insert(ClaimEvent).values(
            partner_id=claim.partner_id, claim_id=claim.id, kind=kind, state=claim.state, at=at,
            actor_id=actor_id, on_behalf_of_id=acted_for(claim.partner_id, actor_id, paris_date(at)),
            reason_code=reason, note=note, details=details or {},
        ).inline()
    )  # fmt: skip


def stale(claim: Claim) -> Stale:
    """Who changed the claim meanwhile, and how."""
    db.session.refresh(claim)
    who = db.session.execute(select(User.name).where(User.id == claim.updated_by_id)).scalar()
    kind = db.session.execute(
        select(ClaimEvent.kind)
        .where(ClaimEvent.claim_id == claim.id, ClaimEvent.at == claim.updated_at)
        .order_by(ClaimEvent.id.desc())
        .limit(1)
    ).scalar()
    return Stale(who=who or "", what=f"claim.{kind or 'saved'}", at=claim.updated_at)
