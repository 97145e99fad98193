"""Appeals: the firm asks for another look, and somebody who decided nothing before judges."""

from datetime import date, datetime

from sqlalchemy import func, insert, select, update

from portal.calendar import paris_date
from portal.claims.emails import tell_the_firm, tell_the_judges
from portal.claims.inputs import Verdict
from portal.claims.models import AppealOutcome, Asked, Claim, ClaimAppeal, Decision
from portal.claims.queries import appeals_of, lines_of
from portal.claims.services.steps import side_of, take_step
from portal.claims.services.verdict import (
    check_verdict,
    decision_of,
    is_in_part,
    roles_declared,
    write_verdict,
)
from portal.claims.workflow import RULES, Action, Actor, ClaimState, Rules, next_state
from portal.db import AnyRow, db
from portal.errors import Forbidden, Invalid, Refused

JUDGES = {1: Actor.LEAD, 2: Actor.PROGRAMME}


def find_level(*, claim: Claim, on: date, rules: Rules = RULES) -> int | None:
    """The level at which the firm may appeal on this day: 1 to a lead, 2 to the programme, or None."""
    if claim.state not in (ClaimState.REJECTED, ClaimState.APPROVED) or claim.decided_at is None:
        return None
    if claim.decision is Decision.APPROVED:
        return None
    judged = appeals_of(claim.id)
    told_at = max([claim.decided_at, *(appeal.judged_at for appeal in judged)])
    return rules.appeal_level(judged=len(judged), decided_on=paris_date(told_at), on=on)


def appeal_claim(
    *, claim: Claim, seen: int, asks: str, grounds: str, actor_id: int, at: datetime, rules: Rules = RULES
) -> None:
    """Appeal against a refusal or a cut; what was approved stays credited meanwhile."""
    next_state(claim.state, Action.APPEAL)
    on = paris_date(at)
    level = find_level(claim=claim, on=on, rules=rules)
    if level is None:
        raise Refused("appeal_closed")
    faults = {} if grounds.strip() else {"grounds": "required"}
    if asks not in set(Asked):
        faults["asks"] = "not_a_choice" if asks else "required"
    if faults:
        raise Invalid(faults)
    judge_by = rules.judge_by(on)
    db.session.execute(
        insert(ClaimAppeal).values(
            partner_id=claim.partner_id, claim_id=claim.id, level=level, asks=asks, grounds=grounds.strip(),
            made_by_id=actor_id, made_at=at, judge_by=judge_by,
        ).inline()
    )  # fmt: skip
    take_step(
        claim, Action.APPEAL, seen=seen, actor_id=actor_id, at=at, note=grounds.strip(),
        details={"level": level, "asks": asks}, decide_by=judge_by, clock_left=None,
    )  # fmt: skip
    tell_the_judges(claim, "claim.appealed", level=level, at=at, judge_by=judge_by.isoformat())


def judge_appeal(
    *,
    claim: Claim,
    seen: int,
    reasons: str,
    actor_id: int,
    at: datetime,
    verdict: Verdict | None = None,
    rules: Rules = RULES,
) -> None:
    """Judge an appeal with reasons: with a verdict the claim is approved anew, without one all stays."""
    next_state(claim.state, Action.OVERTURN, side_of(actor_id))
    appeal = appeals_of(claim.id)[-1]
    check_judge(claim, appeal.level, actor_id)
    if not reasons.strip():
        raise Invalid({"reasons": "reason_in_words"})
    if verdict:
        _overturn(claim, appeal, verdict, seen=seen, reasons=reasons.strip(), actor_id=actor_id, at=at)
    else:
        _uphold(claim, appeal, seen=seen, reasons=reasons.strip(), actor_id=actor_id, at=at, rules=rules)


def check_judge(claim: Claim, level: int, actor_id: int) -> None:
    """The judge is of the appeal's level and decided nothing before on this claim."""
    if side_of(actor_id) is not JUDGES[level]:
        raise Forbidden("appeal_level")
    if db.session.execute(select(func.has_decided(claim.id, actor_id))).scalar_one():
        raise Forbidden("four_eyes")


def _uphold(
    claim: Claim, appeal: AnyRow, *, seen: int, reasons: str, actor_id: int, at: datetime, rules: Rules
) -> None:
    """The decision stands, and what was credited with it."""
    refused = claim.decision is Decision.REJECTED
    further = rules.appeal_by(paris_date(at)) if appeal.level < rules.appeal_levels else None
    _close(appeal.id, AppealOutcome.UPHELD, reasons, actor_id, at)
    take_step(
        claim, Action.UPHOLD if refused else Action.UPHOLD_PART, seen=seen, actor_id=actor_id, at=at,
        note=reasons, reason=claim.reason_code, details={"level": appeal.level}, decide_by=None,
        cure_by=further,
    )  # fmt: skip
    tell_the_firm(
        claim, "claim.appeal_upheld", at=at, reasons=reasons, level=appeal.level,
        appeal_by=further and further.isoformat(),
    )  # fmt: skip


def _overturn(
    claim: Claim,
    appeal: AnyRow,
    verdict: Verdict,
    *,
    seen: int,
    reasons: str,
    actor_id: int,
    at: datetime,
) -> None:
    """The claim is approved anew, never for less than before."""
    lines, declared = lines_of(claim.id), roles_declared(claim)
    check_verdict(claim, lines, verdict, declared=declared)
    if worse := [line.id for line in lines if verdict.lines[line.id].approved < (line.approved or 0)]:
        raise Invalid({f"approved-{line_id}": "appeal_takes_nothing" for line_id in worse})
    in_part = is_in_part(lines, verdict, declared=declared)
    _close(appeal.id, AppealOutcome.OVERTURNED, reasons, actor_id, at)
    take_step(
        claim, Action.OVERTURN, seen=seen, actor_id=actor_id, at=at, note=reasons,
        details={"level": appeal.level, "in_part": in_part}, roles=[role.value for role in verdict.roles],
        reason_code=None, cure_by=None, decide_by=None, first_decided_by_id=None, first_decided_at=None,
        **decision_of(in_part, actor_id, at),
    )  # fmt: skip
    write_verdict(claim, verdict, actor_id, at)
    approved = sum(given.approved for given in verdict.lines.values())
    tell_the_firm(
        claim, "claim.appeal_won", at=at, reasons=reasons, in_part=in_part, approved=str(approved),
        declared=str(sum(line.declared for line in lines)),
    )  # fmt: skip


def _close(appeal_id: int, outcome: AppealOutcome, reasons: str, actor_id: int, at: datetime) -> None:
    db.session.execute(
        update(ClaimAppeal)
        .where(ClaimAppeal.id == appeal_id, ClaimAppeal.outcome.is_(None))
        .values(outcome=outcome, reasons=reasons, judged_by_id=actor_id, judged_at=at)
        .execution_options(synchronize_session=False)
    )
