"""Queueing mails: one Message-ID per purpose and recipient, for ever."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.dialects.postgresql import insert

from portal import work
from portal.db import db
from portal.mail.models import Mail

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
            "id": uuid4(),
            "kind": kind,
            "dedup": f"{kind}:{purpose}:{who.email}",
            "message_id": message_id(f"{kind}:{purpose}:{who.email}"),
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


def message_id(dedup: str) -> str:
    """The Message-ID that this purpose has for this recipient, whatever happens."""
    return f"<{hashlib.sha256(dedup.encode()).hexdigest()[:40]}@{DOMAIN}>"
