"""Taking files in, and noting who opens them."""

from datetime import datetime
from typing import IO

from sqlalchemy import insert, select, update

from portal.db import db
from portal.files import scanner, storage
from portal.files.content import MAX_BYTES, Unacceptable, recognise, safe_name
from portal.files.models import FileReading, FileState, StoredFile

AT_ONCE = 100


def store_file(*, source: bytes | IO[bytes], name: str, partner_id: int | None, at: datetime) -> StoredFile:
    """Keep a file that somebody gave, once its content has been recognised as acceptable.

    Raise Unacceptable (an Invalid whose fault is about `file`) otherwise; nothing is stored then.
    """
    content = source if isinstance(source, bytes) else source.read(MAX_BYTES + 1)
    shown = safe_name(name)
    media_type = recognise(content, shown)
    state = _judged(content, shown)
    file = StoredFile(
        partner_id=partner_id, sha256=storage.put(content), size=len(content), media_type=media_type,
        name=shown, state=state, created_at=at,
    )  # fmt: skip
    db.session.add(file)
    db.session.flush()
    return file


def _judged(content: bytes, name: str) -> FileState:
    """Clean, or in quarantine until the scanner answers; raise Unacceptable for what it knows."""
    if not scanner.is_set_up():
        return FileState.CLEAN
    try:
        threat = scanner.find_threat(content)
    except scanner.ScannerAway:
        return FileState.QUARANTINED
    if threat:
        raise Unacceptable("file_infected", name=name)
    return FileState.CLEAN


def scan_quarantine() -> list[tuple[int, int | None, FileState, str | None]]:
    """Ask the scanner again about what waits: (file, partner, verdict, threat) of each it has judged."""
    waiting = select(StoredFile.id, StoredFile.sha256, StoredFile.partner_id).where(
        StoredFile.state == FileState.QUARANTINED
    )
    judged: list[tuple[int, int | None, FileState, str | None]] = []
    for row in db.session.execute(waiting.order_by(StoredFile.id).limit(AT_ONCE)).all():
        try:
            threat = scanner.find_threat(storage.get(row.sha256))
        except scanner.ScannerAway:
            break
        judged.append((row.id, row.partner_id, FileState.REFUSED if threat else FileState.CLEAN, threat))
    for state in FileState.CLEAN, FileState.REFUSED:
        ids = [file_id for file_id, _partner, verdict, _threat in judged if verdict is state]
        db.session.execute(update(StoredFile).where(StoredFile.id.in_(ids)).values(state=state))
    return judged


def record_reading(*, file_id: int, partner_id: int | None, user_id: int, at: datetime) -> None:
    """Note that somebody opened a file; its owner can see it."""
    db.session.execute(
        insert(FileReading)
        .values(file_id=file_id, partner_id=partner_id, user_id=user_id, at=at)
        .inline()
    )  # fmt: skip
