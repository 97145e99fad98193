"""Who is told of what happens to a claim; the words are in `templates/emails/claim_*`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from portal import catalogue, mail
from portal.calendar import paris_date
from portal.claims.models import Claim
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
    """Write to the leads of the firm's segment."""
    _tell(claim, kind, _leads_of(claim.partner_id), f"/staff/claims/{claim.public_id}", at, words)


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


def _leads_of(partner_id: int) -> list[Recipient]:
    rows = db.session.execute(
        select(*_person)
        .join(Partner, or_(User.segment == Partner.segment, User.segment.is_(None)))
        .where(Partner.id == partner_id, User.role == Role.SEGMENT_LEAD, User.state == UserState.ACTIVE)
    )
    return [Recipient(*row) for row in rows]


def _tell(
    claim: Claim, kind: str, to: Sequence[Recipient], path: str, at: datetime, words: dict[str, Any]
) -> None:
    """One mail per step and person: the version makes each step a purpose of its own, unless one is given."""
    words = dict(words)
    purpose = words.pop("purpose", f"{claim.id}:{claim.version}")
    path = words.pop("path", path)
    firm = db.session.execute(select(Partner.legal_name).where(Partner.id == claim.partner_id)).scalar_one()
    customer = "" if claim.confidential else claim.customer_name
    if reason := words.get("reason"):
        words = {**words, "reason_words": catalogue.words_of_reason(reason)}
    mail.queue(
        kind, to=to, purpose=purpose, at=at, partner_id=claim.partner_id, path=path,
        reference=claim.reference, title=claim.title, customer=customer, firm=firm, **words,
    )  # fmt: skip
