"""Taking files in, and noting who opens them."""

from datetime import datetime
from typing import IO

from sqlalchemy import insert

from portal.db import db
from portal.files import storage
from portal.files.content import MAX_BYTES, recognise, safe_name
from portal.files.models import FileReading, FileState, StoredFile


def store_file(*, source: bytes | IO[bytes], name: str, partner_id: int | None, at: datetime) -> StoredFile:
    """Keep a file that somebody gave, once its content has been recognised as acceptable.

    Raise Unacceptable (an Invalid whose fault is about `file`) otherwise; nothing is stored then.
    """
    content = source if isinstance(source, bytes) else source.read(MAX_BYTES + 1)
    shown = safe_name(name)
    media_type = recognise(content, shown)
    file = StoredFile(
        partner_id=partner_id, sha256=storage.put(content), size=len(content), media_type=media_type,
        name=shown, state=FileState.CLEAN, created_at=at,
    )  # fmt: skip
    db.session.add(file)
    db.session.flush()
    return file


def record_reading(*, file_id: int, partner_id: int | None, user_id: int, at: datetime) -> None:
    """Note that somebody opened a file; its owner can see it."""
    db.session.execute(
        insert(FileReading)
        .values(file_id=file_id, partner_id=partner_id, user_id=user_id, at=at)
        .inline()
    )  # fmt: skip
