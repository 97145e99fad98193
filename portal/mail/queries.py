"""Reading outgoing mails."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from portal import work
from portal.db import AnyRow, db
from portal.errors import NotFound
from portal.mail.models import Mail, MailState


def get_mail(mail_id: UUID, *, for_update: bool = False) -> Mail:
    """A mail with its context; NotFound where there is none."""
    query = select(Mail).where(Mail.id == mail_id)
    query = query.with_for_update() if for_update else query
    found = db.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def find_earlier(mail: Mail) -> UUID | None:
    """A mail queued before this one to the same recipient, that workers are still to send."""
    waiting = (MailState.QUEUED, MailState.SENDING, MailState.DATA_STARTED)
    earlier = (
        select(Mail.id)
        .where(Mail.recipient == mail.recipient, Mail.state.in_(waiting), Mail.id != mail.id)
        .where(Mail.queued_at < mail.queued_at)
        .order_by(Mail.queued_at)
    )
    ids = db.session.execute(earlier).scalars().all()
    open_ids = work.still_to_do("mail.send", ids) if ids else frozenset()
    return next((one for one in ids if str(one) in open_ids), None)


def list_mails(*, state: str = "", page: int = 1, size: int = 50) -> tuple[Sequence[AnyRow], int]:
    """Mails without their contents, newest first; and how many there are in all."""
    columns = (
        *(Mail.id, Mail.kind, Mail.recipient, Mail.recipient_name, Mail.locale, Mail.state),
        *(Mail.reply, Mail.queued_at, Mail.sent_at, Mail.message_id, Mail.statement_id, Mail.partner_id),
    )
    query = select(*columns)
    if state:
        query = query.where(Mail.state == state)
    total = db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    rows = query.order_by(Mail.queued_at.desc(), Mail.id).limit(size).offset((page - 1) * size)
    return db.session.execute(rows).all(), total


def count_by_state() -> dict[str, int]:
    """How many mails stand in each state."""
    found = db.session.execute(select(Mail.state, func.count()).group_by(Mail.state))
    counts = {state.value: count for state, count in found}
    return {state.value: counts.get(state.value, 0) for state in MailState}
