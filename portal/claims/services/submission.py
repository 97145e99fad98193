"""Handing a declaration to the account manager, and taking it back."""

from datetime import date, datetime

from sqlalchemy import func, select
from stdnum.fr import siren

from portal import catalogue
from portal.calendar import paris_date
from portal.claims.emails import tell_the_pam
from portal.claims.models import Claim, ClaimLine, ProjectRole
from portal.claims.queries import Duplicate, evidence_of, own_duplicates
from portal.claims.services.steps import take_step
from portal.claims.workflow import RULES, Action, ClaimState, Rules
from portal.db import db
from portal.errors import Invalid, Refused
from portal.partners.models import Coverage, Partner

REQUIRED = (
    "customer_siren",
    "customer_name",
    "customer_sector",
    "title",
    "project_type",
    "roles",
    "signed_on",
)


class OwnDuplicate(Refused):
    """The firm has already declared this order for this customer and family."""

    code = "own_duplicate"


def submit_claim(
    *, claim: Claim, seen: int, honour: bool, actor_id: int, at: datetime, rules: Rules = RULES
) -> None:
    """Declare on honour; pressing twice is pressing once."""
    if claim.state is ClaimState.SUBMITTED and claim.submitted_by_id == actor_id:
        return
    on = paris_date(at)
    check_submission(claim=claim, honour=honour, on=on, rules=rules)
    take_step(
        claim, Action.SUBMIT, seen=seen, actor_id=actor_id, at=at, submitted_by_id=actor_id, submitted_at=at,
        declared_honour_at=at, declared_honour_by_id=actor_id, grid_id=catalogue.grid_in_force(on),
        decide_by=rules.decide_by(on, tele=_is_tele(claim.partner_id)),
    )  # fmt: skip
    look_for_others(claim)
    tell_the_pam(claim, "claim.submitted", at=at, decide_by=claim.decide_by and claim.decide_by.isoformat())


def look_for_others(claim: Claim) -> None:
    """Let the workers see whether another firm declares the project; who declares is told nothing."""
    db.session.execute(select(func.leave_to_workers("conflicts.detect", claim.id)))


def check_submission(*, claim: Claim, honour: bool, on: date, rules: Rules = RULES) -> None:
    """Raise Invalid with every fault by its field, or OwnDuplicate."""
    faults = faults_of(claim, on=on, rules=rules)
    if not honour:
        faults["honour"] = "not_ticked"
    duplicates = refuse_own_duplicate(claim, rules=rules)
    if duplicates and not claim.duplicate_reason.strip():
        faults["duplicate_reason"] = "duplicate_to_justify"
    if faults:
        raise Invalid(
            faults, last=rules.window_ends_on(claim.ordered_on or claim.signed_on or on).isoformat()
        )


def refuse_own_duplicate(claim: Claim, *, rules: Rules = RULES) -> list[Duplicate]:
    """Raise OwnDuplicate when the firm has declared this very order; else the claims that look like it."""
    duplicates = own_duplicates(claim, rules=rules)
    if duplicates and duplicates[0].certain:
        raise OwnDuplicate(reference=duplicates[0].reference, other=str(duplicates[0].public_id))
    return duplicates


def faults_of(claim: Claim, *, on: date, rules: Rules = RULES) -> dict[str, str]:
    """What keeps a draft from being declared: field → code of the fault."""
    faults = {name: "required" for name in REQUIRED if not getattr(claim, name)}
    if claim.customer_siren and not siren.is_valid(claim.customer_siren):
        faults["customer_siren"] = "siren_key"
    if set(claim.roles) - set(ProjectRole):
        faults["roles"] = "not_a_choice"
    amounts = db.session.execute(
        select(ClaimLine.declared_amount).where(ClaimLine.claim_id == claim.id)
    ).scalars().all()  # fmt: skip
    if not amounts or not any(amounts):
        faults["lines"] = "no_line"
    if not (claim.reseller_name or claim.reseller_unknown):
        faults["reseller_name"] = "reseller_missing"
    if not any(paper.current for paper in evidence_of(claim.id)):
        faults["evidence"] = "no_evidence"
    return faults | _date_faults(claim, on, rules)


def _date_faults(claim: Claim, on: date, rules: Rules) -> dict[str, str]:
    faults: dict[str, str] = {}
    if claim.signed_on and claim.signed_on > on:
        faults["signed_on"] = "day_in_future"
    if claim.ordered_on and claim.ordered_on > on:
        faults["ordered_on"] = "day_in_future"
    elif claim.ordered_on and claim.signed_on and claim.ordered_on < claim.signed_on:
        faults["ordered_on"] = "order_before_signature"
    day, field = (claim.ordered_on, "ordered_on") if claim.ordered_on else (claim.signed_on, "signed_on")
    if day and field not in faults and on > rules.window_ends_on(day):
        faults[field] = "window_closed"
    return faults


def withdraw_claim(*, claim: Claim, seen: int, actor_id: int, at: datetime, note: str = "") -> None:
    """Take back a claim that nobody has decided."""
    take_step(
        claim, Action.WITHDRAW, seen=seen, actor_id=actor_id, at=at, note=note, info_due_on=None,
        decide_by=None, clock_left=None,
    )  # fmt: skip
    tell_the_pam(claim, "claim.withdrawn", at=at, note=note)


def _is_tele(partner_id: int) -> bool:
    query = select(Partner.coverage).where(Partner.id == partner_id)
    return db.session.execute(query).scalar_one() is Coverage.TELE
