"""Reading the record."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.audit.models import AuditRecord
from portal.db import AnyRow, db


def list_records(
    *,
    subject: tuple[str, object] | None = None,
    action: str = "",
    actor_ids: Sequence[int] | None = None,
    limit: int = 50,
    before_id: int | None = None,
) -> list[AnyRow]:
    """Latest first: (id, at, action, actor_id, partner_id, subject, details), as far as asked for."""
    query = (
        select(
            *(AuditRecord.id, AuditRecord.at, AuditRecord.action, AuditRecord.actor_id),
            *(AuditRecord.partner_id, AuditRecord.subject_kind, AuditRecord.subject_id, AuditRecord.details),
        )
        .order_by(AuditRecord.id.desc())
        .limit(limit)
    )
    if subject:
        query = query.where(AuditRecord.subject_kind == subject[0], AuditRecord.subject_id == str(subject[1]))
    if action:
        query = query.where(AuditRecord.action.startswith(action, autoescape=True))
    if actor_ids is not None:
        query = query.where(AuditRecord.actor_id.in_(actor_ids))
    if before_id:
        query = query.where(AuditRecord.id < before_id)
    return list(db.session.execute(query))
