"""Which account manager follows which partner, on which days."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import FetchedValue

from portal.db import Instant, Model, words


class PamAssignment(Model):
    """A partner's PAM on `[starts_on, ends_before)`; together they cover the partner's life."""

    __tablename__ = "pam_assignments"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    pam_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    starts_on: Mapped[date]
    ends_before: Mapped[date | None]
    reason: Mapped[str] = mapped_column(default="")
    assigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    assigned_at: Mapped[datetime] = mapped_column(Instant)
    reorganisation_id: Mapped[int | None] = mapped_column(ForeignKey("reorganisations.id"))


class Delegation(Model):
    """An absent PAM's deputy; the assignment stays as it is."""

    __tablename__ = "delegations"

    id: Mapped[int] = mapped_column(primary_key=True)
    pam_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    deputy_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    starts_on: Mapped[date]
    ends_before: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(Instant)


class LineKind(StrEnum):
    """What a line of a reorganisation did to its firm."""

    JOINED = "joined"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    MERGED = "merged"


class Reorganisation(Model):
    """A file that regrouped portfolios, known by its content's hash, until it is undone."""

    __tablename__ = "reorganisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    sha256: Mapped[str]
    name: Mapped[str]
    lines: Mapped[int]
    loads: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    imported_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    imported_at: Mapped[datetime] = mapped_column(Instant)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    undone_at: Mapped[datetime | None] = mapped_column(Instant)


class ReorganisationLine(Model):
    """A line of the file: what the firm was `before` it and `after` it, so that it can be undone."""

    __tablename__ = "reorganisation_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    reorganisation_id: Mapped[int] = mapped_column(ForeignKey("reorganisations.id"))
    line: Mapped[int]
    code: Mapped[str]
    legal_name: Mapped[str]
    kind: Mapped[LineKind] = mapped_column(words(LineKind))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partners.id"))
    effective_on: Mapped[date]
    single: Mapped[bool]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class HandoverNote(Model):
    """What the next PAM should know of these firms; printed by the workers, then never changed."""

    __tablename__ = "handover_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    from_pam_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    to_pam_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    starts_on: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
    partner_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    locale: Mapped[str]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    document: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    sha256: Mapped[str | None]
    size: Mapped[int | None]
    renderer: Mapped[str | None]
    rendered_at: Mapped[datetime | None] = mapped_column(Instant)


class Promise(Model):
    """What an account manager told a firm would be done, until it is done."""

    __tablename__ = "promises"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    words: Mapped[str]
    due_on: Mapped[date | None]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    kept_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    kept_at: Mapped[datetime | None] = mapped_column(Instant)
