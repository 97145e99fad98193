"""Outgoing mail: rows here, sent by workers."""

from portal.mail.services import Recipient, queue

__all__ = ["Recipient", "queue"]
