"""Outgoing mail: rows here, sent by workers."""

from portal.mail.preferences import choose, refused_by, wanted
from portal.mail.queries import count_by_state, get_mail, list_mails
from portal.mail.services import (
    NotItsTurn,
    Recipient,
    begin_sending,
    keep_attached,
    mark_data_started,
    mark_failed,
    mark_held,
    mark_not_taken,
    mark_sent,
    queue,
    resend,
)
from portal.mail.topics import Topic, read_unsubscribe, topic_of, unsubscribe_path

__all__ = [
    "NotItsTurn",
    "Recipient",
    "Topic",
    "begin_sending",
    "choose",
    "count_by_state",
    "get_mail",
    "keep_attached",
    "list_mails",
    "mark_data_started",
    "mark_failed",
    "mark_held",
    "mark_not_taken",
    "mark_sent",
    "queue",
    "read_unsubscribe",
    "refused_by",
    "resend",
    "topic_of",
    "unsubscribe_path",
    "wanted",
]
