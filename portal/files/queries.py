"""Finding stored files and who read them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from portal.db import db
from portal.errors import NotFound
from portal.files import storage
from portal.files.models import FileReading, FileState, StoredFile


def get_file(public_id: UUID) -> StoredFile:
    """A file that the reader may see and that is clean; NotFound otherwise."""
    file = db.session.execute(
        select(StoredFile).where(StoredFile.public_id == public_id)
    ).scalar_one_or_none()
    if file is None or file.state is not FileState.CLEAN:
        raise NotFound
    return file


def open_file(public_id: UUID) -> tuple[StoredFile, bytes]:
    """A readable file and its content."""
    file = get_file(public_id)
    return file, storage.get(file.sha256)


def readings_of(file_ids: list[int]) -> list[Row[Any]]:
    """Who opened these files: (file_id, user_id, last_at, times), latest first."""
    return list(
        db.session.execute(
            select(
                FileReading.file_id,
                FileReading.user_id,
                func.max(FileReading.at).label("last_at"),
                func.count().label("times"),
            )
            .where(FileReading.file_id.in_(file_ids))
            .group_by(FileReading.file_id, FileReading.user_id)
            .order_by(func.max(FileReading.at).desc())
        )
    )
