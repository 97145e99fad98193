"""Reading inquiries."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from portal.claims.models import Claim, if_known
from portal.db import AnyRow, db
from portal.errors import NotFound
from portal.inquiries.models import Inquiry, InquiryMessage, InquiryState
from portal.partners.models import Partner
from portal.users.models import User


def get_inquiry(public_id: UUID) -> Inquiry:
    """An inquiry that the reader may see; NotFound otherwise."""
    found = db.session.execute(select(Inquiry).where(Inquiry.public_id == public_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def find_inquiry(claim_id: int) -> Inquiry | None:
    """The last inquiry about a claim."""
    query = select(Inquiry).where(Inquiry.claim_id == claim_id).order_by(Inquiry.id.desc()).limit(1)
    return db.session.execute(query).scalar_one_or_none()


def thread_of(inquiry_id: int) -> Sequence[AnyRow]:
    """Its messages, the first one first."""
    return db.session.execute(
        select(InquiryMessage.at, InquiryMessage.words, InquiryMessage.of_reseller, User.name.label("author"))
        .join(User, User.id == InquiryMessage.author_id)
        .where(InquiryMessage.inquiry_id == inquiry_id)
        .order_by(InquiryMessage.id)
    ).all()


def list_inquiries(partner_ids: Sequence[int] | None = None, *, limit: int = 100) -> Sequence[AnyRow]:
    """Inquiries of these firms, or all: those open first, by their last day."""
    query = (
        select(
            *(Inquiry.public_id, Inquiry.state, Inquiry.due_on, Inquiry.asked_of, Inquiry.asked_at),
            *(Claim.reference, if_known(Claim.title), Partner.legal_name.label("partner")),
        )
        .join(Claim, Claim.id == Inquiry.claim_id)
        .join(Partner, Partner.id == Inquiry.partner_id)
    )
    if partner_ids is not None:
        query = query.where(Inquiry.partner_id.in_(partner_ids))
    order = (Inquiry.state != InquiryState.OPEN, Inquiry.due_on, Inquiry.id)
    return db.session.execute(query.order_by(*order).limit(limit)).all()


def due_inquiries(on: date) -> Sequence[Inquiry]:
    """Open inquiries past their last day of which nobody was reminded."""
    query = select(Inquiry).where(
        Inquiry.state == InquiryState.OPEN, Inquiry.due_on < on, Inquiry.reminded_at.is_(None)
    )
    return db.session.execute(query.order_by(Inquiry.id)).scalars().all()
