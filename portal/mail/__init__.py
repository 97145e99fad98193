"""Outgoing mail: rows here, sent by workers."""

from portal.mail.queries import count_by_state, get_mail, list_mails
from portal.mail.services import (
    Recipient,
    begin_sending,
    mark_data_started,
    mark_failed,
    mark_not_taken,
    mark_sent,
    queue,
    resend,
)

__all__ = [
    "Recipient",
    "begin_sending",
    "count_by_state",
    "get_mail",
    "list_mails",
    "mark_data_started",
    "mark_failed",
    "mark_not_taken",
    "mark_sent",
    "queue",
    "resend",
]
