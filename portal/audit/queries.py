"""Reading the record."""

from typing import Any

from sqlalchemy import Row, select

from portal.audit.models import AuditRecord
from portal.db import db


def list_records(
    *, subject: tuple[str, object] | None = None, limit: int = 50, before_id: int | None = None
) -> list[Row[Any]]:
    """Latest first: (id, at, action, actor_id, subject, details), of one subject or of all."""
    query = (
        select(
            AuditRecord.id,
            AuditRecord.at,
            AuditRecord.action,
            AuditRecord.actor_id,
            AuditRecord.subject_kind,
            AuditRecord.subject_id,
            AuditRecord.details,
        )
        .order_by(AuditRecord.id.desc())
        .limit(limit)
    )
    if subject:
        query = query.where(AuditRecord.subject_kind == subject[0], AuditRecord.subject_id == str(subject[1]))
    if before_id:
        query = query.where(AuditRecord.id < before_id)
    return list(db.session.execute(query))
