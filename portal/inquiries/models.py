"""Questions of firms about transactions that nobody finds: an owner, a clock, a thread."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import FetchedValue

from portal.db import Instant, Model, words


class InquiryState(StrEnum):
    """Open until its owner answers; closed by the firm, or once the transaction is found."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class AskedOf(StrEnum):
    """Who owns the question: the account manager, or the reseller's contact."""

    PAM = "pam"
    RESELLER = "reseller"


class Inquiry(Model):
    """Where is the transaction of this claim?"""

    __tablename__ = "inquiries"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    partner_id: Mapped[int]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    asked_of: Mapped[AskedOf] = mapped_column(words(AskedOf))
    contact_name: Mapped[str] = mapped_column(default="")
    contact_email: Mapped[str] = mapped_column(default="")
    state: Mapped[InquiryState] = mapped_column(words(InquiryState), default=InquiryState.OPEN)
    due_on: Mapped[date]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reminded_at: Mapped[datetime | None] = mapped_column(Instant)


class InquiryMessage(Model):
    """A message of the thread; `of_reseller` where somebody writes down what the reseller answered."""

    __tablename__ = "inquiry_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int]
    inquiry_id: Mapped[int] = mapped_column(ForeignKey("inquiries.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    words: Mapped[str]
    of_reseller: Mapped[bool] = mapped_column(default=False)
