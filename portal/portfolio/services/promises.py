"""What account managers told firms would be done."""

from datetime import date, datetime

from sqlalchemy import insert, update

from portal import audit
from portal.db import db
from portal.errors import NotFound
from portal.portfolio.models import Promise


def make_promise(*, partner_id: int, words: str, due_on: date | None, actor_id: int, at: datetime) -> None:
    """Note what was promised to a firm, so that whoever follows it next keeps it too."""
    db.session.execute(
        insert(Promise)
        .values(partner_id=partner_id, words=words, due_on=due_on, made_by_id=actor_id, made_at=at)
        .inline()
    )  # fmt: skip
    audit.record(
        "promise.made", subject=("partner", partner_id), at=at, actor_id=actor_id, partner_id=partner_id,
        words=words, due_on=due_on.isoformat() if due_on else None,
    )  # fmt: skip


def keep_promise(*, promise_id: int, partner_id: int, actor_id: int, at: datetime) -> None:
    """It is done."""
    done = db.session.execute(
        update(Promise)
        .where(Promise.id == promise_id, Promise.partner_id == partner_id, Promise.kept_at.is_(None))
        .values(kept_by_id=actor_id, kept_at=at)
        .returning(Promise.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if done is None:
        raise NotFound
    audit.record(
        "promise.kept", subject=("partner", partner_id), at=at, actor_id=actor_id, partner_id=partner_id,
        promise=promise_id,
    )  # fmt: skip
