"""What time does to claims: questions left unanswered and drafts past their window expire."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select

from portal.calendar import paris_date
from portal.claims.emails import tell_the_firm
from portal.claims.models import Claim
from portal.claims.services.steps import take_step
from portal.claims.workflow import RULES, Action, ClaimState, Rules
from portal.db import db


def expire_claims(*, at: datetime, rules: Rules = RULES) -> int:
    """Expire what is past its last day; return how many."""
    overdue = _overdue(paris_date(at), rules)
    for claim in overdue:
        take_step(
            claim, Action.EXPIRE, seen=claim.version, actor_id=None, at=at,
            info_due_on=None, clock_left=None, decide_by=None,
        )  # fmt: skip
        tell_the_firm(claim, "claim.expired", at=at)
    return len(overdue)


def _overdue(on: date, rules: Rules) -> Sequence[Claim]:
    window = func.coalesce(Claim.ordered_on, Claim.signed_on) < on - timedelta(days=rules.window_days)
    query = select(Claim).where(
        or_(
            (Claim.state == ClaimState.INFO_REQUESTED) & (Claim.info_due_on < on),
            (Claim.state == ClaimState.DRAFT) & window,
        )
    )
    return db.session.execute(query.order_by(Claim.id)).scalars().all()
