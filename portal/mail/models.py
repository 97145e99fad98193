"""Outgoing mails: rows that workers send."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Instant, Model, words


class MailState(StrEnum):
    """How far a mail has come; `data_started` means the relay may already have it."""

    QUEUED = "queued"
    SENDING = "sending"
    DATA_STARTED = "data_started"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"


class Mail(Model):
    """One message to one person for one purpose, for ever known by its Message-ID."""

    __tablename__ = "mails"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    dedup: Mapped[str]
    message_id: Mapped[str]
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partners.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recipient: Mapped[str]
    recipient_name: Mapped[str] = mapped_column(default="")
    locale: Mapped[str]
    context: Mapped[dict[str, Any]] = mapped_column(JSONB)
    statement_id: Mapped[int | None]
    state: Mapped[MailState] = mapped_column(words(MailState), default=MailState.QUEUED)
    reply: Mapped[str | None]
    queued_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)


class MailPreference(Model):
    """Which letters a person does without; no row: none."""

    __tablename__ = "mail_preferences"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    digests: Mapped[bool] = mapped_column(default=True)
    reminders: Mapped[bool] = mapped_column(default=True)
    updated_at: Mapped[datetime] = mapped_column(Instant)
