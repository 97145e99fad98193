"""Asking where a transaction is, answering, closing; what is sent to resellers leaves by the workers."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal import audit, claims, mail
from portal.calendar import add_working_days, paris_date
from portal.claims import Claim, ClaimState
from portal.db import db
from portal.errors import Invalid, Refused
from portal.inquiries.models import AskedOf, Inquiry, InquiryMessage, InquiryState
from portal.inquiries.queries import due_inquiries
from portal.mail import Recipient
from portal.partners.models import Partner
from portal.users.models import User

ANSWER_DAYS = 10  # working days for whoever owns the question
ASKABLE = (*claims.OPEN, ClaimState.APPROVED)


def ask_inquiry(
    *,
    claim: Claim,
    asked_of: AskedOf,
    words: str,
    actor_id: int,
    at: datetime,
    contact_name: str = "",
    contact_email: str = "",
) -> Inquiry:
    """Ask the account manager, or the reseller's contact, where the transaction of a claim is."""
    if claim.state not in ASKABLE:
        raise Refused("inquiry_not_now")
    if not words.strip():
        raise Invalid({"words": "required"})
    if asked_of is AskedOf.RESELLER and not (contact_name and contact_email):
        raise Invalid({"contact_email" if contact_name else "contact_name": "required"})
    to_reseller = asked_of is AskedOf.RESELLER
    inquiry = Inquiry(
        partner_id=claim.partner_id, claim_id=claim.id, asked_of=asked_of, asked_by_id=actor_id, asked_at=at,
        contact_name=contact_name if to_reseller else "", contact_email=contact_email if to_reseller else "",
        due_on=add_working_days(paris_date(at), ANSWER_DAYS),
    )  # fmt: skip
    db.session.add(inquiry)
    db.session.flush()
    _say(inquiry, words, actor_id, at)
    _record("inquiry.asked", claim, actor_id, at, asked_of=asked_of)
    if to_reseller:
        db.session.execute(select(func.leave_to_workers("inquiries.write", inquiry.id)))
    _tell(inquiry, claim, "inquiry.asked", words, at, to_pam=True)
    return inquiry


def answer_inquiry(
    *, inquiry: Inquiry, words: str, actor_id: int, of_firm: bool, at: datetime, of_reseller: bool = False
) -> None:
    """Write into the thread; an answer of the vendor or of the reseller stops the clock."""
    if inquiry.state is InquiryState.CLOSED:
        raise Refused("inquiry_closed")
    if not words.strip():
        raise Invalid({"words": "required"})
    _say(inquiry, words, actor_id, at, of_reseller=of_reseller)
    if of_reseller or not of_firm:
        inquiry.state, inquiry.answered_at = InquiryState.ANSWERED, at
    else:
        inquiry.state = InquiryState.OPEN
    db.session.flush()
    claim = db.session.get_one(Claim, inquiry.claim_id)
    _record("inquiry.answered", claim, actor_id, at)
    _tell(inquiry, claim, "inquiry.answered", words, at, to_pam=of_firm)


def close_inquiry(*, inquiry: Inquiry, actor_id: int, at: datetime) -> None:
    """The firm has what it asked for, or gives it up."""
    if inquiry.state is InquiryState.CLOSED:
        return
    inquiry.state, inquiry.closed_at, inquiry.closed_by_id = InquiryState.CLOSED, at, actor_id
    db.session.flush()
    _record("inquiry.closed", db.session.get_one(Claim, inquiry.claim_id), actor_id, at)


def write_to_reseller(*, inquiry_id: int, at: datetime) -> None:
    """The question as a mail to the reseller's contact, with whom to answer. By the workers."""
    inquiry = db.session.get_one(Inquiry, inquiry_id)
    claim = db.session.get_one(Claim, inquiry.claim_id)
    asker = db.session.get_one(User, inquiry.asked_by_id)
    asked = select(InquiryMessage.words).where(InquiryMessage.inquiry_id == inquiry.id)
    words = db.session.execute(asked.order_by(InquiryMessage.id).limit(1)).scalar()
    mail.queue(
        "inquiry.reseller", to=[Recipient(inquiry.contact_email, inquiry.contact_name, asker.locale)],
        purpose=inquiry.id, at=at, partner_id=inquiry.partner_id, firm=_firm(inquiry), asker=asker.name,
        asker_email=asker.email, reference=claim.reference, words=words or "",
        number=claim.order_no or claim.enrolment_no,
        customer="" if claim.confidential else claim.customer_name, due_on=inquiry.due_on.isoformat(),
    )  # fmt: skip


def remind_of_inquiries(*, at: datetime) -> int:
    """Write once to the account manager of what nobody answered in time."""
    late = due_inquiries(paris_date(at))
    for inquiry in late:
        inquiry.reminded_at = at
        _tell(inquiry, db.session.get_one(Claim, inquiry.claim_id), "inquiry.overdue", "", at, to_pam=True)
    return len(late)


def _say(inquiry: Inquiry, words: str, actor_id: int, at: datetime, *, of_reseller: bool = False) -> None:
    db.session.add(
        InquiryMessage(
            partner_id=inquiry.partner_id, inquiry_id=inquiry.id, author_id=actor_id, at=at,
            words=words.strip(), of_reseller=of_reseller,
        )
    )  # fmt: skip
    db.session.flush()


def _tell(inquiry: Inquiry, claim: Claim, kind: str, words: str, at: datetime, *, to_pam: bool) -> None:
    tell = claims.tell_the_pam if to_pam else claims.tell_the_firm
    place = "/staff/inquiries/" if to_pam else "/inquiries/"
    tell(
        claim, kind, at=at, purpose=f"{inquiry.id}:{at.isoformat()}", path=f"{place}{inquiry.public_id}",
        words=words.strip(), due_on=inquiry.due_on.isoformat(),
    )  # fmt: skip


def _firm(inquiry: Inquiry) -> str:
    query = select(Partner.legal_name).where(Partner.id == inquiry.partner_id)
    return db.session.execute(query).scalar_one()


def _record(action: str, claim: Claim, actor_id: int, at: datetime, **details: Any) -> None:
    audit.record(
        action, subject=("claim", claim.reference), at=at, actor_id=actor_id, partner_id=claim.partner_id,
        **details,
    )  # fmt: skip
