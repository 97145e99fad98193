"""One dispute as both sides see it: its lines, what was said, what may be done now."""

from typing import Any, cast
from uuid import UUID

from sqlalchemy import select

from portal import clock, corrections, disputes, statements
from portal.access import allow, allowed
from portal.db import db
from portal.disputes import Dispute, DisputedKind, DisputeState, StatementLine
from portal.money import ZERO
from portal.statements.models import Statement
from portal.statements.shape import StatementDocument
from portal.web.dispute_words import LINE_STATES, REASONS, STATES, clock_words, said_of_line


def seen(public_id: UUID, *, for_update: bool = False) -> tuple[Dispute, Statement]:
    """A dispute that the reader may see, and its statement."""
    found = disputes.get_dispute(public_id, for_update=for_update)
    allow("dispute:read", partner_id=found.partner_id, reading="dispute:read")
    statement = db.session.execute(select(Statement).where(Statement.id == found.statement_id)).scalar_one()
    return found, statement


def context(dispute: Dispute, statement: Statement) -> dict[str, Any]:
    """What the page of a dispute shows."""
    document = cast(StatementDocument, statement.document)
    lines = disputes.list_lines(dispute_id=dispute.id)
    waiting = sum((row.suspended for row in lines if row.state is disputes.LineState.OPEN), ZERO)
    is_open = dispute.state is DisputeState.OPEN
    return {
        "dispute": dispute,
        "statement": statement,
        "lines": [(row, said_of_line(_printed(document, row))) for row in lines],
        "messages": disputes.list_messages(dispute.id),
        "suspended": min(waiting, statements.left_to_pay(statement)),
        "clock": clock_words(dispute.decide_by, clock.today()) if is_open else None,
        "adjusted": corrections.corrections_of_dispute(dispute.id),
        "may_see_adjustments": allowed("correction:read", partner_id=dispute.partner_id),
        "may_adjust": not is_open and allowed("correction:propose", partner_id=dispute.partner_id),
        "may_answer": is_open and allowed("dispute:answer", partner_id=dispute.partner_id),
        "reasons": REASONS,
        "states": STATES,
        "line_states": LINE_STATES,
    }


def _printed(document: StatementDocument, row: Any) -> StatementLine:
    kind = DisputedKind(row.kind)
    found = disputes.find_line(document, kind, row.key)
    return found or StatementLine(kind, row.key, row.key, "", row.stated)
