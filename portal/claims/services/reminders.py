"""Reminders of running clocks, once each: to the firm before it lapses, to who decides, then to the lead.

Nothing here decides anything: silence never approves.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from portal.calendar import paris_date
from portal.claims.emails import tell_the_decider, tell_the_escalated, tell_the_firm, tell_the_pam
from portal.claims.models import Claim, ClaimAppeal, ClaimEvent
from portal.claims.services.steps import add_event
from portal.claims.workflow import RULES, ClaimState, Rules, clock
from portal.db import db
from portal.partners.models import Coverage, Partner

DECIDED_BY_US = (
    ClaimState.SUBMITTED, ClaimState.IN_REVIEW, ClaimState.PENDING_SECOND, ClaimState.APPEALED,
)  # fmt: skip


def remind_claims(*, at: datetime, rules: Rules = RULES) -> int:
    """Send what reminders are due today and were not sent yet; return how many claims are concerned."""
    return _remind_firms(at, rules) + _remind_takers(at, rules) + _remind_deciders(at, rules)


def _remind_firms(at: datetime, rules: Rules) -> int:
    """Questions that expire in a few days, once for each question."""
    soon = paris_date(at) + timedelta(days=rules.info_reminder_days)
    asked = func.max(ClaimEvent.id).filter(ClaimEvent.kind == ClaimState.INFO_REQUESTED)
    reminded = func.coalesce(func.max(ClaimEvent.id).filter(ClaimEvent.kind == "reminded"), 0)
    due = (
        select(ClaimEvent.claim_id)
        .join(Claim, Claim.id == ClaimEvent.claim_id)
        .where(Claim.state == ClaimState.INFO_REQUESTED, Claim.info_due_on <= soon)
        .where(Claim.info_due_on >= paris_date(at))
        .group_by(ClaimEvent.claim_id)
        .having(func.coalesce(asked, 0) >= reminded)
    )
    claims = db.session.execute(select(Claim).where(Claim.id.in_(due)).order_by(Claim.id)).scalars().all()
    for claim in claims:
        add_event(claim, "reminded", actor_id=None, at=at)
        due_on = claim.info_due_on and claim.info_due_on.isoformat()
        tell_the_firm(claim, "claim.info_reminder", at=at, due_on=due_on)
    return len(claims)


def _remind_takers(at: datetime, rules: Rules) -> int:
    """Claims that nobody has begun to read in time, to who answers for the firm, once."""
    told = select(ClaimEvent.id).where(ClaimEvent.claim_id == Claim.id, ClaimEvent.kind == "reminded_to_take")
    waiting = db.session.execute(
        select(Claim)
        .where(Claim.state == ClaimState.SUBMITTED, Claim.decide_by.is_not(None), ~told.exists())
        .where(Claim.submitted_at < at - timedelta(days=rules.take_days))
        .order_by(Claim.id)
    ).scalars()
    late = [claim for claim in waiting if rules.take_by(_declared_on(claim)) < paris_date(at)]
    for claim in late:
        add_event(claim, "reminded_to_take", actor_id=None, at=at)
        days = {"declared_on": _declared_on(claim).isoformat(), "decide_by": str(claim.decide_by)}
        tell_the_pam(claim, "claim.untaken", at=at, purpose=f"{claim.id}:take", **days)
    return len(late)


def _declared_on(claim: Claim) -> date:
    return paris_date(claim.submitted_at or claim.created_at)


def _remind_deciders(at: datetime, rules: Rules) -> int:
    """At 70 % and 100 % of the delay to who decides, at 120 % to who leads them."""
    on, told = paris_date(at), 0
    for claim, tele, level, past in _running(on, rules):
        appealed = claim.state is ClaimState.APPEALED
        delay = rules.judgement_days if appealed else rules.decision_delay(tele=tele)
        standing = clock(decide_by=claim.decide_by, clock_left=None, on=on, delay=delay)
        mark = rules.alarm(standing.used) if standing else None
        round_of = f"{'appeal' if appealed else 'claim'}{level or ''}"
        if mark is None or f"{round_of}:{mark}" in (past or ()):
            continue
        kind = "escalated" if mark == rules.escalate_at else "reminded_inside"
        add_event(claim, kind, actor_id=None, at=at, details={"mark": f"{round_of}:{mark}", "used": mark})
        tell = tell_the_escalated if mark == rules.escalate_at else tell_the_decider
        tell(claim, level=level, mark=mark, purpose=f"{claim.id}:{round_of}:{mark}", at=at)
        told += 1
    return told


def _running(on: date, rules: Rules) -> Sequence[tuple[Claim, bool, int | None, list[str] | None]]:
    """Claims whose clock may have passed a mark: tele or not, level of an open appeal, marks already told."""
    level = (
        select(func.max(ClaimAppeal.level))
        .where(ClaimAppeal.claim_id == Claim.id, ClaimAppeal.outcome.is_(None))
        .scalar_subquery()
    )
    marks = (
        select(func.array_agg(ClaimEvent.details["mark"].astext))
        .where(ClaimEvent.claim_id == Claim.id, ClaimEvent.kind.in_(("reminded_inside", "escalated")))
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Claim, Partner.coverage == Coverage.TELE, level, marks)
        .join(Partner, Partner.id == Claim.partner_id)
        .where(Claim.state.in_(DECIDED_BY_US), Claim.decide_by <= rules.alarm_by(on))
        .order_by(Claim.id)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]
