"""Setting objectives and accepting them."""

import hashlib
import json
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select

from portal import audit, mail
from portal.db import db
from portal.errors import Invalid, PeriodClosed, Refused, Stale
from portal.mail import Recipient
from portal.money import plain
from portal.objectives.models import Objective
from portal.partners.models import Partner
from portal.periods.models import Period, PeriodState
from portal.users.models import Role, User, UserState


def set_objective(
    *,
    partner: Partner,
    period: Period,
    target: Decimal,
    baseline: Decimal | None,
    reason: str,
    actor_id: int,
    at: datetime,
) -> Objective:
    """Tell a partner what to reach in a period; a later change is a new version and says why."""
    if period.state is not PeriodState.OPEN:
        raise PeriodClosed
    last = db.session.execute(
        select(func.max(Objective.version)).where(
            Objective.partner_id == partner.id, Objective.period_id == period.id
        )
    ).scalar()
    if last and not reason.strip():
        raise Invalid({"reason": "required"})
    objective = Objective(
        partner_id=partner.id, period_id=period.id, version=(last or 0) + 1, target=target, baseline=baseline,
        reason=reason.strip(), set_by_id=actor_id, notified_at=at,
    )  # fmt: skip
    db.session.add(objective)
    db.session.flush()
    audit.record(
        "objective.set", subject=("objective", objective.id), at=at, actor_id=actor_id, partner_id=partner.id,
        period=period.code, version=objective.version, target=plain(target),
    )  # fmt: skip
    mail.queue(
        "objective.set", to=_administrators(partner.id), purpose=objective.id, at=at, partner_id=partner.id,
        path="/objectives", firm=partner.legal_name, period=period.code, target=plain(target),
        version=objective.version, note=objective.reason,
    )  # fmt: skip
    return objective


def accept_objective(*, objective: Objective, actor_id: int, at: datetime) -> None:
    """The firm's administrator accepts exactly these terms, kept by their hash."""
    latest = db.session.execute(
        select(func.max(Objective.version)).where(
            Objective.partner_id == objective.partner_id, Objective.period_id == objective.period_id
        )
    ).scalar()
    if latest != objective.version:
        raise Stale("objective_replaced", what="objective_replaced")
    if objective.accepted_at is not None:
        raise Refused("objective_accepted_already")
    objective.accepted_by_id, objective.accepted_at = actor_id, at
    objective.accepted_hash = terms_sha256(objective)
    db.session.flush()
    audit.record(
        "objective.accepted", subject=("objective", objective.id), at=at, actor_id=actor_id,
        partner_id=objective.partner_id, sha256=objective.accepted_hash,
    )  # fmt: skip


def terms_sha256(objective: Objective) -> str:
    """The hash of what is accepted: whose, when, how much."""
    terms = {
        "objective": str(objective.public_id),
        "partner": objective.partner_id,
        "period": objective.period_id,
        "version": objective.version,
        "target": plain(objective.target),
        "baseline": None if objective.baseline is None else plain(objective.baseline),
    }
    return hashlib.sha256(json.dumps(terms, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _administrators(partner_id: int) -> list[Recipient]:
    rows = db.session.execute(
        select(User.email, User.name, User.locale, User.id).where(
            User.partner_id == partner_id, User.role == Role.PARTNER_ADMIN, User.state == UserState.ACTIVE
        )
    )
    return [Recipient(*row) for row in rows]
