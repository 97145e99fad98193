"""Finding stored files."""

from uuid import UUID

from sqlalchemy import select

from portal.db import db
from portal.errors import NotFound
from portal.files import storage
from portal.files.models import FileState, StoredFile


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
