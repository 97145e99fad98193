"""Recording an action."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert

from portal.audit.models import AuditRecord
from portal.db import db


def record(
    action: str,
    *,
    subject: tuple[str, object],
    at: datetime,
    actor_id: int | None,
    partner_id: int | None = None,
    on_behalf_of_id: int | None = None,
    **details: Any,
) -> None:
    """Append one line: `action` as `subject:verb` in the past (`claim.approved`), on this subject.

    Written without reading it back, since who writes the record may not be allowed to read it.
    """
    kind, subject_id = subject
    db.session.execute(
        insert(AuditRecord)
        .values(
            at=at,
            action=action,
            actor_id=actor_id,
            on_behalf_of_id=on_behalf_of_id,
            partner_id=partner_id,
            subject_kind=kind,
            subject_id=str(subject_id),
            details=details,
        )
        .inline()
    )
