"""Finding stored files."""

from uuid import UUID

from sqlalchemy import select

from portal.db import db
from portal.errors import NotFound, Refused
from portal.files import storage
from portal.files.models import FileState, StoredFile


def get_file(public_id: UUID) -> StoredFile:
    """A file that the reader may see; NotFound otherwise, Refused for one that is not known to be clean."""
    file = db.session.execute(
        select(StoredFile).where(StoredFile.public_id == public_id)
    ).scalar_one_or_none()
    if file is None:
        raise NotFound
    if file.state is not FileState.CLEAN:
        raise Refused(f"file_{file.state}")
    return file


def open_file(public_id: UUID) -> tuple[StoredFile, bytes]:
    """A readable file and its content."""
    file = get_file(public_id)
    return file, storage.get(file.sha256)
