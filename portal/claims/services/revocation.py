"""Taking an approval back: finance and the programme, one proposes and the other confirms."""

from datetime import datetime

from sqlalchemy import insert, update

from portal import audit
from portal.catalogue import ReasonKind
from portal.claims.emails import tell_the_firm, tell_the_other
from portal.claims.models import Claim, ClaimRevocation
from portal.claims.queries import open_revocation
from portal.claims.services.review import check_reason
from portal.claims.services.steps import SIDES, side_of, stale, take_step
from portal.claims.workflow import Action, Actor, next_state
from portal.db import AnyRow, db
from portal.errors import Forbidden, Invalid, Refused
from portal.users.models import Role

KINDS = (ReasonKind.REFUSAL, ReasonKind.ADJUSTMENT)


def propose_revocation(
    *, claim: Claim, seen: int, reason: str, reasons: str, actor_id: int, at: datetime
) -> None:
    """Ask the other side, finance or programme, to take an approval back; nothing changes yet."""
    next_state(claim.state, Action.REVOKE, side_of(actor_id))
    if claim.version != seen:
        raise stale(claim)
    check_reason(reason, *KINDS, field="reason")
    if not reasons.strip():
        raise Invalid({"note": "reason_in_words"})
    if open_revocation(claim.id):
        raise Refused("revocation_proposed")
    db.session.execute(
        insert(ClaimRevocation).values(
            partner_id=claim.partner_id, claim_id=claim.id, reason_code=reason, reasons=reasons.strip(),
            proposed_by_id=actor_id, proposed_at=at,
        ).inline()
    )  # fmt: skip
    audit.record(
        "claim.revocation_proposed", subject=("claim", claim.reference), at=at, actor_id=actor_id,
        partner_id=claim.partner_id, reason=reason,
    )  # fmt: skip
    other = Role.FINANCE if side_of(actor_id) is Actor.PROGRAMME else Role.PROGRAMME_MANAGER
    tell_the_other(claim, "claim.revocation_proposed", other, at=at, reason=reason, note=reasons.strip())


def confirm_revocation(*, claim: Claim, seen: int, actor_id: int, at: datetime) -> None:
    """Take the approval back, as the other side proposed; the firm reads why."""
    proposed = _proposed(claim)
    if proposed.proposed_by_id == actor_id or SIDES[proposed.proposed_side] is side_of(actor_id):
        raise Forbidden("four_eyes")
    _end(proposed.id, confirmed_by_id=actor_id, confirmed_at=at)
    take_step(
        claim, Action.REVOKE, seen=seen, actor_id=actor_id, at=at, reason=proposed.reason_code,
        note=proposed.reasons, reason_code=proposed.reason_code,
    )  # fmt: skip
    tell_the_firm(claim, "claim.revoked", at=at, reason=proposed.reason_code, note=proposed.reasons)


def drop_revocation(*, claim: Claim, actor_id: int, at: datetime) -> None:
    """Leave the approval as it is."""
    _end(_proposed(claim).id, dropped_by_id=actor_id, dropped_at=at)
    audit.record(
        "claim.revocation_dropped", subject=("claim", claim.reference), at=at, actor_id=actor_id,
        partner_id=claim.partner_id,
    )  # fmt: skip


def _proposed(claim: Claim) -> AnyRow:
    found = open_revocation(claim.id)
    if found is None:
        raise stale(claim)
    return found


def _end(revocation_id: int, **values: object) -> None:
    db.session.execute(
        update(ClaimRevocation)
        .where(ClaimRevocation.id == revocation_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
