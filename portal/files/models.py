"""Stored files, known by the hash of their content, and who read them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import FetchedValue

from portal.db import Instant, Model, words


class FileState(StrEnum):
    """Only clean files can be read."""

    QUARANTINED = "quarantined"
    CLEAN = "clean"
    REFUSED = "refused"


class StoredFile(Model):
    """A file somebody gave; `name` is only ever shown, never trusted."""

    __tablename__ = "files"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partners.id"))
    sha256: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str]
    name: Mapped[str]
    state: Mapped[FileState] = mapped_column(words(FileState))
    created_at: Mapped[datetime] = mapped_column(Instant)


class FileReading(Model):
    """Somebody opened a file."""

    __tablename__ = "file_readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partners.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(Instant)
