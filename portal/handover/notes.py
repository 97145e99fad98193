"""The notes themselves: found, printed once, made anew."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import aliased

from portal import audit, files, portfolio
from portal.db import AnyRow, db
from portal.errors import NotFound, Refused
from portal.portfolio.models import HandoverNote
from portal.users.models import User


def get_note(public_id: UUID) -> HandoverNote:
    """A note the reader may see; NotFound otherwise."""
    found = db.session.execute(
        select(HandoverNote).where(HandoverNote.public_id == public_id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def find_unwritten(public_id: UUID) -> HandoverNote | None:
    """The note that is still to be written and printed; None where it is done."""
    note = get_note(public_id)
    return note if note.sha256 is None else None


def list_notes(
    *, pam_id: int | None = None, partner_id: int | None = None, most: int = 10
) -> Sequence[AnyRow]:
    """The last notes of an account manager or about a partner, as far as the reader may see them."""
    leaving, coming = aliased(User), aliased(User)
    query = (
        select(
            *(HandoverNote.public_id, HandoverNote.starts_on, HandoverNote.made_at, HandoverNote.rendered_at),
            *(HandoverNote.partner_ids, leaving.name.label("leaving"), coming.name.label("coming")),
        )
        .join(leaving, leaving.id == HandoverNote.from_pam_id)
        .outerjoin(coming, coming.id == HandoverNote.to_pam_id)
        .order_by(HandoverNote.id.desc())
        .limit(most)
    )
    if pam_id is not None:
        query = query.where((HandoverNote.from_pam_id == pam_id) | (HandoverNote.to_pam_id == pam_id))
    if partner_id is not None:
        query = query.where(HandoverNote.partner_ids.contains([partner_id]))
    return db.session.execute(query).all()


def renew_note(*, pam_id: int, on: date, actor_id: int, at: datetime) -> UUID:
    """A note of everything this account manager follows today, for whoever will answer next."""
    partner_ids = portfolio.followed_by(pam_id, on)
    if not partner_ids:
        raise Refused("follows_nobody")
    [public_id] = portfolio.ask_for_notes(
        moves=[(partner_id, pam_id, None, on) for partner_id in partner_ids], reason="", actor_id=actor_id,
        at=at,
    )  # fmt: skip
    audit.record(
        "handover.note_asked", subject=("user", pam_id), at=at, actor_id=actor_id, note=str(public_id)
    )
    return public_id


def attach_note(
    note: HandoverNote, *, document: dict[str, Any], sha256: str, size: int, renderer: str, at: datetime
) -> None:
    """Keep what was written and printed, once."""
    db.session.execute(
        update(HandoverNote)
        .where(HandoverNote.id == note.id, HandoverNote.sha256.is_(None))
        .values(document=document, sha256=sha256, size=size, renderer=renderer, rendered_at=at)
        .execution_options(synchronize_session=False)
    )
    audit.record(
        "handover.note_printed", subject=("handover_note", note.public_id), at=at, actor_id=None,
        sha256=sha256,
    )  # fmt: skip


def open_note(note: HandoverNote) -> bytes:
    """The printed note, as it was kept."""
    if note.sha256 is None:
        raise NotFound
    return files.get(note.sha256)
