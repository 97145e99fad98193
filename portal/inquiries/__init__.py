"""Inquiries: a firm asks where the transaction of its project is."""

from portal.inquiries.models import AskedOf, Inquiry, InquiryState
from portal.inquiries.queries import find_inquiry, get_inquiry, list_inquiries, thread_of
from portal.inquiries.services import (
    ASKABLE,
    answer_inquiry,
    ask_inquiry,
    close_inquiry,
    remind_of_inquiries,
    write_to_reseller,
)

__all__ = [
    "ASKABLE", "AskedOf", "Inquiry", "InquiryState", "answer_inquiry", "ask_inquiry", "close_inquiry",
    "find_inquiry", "get_inquiry", "list_inquiries", "remind_of_inquiries", "thread_of", "write_to_reseller",
]  # fmt: skip
