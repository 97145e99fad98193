"""The account manager's side: open a claim, ask, get the answer, refuse."""

from datetime import datetime

from sqlalchemy import func, select, update

from portal import catalogue
from portal.calendar import paris_date
from portal.catalogue import ReasonKind
from portal.claims.emails import tell_the_firm, tell_the_pam
from portal.claims.models import Claim, ClaimEvent, ClaimEvidence, ClaimLine, Decision
from portal.claims.services.approval import check_stand_in
from portal.claims.services.steps import take_step
from portal.claims.services.submission import look_for_others, refuse_own_duplicate
from portal.claims.workflow import RULES, Action, ClaimState, Rules, pause, resume
from portal.db import db
from portal.errors import Forbidden, Invalid


def take_claim(*, claim: Claim, seen: int, actor_id: int, at: datetime) -> None:
    """Begin to read a claim; the firm sees by whom."""
    check_stand_in(claim, actor_id)
    take_step(claim, Action.TAKE, seen=seen, actor_id=actor_id, at=at, taken_by_id=actor_id, taken_at=at)


def request_info(
    *, claim: Claim, seen: int, reason: str, note: str, actor_id: int, at: datetime, rules: Rules = RULES
) -> None:
    """Ask the firm a coded question; the clock stops until it answers."""
    check_stand_in(claim, actor_id)
    check_reason(reason, ReasonKind.QUESTION, field="reason")
    on = paris_date(at)
    due_on = rules.info_due_on(on)
    left = pause(claim.decide_by, on) if claim.decide_by else None
    take_step(
        claim, Action.ASK, seen=seen, actor_id=actor_id, at=at, reason=reason, note=note,
        info_due_on=due_on, clock_left=left, decide_by=None,
    )  # fmt: skip
    tell_the_firm(claim, "claim.info_requested", at=at, reason=reason, note=note, due_on=due_on.isoformat())


def answer_request(
    *,
    claim: Claim,
    seen: int,
    note: str,
    actor_id: int,
    at: datetime,
    order_no: str = "",
    enrolment_no: str = "",
) -> None:
    """Answer in words, with a missing number or new evidence; the clock runs on from where it stood."""
    note, numbers = note.strip(), _missing_numbers(claim, order_no, enrolment_no)
    told = note or numbers
    if claim.state is ClaimState.INFO_REQUESTED and not told and not _new_evidence(claim.id):
        raise Invalid({"note": "answer_missing"})
    decide_by = resume(claim.clock_left or 0, paris_date(at))
    take_step(
        claim, Action.ANSWER, seen=seen, actor_id=actor_id, at=at, note=note, details=numbers,
        info_due_on=None, clock_left=None, decide_by=decide_by, **numbers,
    )  # fmt: skip
    if numbers:
        refuse_own_duplicate(claim)
        look_for_others(claim)
    tell_the_pam(claim, "claim.answered", at=at, note=note, decide_by=decide_by.isoformat())


def _missing_numbers(claim: Claim, order_no: str, enrolment_no: str) -> dict[str, str]:
    """Numbers given now that the claim did not have; those it has do not change any more."""
    given = {"order_no": order_no.strip(), "enrolment_no": enrolment_no.strip()}
    return {name: value for name, value in given.items() if value and not getattr(claim, name)}


def reject_claim(
    *,
    claim: Claim,
    seen: int,
    reason: str,
    note: str,
    actor_id: int,
    at: datetime,
    place: str = "",
    page: str = "",
    rules: Rules = RULES,
) -> None:
    """Refuse with a coded reason, the field or page it is about, what cures it and until when."""
    check_reason(reason, ReasonKind.REFUSAL, field="reason")
    if reason == "OTHER_REFUSAL" and not note.strip():
        raise Invalid({"note": "reason_in_words"})
    if claim.state is ClaimState.PENDING_SECOND and claim.first_decided_by_id == actor_id:
        raise Forbidden("four_eyes")
    place = place or catalogue.place_of_reason(reason)
    if place not in catalogue.places():
        raise Invalid({"place": "not_a_choice"})
    cure_by = rules.cure_by(paris_date(at))
    take_step(
        claim, Action.REJECT, seen=seen, actor_id=actor_id, at=at, reason=reason, note=note.strip(),
        details={"place": place, "page": page.strip()},
        decision=Decision.REJECTED, decided_by_id=actor_id, decided_at=at, reason_code=reason,
        cure_by=cure_by,
        clock_left=None,
    )  # fmt: skip
    nothing = {"approved_amount": None, "cut_reason_code": None}
    db.session.execute(update(ClaimLine).where(ClaimLine.claim_id == claim.id).values(nothing))
    tell_the_firm(
        claim, "claim.rejected", at=at, reason=reason, note=note.strip(), cure_by=cure_by.isoformat(),
        place=catalogue.places()[place], page=page.strip(),
    )  # fmt: skip


def check_reason(code: str, *kinds: ReasonKind, field: str) -> None:
    """Raise Invalid unless the code is one of the closed list of these kinds."""
    if not code:
        raise Invalid({field: "required"})
    if code not in catalogue.list_reasons(*kinds):
        raise Invalid({field: "not_a_choice"})


def _new_evidence(claim_id: int) -> bool:
    """Whether the firm has added a paper since it was last asked."""
    asked_at = (
        select(func.max(ClaimEvent.at))
        .where(ClaimEvent.claim_id == claim_id, ClaimEvent.kind == Action.ASK.value)
        .scalar_subquery()
    )
    added = select(ClaimEvidence.id).where(
        ClaimEvidence.claim_id == claim_id,
        ClaimEvidence.uploaded_at > asked_at,
        ClaimEvidence.withdrawn_at.is_(None),
    )
    return db.session.execute(added.limit(1)).first() is not None
