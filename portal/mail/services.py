"""Queueing mails: one Message-ID per purpose and recipient, for ever."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Text, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from portal import audit, work
from portal.db import db
from portal.errors import Refused
from portal.mail.models import Mail, MailState
from portal.mail.preferences import refused_by
from portal.mail.queries import find_earlier, get_mail
from portal.mail.topics import topic_of

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
    to = _who_wants(kind, to)
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


def _who_wants(kind: str, to: Iterable[Recipient]) -> list[Recipient]:
    """All of them, but for digests and reminders those who have not refused any."""
    people, topic = list(to), topic_of(kind)
    if topic is None or not people:
        return people
    refused = refused_by(topic, [one.user_id for one in people if one.user_id is not None])
    return [one for one in people if one.user_id not in refused]


def identity_of(dedup: str) -> dict[str, Any]:
    """The row and the Message-ID that this purpose has for this recipient, whatever happens.

    Queued again, a purpose finds the mail it already has, and the worker sees that it was sent.
    """
    mark = hashlib.sha256(dedup.encode()).hexdigest()[:40]
    return {"id": uuid5(NAMESPACE_URL, dedup), "dedup": dedup, "message_id": f"<{mark}@{DOMAIN}>"}


NEVER_TWICE = frozenset({"account.reset"})  # what the relay may already have is held, not sent again


AHEAD = "account."  # somebody waits before the screen: such mails overtake


class NotItsTurn(Exception):
    """An earlier mail to the same recipient is still on its way."""


def begin_sending(mail_id: UUID) -> Mail | None:
    """Take a mail to send it; None where it is sent, given up, or must not go twice and may have gone."""
    mail = get_mail(mail_id, for_update=True)
    if mail.state in (MailState.SENT, MailState.FAILED, MailState.HELD):
        return None
    if not mail.kind.startswith(AHEAD) and find_earlier(mail):
        raise NotItsTurn
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
    """The relay took it, in its own words; the next one to this recipient may leave."""
    _move(mail_id, MailState.SENT, reply=reply[:500], sent_at=at)
    _let_the_next_leave(mail_id)


def mark_not_taken(mail_id: UUID, *, reply: str) -> None:
    """The relay does not have it and may later."""
    _move(mail_id, MailState.QUEUED, reply=reply[:500])


def mark_failed(mail_id: UUID, *, reply: str) -> None:
    """The relay refuses it for good: a person must look at it."""
    _move(mail_id, MailState.FAILED, reply=reply[:500])
    _let_the_next_leave(mail_id)


def mark_held(mail_id: UUID, *, reply: str) -> None:
    """Nobody can say whether the relay has it: a person must look at it."""
    _move(mail_id, MailState.HELD, reply=reply[:500])
    _let_the_next_leave(mail_id)


def _let_the_next_leave(mail_id: UUID) -> None:
    recipient = select(Mail.recipient).where(Mail.id == mail_id).scalar_subquery()
    waiting = select(Mail.id).where(Mail.recipient == recipient, Mail.state == MailState.QUEUED)
    found = db.session.execute(waiting.order_by(Mail.queued_at, Mail.id).limit(1)).scalar_one_or_none()
    if found is not None:
        work.hasten("mail.send", found)


def keep_attached(mail_id: UUID, sha256: str) -> None:
    """Remember which document travels with it, so that it is the same when sent again."""
    kept = func.jsonb_build_object(literal("attached", Text), literal(sha256, Text))
    db.session.execute(update(Mail).where(Mail.id == mail_id).values(context=Mail.context.op("||")(kept)))


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
