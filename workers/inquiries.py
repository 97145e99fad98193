"""Inquiries, away from whoever asks: the mail to a reseller, reminders of what nobody answered."""

from portal import clock, inquiries, work
from portal.db import transaction


def write(held: work.Lease) -> None:
    """Send a question to the reseller's contact."""
    with transaction():
        inquiries.write_to_reseller(inquiry_id=int(held.subject), at=clock.now())
        work.finish(held, at=clock.real_now())


def remind(held: work.Lease) -> None:
    """Remind account managers of questions past their last day."""
    with transaction():
        inquiries.remind_of_inquiries(at=clock.now())
        work.finish(held, at=clock.real_now())
