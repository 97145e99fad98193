"""Queueing mails: one Message-ID per purpose and recipient, for ever."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from portal import audit, work
from portal.db import db
from portal.errors import Refused
from portal.mail.models import Mail, MailState
from portal.mail.queries import get_mail

DOMAIN = "palier.example"


@dataclass(frozen=True)
class Recipient:
    """Who receives a mail, and in which language."""

    email: str
    name: str
    locale: str
    user_id: int | None = None


def queue(
    kind: str,
    *,
    to: Iterable[Recipient],
    purpose: object,
    at: datetime,
    partner_id: int | None = None,
    statement_id: int | None = None,
    priority: int = 0,
    batch: str | None = None,
    **context: Any,
) -> None:
    """Queue one mail of this kind to each recipient; the same purpose reaches each of them once.

    `context` is JSON (amounts as strings, dates as ISO): the worker renders it with the templates of
    the kind in the recipient's language.
    """
    rows = [
        {
            **identity_of(f"{kind}:{purpose}:{who.email}"),
            "kind": kind,
            "partner_id": partner_id,
            "user_id": who.user_id,
            "recipient": who.email,
            "recipient_name": who.name,
            "locale": who.locale,
            "context": context,
            "statement_id": statement_id,
            "state": "queued",
            "queued_at": at,
        }
        for who in to
    ]
    if not rows:
        return
    db.session.execute(insert(Mail.__table__).on_conflict_do_nothing().inline(), rows)  # type: ignore[arg-type]
    work.add_many(
        "mail.send", [(str(row["id"]), str(row["dedup"])) for row in rows], batch=batch, priority=priority
    )


def identity_of(dedup: str) -> dict[str, Any]:
    """The row and the Message-ID that this purpose has for this recipient, whatever happens.

    Queued again, a purpose finds the mail it already has, and the worker sees that it was sent.
    """
    mark = hashlib.sha256(dedup.encode()).hexdigest()[:40]
    return {"id": uuid5(NAMESPACE_URL, dedup), "dedup": dedup, "message_id": f"<{mark}@{DOMAIN}>"}


NEVER_TWICE = frozenset({"account.reset"})  # what the relay may already have is held, not sent again


def begin_sending(mail_id: UUID) -> Mail | None:
    """Take a mail to send it; None where it is sent, given up, or must not go twice and may have gone."""
    mail = get_mail(mail_id, for_update=True)
    if mail.state in (MailState.SENT, MailState.FAILED, MailState.HELD):
        return None
    if mail.state is MailState.DATA_STARTED and mail.kind in NEVER_TWICE:
        mail.state = MailState.HELD
        return None
    if mail.state is not MailState.DATA_STARTED:
        mail.state = MailState.SENDING
    db.session.flush()
    return mail


def mark_data_started(mail_id: UUID) -> None:
    """From now on the relay may have it."""
    _move(mail_id, MailState.DATA_STARTED)


def mark_sent(mail_id: UUID, *, reply: str, at: datetime) -> None:
    """The relay took it, in its own words."""
    _move(mail_id, MailState.SENT, reply=reply[:500], sent_at=at)


def mark_not_taken(mail_id: UUID, *, reply: str) -> None:
    """The relay does not have it and may later."""
    _move(mail_id, MailState.QUEUED, reply=reply[:500])


def mark_failed(mail_id: UUID, *, reply: str) -> None:
    """The relay refuses it for good: a person must look at it."""
    _move(mail_id, MailState.FAILED, reply=reply[:500])


def _move(mail_id: UUID, state: MailState, **values: object) -> None:
    db.session.execute(update(Mail).where(Mail.id == mail_id).values(state=state, **values))


def resend(*, mail_id: UUID, actor_id: int, at: datetime) -> UUID:
    """A person has a mail sent again: what failed or was held as it is, what was sent as a new message."""
    mail = get_mail(mail_id, for_update=True)
    if mail.state not in (MailState.SENT, MailState.FAILED, MailState.HELD):
        raise Refused("mail_under_way")
    if mail.state is MailState.SENT:
        mail = _copy(mail, at)
    else:
        mail.state, mail.reply = MailState.QUEUED, None
    db.session.flush()
    audit.record(
        "mail.resent",
        subject=("mail", mail.id),
        at=at,
        actor_id=actor_id,
        partner_id=mail.partner_id,
        kind=mail.kind,
        of=str(mail_id),
    )
    work.add("mail.send", subject=mail.id, dedup=f"{mail.id}:{at.isoformat()}", priority=1)
    return mail.id


def _copy(mail: Mail, at: datetime) -> Mail:
    dedup = f"{mail.dedup}:again:{at.isoformat()}"
    again = Mail(
        **identity_of(dedup),
        kind=mail.kind,
        partner_id=mail.partner_id,
        user_id=mail.user_id,
        recipient=mail.recipient,
        recipient_name=mail.recipient_name,
        locale=mail.locale,
        context=mail.context,
        statement_id=mail.statement_id,
        state=MailState.QUEUED,
        queued_at=at,
    )
    db.session.add(again)
    return again
