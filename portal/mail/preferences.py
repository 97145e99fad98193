"""Which letters a person wants."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal import audit
from portal.db import db
from portal.mail.models import MailPreference
from portal.mail.topics import Topic


def wanted(user_id: int) -> dict[Topic, bool]:
    """Every topic, wanted until refused."""
    found = db.session.get(MailPreference, user_id)
    return {topic: getattr(found, topic.value) if found else True for topic in Topic}


def refused_by(topic: Topic, user_ids: Iterable[int]) -> frozenset[int]:
    """Those of these people who do without the topic."""
    column = getattr(MailPreference, topic.value)
    asked = select(MailPreference.user_id).where(MailPreference.user_id.in_(list(user_ids)), ~column)
    return frozenset(db.session.execute(asked).scalars())


def choose(*, user_id: int, wishes: dict[Topic, bool], at: datetime) -> None:
    """Keep what a person wants to receive."""
    values = {topic.value: wish for topic, wish in wishes.items()}
    row = {"user_id": user_id, "updated_at": at, **values}
    written = insert(MailPreference).values(row)
    db.session.execute(
        written.on_conflict_do_update(index_elements=["user_id"], set_={**values, "updated_at": at})
    )
    audit.record("mail.chosen", subject=("user", user_id), at=at, actor_id=user_id, **values)
