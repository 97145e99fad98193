"""Who is told of what happens to a claim; the words are in `templates/emails/claim_*`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from portal import catalogue, mail
from portal.calendar import paris_date
from portal.claims.models import Claim
from portal.claims.workflow import ClaimState
from portal.db import db
from portal.mail import Recipient
from portal.partners.models import Partner
from portal.portfolio.models import Delegation, PamAssignment
from portal.users.models import Role, User, UserState

_person = (User.email, User.name, User.locale, User.id)


def tell_the_pam(claim: Claim, kind: str, *, at: datetime, **words: Any) -> None:
    """Write to the account manager, or to the deputy of one who is away."""
    _tell(
        claim, kind, pam_of(claim.partner_id, paris_date(at)), f"/staff/claims/{claim.public_id}", at, words
    )


def tell_the_firm(claim: Claim, kind: str, *, at: datetime, **words: Any) -> None:
    """Write to those of the firm who made the claim; to its administrators when they are gone."""
    _tell(claim, kind, _makers_of(claim), f"/claims/{claim.public_id}", at, words)


def tell_the_leads(claim: Claim, kind: str, *, at: datetime, **words: Any) -> None:
    """Write to the leads of the firm's segment who have not decided it; to other leads when none is left."""
    _tell(claim, kind, leads_for(claim), f"/staff/claims/{claim.public_id}", at, words)


def tell_the_judges(claim: Claim, kind: str, *, level: int, at: datetime, **words: Any) -> None:
    """Write to those who may judge an appeal of this level: who decided nothing of it before."""
    judges = leads_for(claim) if level == 1 else _free(claim, Role.PROGRAMME_MANAGER)
    _tell(claim, kind, judges, f"/staff/claims/{claim.public_id}", at, {**words, "level": level})


def tell_the_other(claim: Claim, kind: str, side: Role, *, at: datetime, **words: Any) -> None:
    """Write to finance, or to the programme."""
    _tell(claim, kind, _free(claim, side), f"/staff/claims/{claim.public_id}", at, words)


def tell_of_message(claim: Claim, *, author_id: int, of_firm: bool, purpose: str, at: datetime) -> None:
    """Write to the other side that a message waits; its words stay in the portal."""
    on = paris_date(at)
    to = pam_of(claim.partner_id, on) if of_firm else _makers_of(claim)
    path = f"/staff/claims/{claim.public_id}" if of_firm else f"/claims/{claim.public_id}"
    author = db.session.execute(select(User.name).where(User.id == author_id)).scalar_one()
    words = {"author": author, "purpose": purpose}
    _tell(claim, "claim.message", to, f"{path}#messages", at, words)


def tell_the_decider(claim: Claim, *, level: int | None, mark: int, purpose: str, at: datetime) -> None:
    """Remind who has to decide now: the PAM or the deputy, a lead, the judges of an appeal."""
    if level:
        to = leads_for(claim) if level == 1 else _free(claim, Role.PROGRAMME_MANAGER)
    elif claim.state is ClaimState.PENDING_SECOND:
        to = leads_for(claim)
    else:
        to = pam_of(claim.partner_id, paris_date(at))
    _remind(claim, "claim.clock", to, mark, purpose, at)


def tell_the_escalated(claim: Claim, *, level: int | None, mark: int, purpose: str, at: datetime) -> None:
    """Tell the lead of a claim that is late; the programme of one that a lead has left late."""
    led = level or claim.state is ClaimState.PENDING_SECOND
    to = _free(claim, Role.PROGRAMME_MANAGER) if led else leads_for(claim)
    _remind(claim, "claim.late", to, mark, purpose, at)


def _remind(claim: Claim, kind: str, to: Sequence[Recipient], mark: int, purpose: str, at: datetime) -> None:
    words = {"mark": mark, "purpose": purpose, "decide_by": claim.decide_by and claim.decide_by.isoformat()}
    _tell(claim, kind, to, f"/staff/claims/{claim.public_id}", at, words)


def leads_for(claim: Claim) -> list[Recipient]:
    """The leads of its segment who have decided nothing of it; other leads when none is left."""
    return _free(claim, Role.SEGMENT_LEAD, of_segment=True) or _free(claim, Role.SEGMENT_LEAD)


def _free(claim: Claim, role: Role, *, of_segment: bool = False) -> list[Recipient]:
    query = select(*_person).where(
        User.role == role, User.state == UserState.ACTIVE, ~func.has_decided(claim.id, User.id)
    )
    if of_segment:
        query = query.join(Partner, or_(User.segment == Partner.segment, User.segment.is_(None))).where(
            Partner.id == claim.partner_id
        )
    return [Recipient(*row) for row in db.session.execute(query.order_by(User.id))]


def pam_of(partner_id: int, on: date) -> list[Recipient]:
    """Who answers for this firm on this day."""
    deputy = aliased(User)
    rows = db.session.execute(
        select(
            func.coalesce(deputy.email, User.email), func.coalesce(deputy.name, User.name),
            func.coalesce(deputy.locale, User.locale), func.coalesce(deputy.id, User.id),
        )
        .select_from(PamAssignment)
        .join(User, User.id == PamAssignment.pam_id)
        .outerjoin(
            Delegation,
            (Delegation.pam_id == User.id) & (Delegation.starts_on <= on) & (Delegation.ends_before > on),
        )
        .outerjoin(deputy, deputy.id == Delegation.deputy_id)
        .where(
            PamAssignment.partner_id == partner_id, PamAssignment.starts_on <= on,
            or_(PamAssignment.ends_before.is_(None), PamAssignment.ends_before > on),
        )
    )  # fmt: skip
    return [Recipient(*row) for row in rows]


def _makers_of(claim: Claim) -> list[Recipient]:
    of_firm = select(*_person).where(User.partner_id == claim.partner_id, User.state == UserState.ACTIVE)
    makers = {claim.created_by_id, claim.submitted_by_id} - {None}
    found = db.session.execute(of_firm.where(User.id.in_(makers))).all()
    found = found or db.session.execute(of_firm.where(User.role == Role.PARTNER_ADMIN)).all()
    return [Recipient(*row) for row in found]


def _tell(
    claim: Claim, kind: str, to: Sequence[Recipient], path: str, at: datetime, words: dict[str, Any]
) -> None:
    """One mail per step and person: the version makes each step a purpose of its own, unless one is given."""
    words = dict(words)
    purpose = words.pop("purpose", f"{claim.id}:{claim.version}")
    path = words.pop("path", path)
    firm = db.session.execute(select(Partner.legal_name).where(Partner.id == claim.partner_id)).scalar_one()
    title, customer = ("", "") if claim.confidential else (claim.title, claim.customer_name)
    if reason := words.get("reason"):
        words["reason_words"] = catalogue.words_of_reason(reason)
    mail.queue(
        kind, to=to, purpose=purpose, at=at, partner_id=claim.partner_id, path=path,
        reference=claim.reference, title=title, customer=customer, firm=firm, **words,
    )  # fmt: skip
