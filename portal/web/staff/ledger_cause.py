"""From a journal entry back to what caused it."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal import ledger
from portal.db import AnyRow, db
from portal.margin.models import Adjustment
from portal.periods.models import Period
from portal.statements.models import Statement
from portal.users.models import User


@dataclass(frozen=True)
class Cause:
    """Where to look next: the result, the statement, the adjustment's people, the entry reversed."""

    result_id: int | None = None
    statement: UUID | None = None
    number: str = ""
    adjusts: str = ""
    note: str = ""
    proposed_by: str = ""
    approved_by: str = ""
    entry: UUID | None = None


def cause_of(entry: AnyRow) -> Cause:
    """What an entry was posted for."""
    if entry.cause_kind == "entry":
        return Cause(entry=ledger.public_id_of(entry.cause_id))
    statement = _statement(entry)
    cause = Cause(
        result_id=statement.result_id if statement else None,
        statement=statement.public_id if statement else None,
        number=statement.number if statement else "",
    )
    return _adjustment(cause, entry.cause_id) if entry.cause_kind == "adjustment" else cause


def _statement(entry: AnyRow) -> AnyRow | None:
    query = select(Statement.public_id, Statement.number, Statement.result_id)
    by_cause = {
        "statement": Statement.id == entry.cause_id,
        "payment": Statement.id == ledger.statement_of("payment", entry.cause_id),
        "hold": Statement.id == ledger.statement_of("hold", entry.cause_id),
        "result": Statement.result_id == entry.cause_id,
    }
    asked = by_cause.get(entry.cause_kind, Statement.number == entry.reference)
    return db.session.execute(query.where(asked)).one_or_none()


def _adjustment(cause: Cause, adjustment_id: int) -> Cause:
    proposer, approver = aliased(User), aliased(User)
    row = db.session.execute(
        select(
            *(Period.code, Adjustment.note, proposer.name.label("proposer")),
            approver.name.label("approver"),
        )
        .join(Period, Period.id == Adjustment.origin_period_id)
        .outerjoin(proposer, proposer.id == Adjustment.proposed_by_id)
        .outerjoin(approver, approver.id == Adjustment.approved_by_id)
        .where(Adjustment.id == adjustment_id)
    ).one()
    return replace(
        cause,
        adjusts=row.code,
        note=row.note,
        proposed_by=row.proposer or "",
        approved_by=row.approver or "",
    )
