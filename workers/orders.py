"""Large order files and changed rates: taken in whole, then matched a slice at a time."""

from datetime import date

from sqlalchemy import select

from portal import claims, clock, margin, orders, work
from portal.claims.models import ClaimLine, ClaimMatch
from portal.db import db, transaction
from portal.errors import PeriodClosed
from workers.job import TryLater

SLICE = 2000  # claims matched and credited in one transaction


def take(held: work.Lease) -> None:
    """Import a file that was left, then match what it concerns."""
    intake_id = int(held.subject)
    with transaction():
        import_id = orders.take_intake(intake_id=intake_id, at=clock.now())
        touched = claims.follow_import(import_id=import_id) if import_id else ()
        orders.note_progress(intake_id=intake_id, matched=0, to_match=len(touched))
    match_slices(list(touched), intake_id)
    with transaction():
        work.finish(held, at=clock.real_now())


def rerate(held: work.Lease) -> None:
    """Value again the orders of a currency's month."""
    currency, month = held.subject.split(" ")
    with transaction():
        lines = orders.lines_at_rate(currency, date.fromisoformat(month))
        matched = select(ClaimLine.claim_id).join(ClaimMatch).where(ClaimMatch.order_line_id.in_(lines))
        touched = sorted(set(db.session.execute(matched).scalars()))
    match_slices(touched)
    with transaction():
        work.finish(held, at=clock.real_now())


def match_slices(touched: list[int], intake_id: int | None = None) -> None:
    """Match and credit these claims, some thousands at a time; wait while a period of theirs is computed."""
    done = 0
    for first in range(0, len(touched), SLICE):
        some = touched[first : first + SLICE]
        try:
            with transaction():
                margin.match_and_credit(claim_ids=some, at=clock.now())
                done += len(some)
                if intake_id:
                    orders.note_progress(intake_id=intake_id, matched=done, to_match=len(touched))
        except PeriodClosed:
            raise TryLater("a period is being computed", attempts=100) from None
