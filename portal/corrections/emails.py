"""A firm is told of an adjustment that was let through."""

from datetime import datetime

from sqlalchemy import select

from portal import catalogue, mail, partners
from portal.db import db
from portal.margin.models import Adjustment
from portal.periods.models import Period
from portal.statements.models import Statement


def tell_of_adjustment(adjustment: Adjustment, *, at: datetime) -> None:
    """Its administrators learn what is corrected, why, and which statement will carry it."""
    concerned = adjustment.origin_period_id, adjustment.period_id
    periods = db.session.execute(select(Period.id, Period.code).where(Period.id.in_(concerned)))
    codes = {row.id: row.code for row in periods}
    corrected = db.session.execute(
        select(Statement.number, Statement.public_id).where(Statement.id == adjustment.origin_statement_id)
    ).one_or_none()
    mail.queue(
        "adjustment.approved", to=partners.administrators_of(adjustment.partner_id), purpose=adjustment.id,
        at=at, partner_id=adjustment.partner_id, adjusted=str(adjustment.amount),
        reason_words=catalogue.words_of_reason(adjustment.reason_code or ""), note=adjustment.note,
        origin=codes[adjustment.origin_period_id], period=codes[adjustment.period_id],
        number=corrected.number if corrected else "",
        path=f"/statements/{corrected.public_id}" if corrected else "/statements",
    )  # fmt: skip
