"""Opening a dispute, talking about it, deciding it, taking it back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, update

from portal import audit, work
from portal.calendar import add_working_days, paris_date
from portal.db import db
from portal.disputes.emails import tell_the_firm, tell_the_vendor
from portal.disputes.lines import StatementLine
from portal.disputes.models import Dispute, DisputeMessage, DisputeReason, DisputeState
from portal.disputes.queries import DECISION_DAYS, list_lines, who_cannot_judge
from portal.disputes.suspension import suspensions
from portal.errors import Invalid, Refused
from portal.statements.models import DisputedLine, LineState, Statement


def open_dispute(
    *,
    statement: Statement,
    lines: Sequence[tuple[StatementLine, Decimal | None]],
    reason: DisputeReason,
    words: str,
    actor_id: int,
    at: datetime,
    reconciliation_id: int | None = None,
) -> Dispute:
    """Contest lines of a statement, each with what was expected; the rest of it is paid on time."""
    on = paris_date(at)
    if on > statement.dispute_until:
        raise Refused("disputes_window", day=statement.dispute_until)
    if not lines:
        raise Invalid({"lines": "nothing_disputed"})
    db.session.execute(select(func.pg_advisory_xact_lock(0x64697370, statement.id)))  # one after the other
    known = [row for row in list_lines(statement_id=statement.id) if row.state is not LineState.WITHDRAWN]
    if {(line.kind, line.key) for line, _expected in lines} & {(row.kind, row.key) for row in known}:
        raise Refused("uq_dispute_lines_once")
    last = select(func.coalesce(func.max(Dispute.position), 0)).where(Dispute.statement_id == statement.id)
    dispute = Dispute(
        partner_id=statement.partner_id,
        statement_id=statement.id,
        position=db.session.execute(last).scalar_one() + 1,
        reason=reason,
        opened_by_id=actor_id,
        opened_at=at,
        opened_on=on,
        decide_by=add_working_days(on, DECISION_DAYS),
        reconciliation_id=reconciliation_id,
    )
    db.session.add(dispute)
    db.session.flush()
    waiting = [(row.kind, row.key) for row in known if row.state is LineState.OPEN]
    kept = suspensions(statement, waiting, [line for line, _expected in lines])
    _write_lines(dispute, lines, kept)
    _say(dispute, words, actor_id, at)
    _record(dispute, "opened", actor_id, at, lines=len(lines), suspended=str(sum(kept)))
    tell_the_vendor(dispute, statement, "dispute.opened", at=at, actor_id=actor_id, words=words)
    return dispute


def _write_lines(
    dispute: Dispute, lines: Sequence[tuple[StatementLine, Decimal | None]], kept: Sequence[Decimal]
) -> None:
    of_dispute = {
        "partner_id": dispute.partner_id,
        "dispute_id": dispute.id,
        "statement_id": dispute.statement_id,
        "state": LineState.OPEN,
    }
    rows = [
        {
            **of_dispute,
            "kind": line.kind,
            "key": line.key,
            "stated": line.amount,
            "expected": expected,
            "suspended": suspended,
        }
        for (line, expected), suspended in zip(lines, kept, strict=True)
    ]
    db.session.execute(insert(DisputedLine), rows)


def answer_dispute(
    *, dispute: Dispute, statement: Statement, words: str, by_firm: bool, actor_id: int, at: datetime
) -> None:
    """Either side adds to the thread; the other is told."""
    _must_be_open(dispute)
    _say(dispute, words, actor_id, at)
    _record(dispute, "answered", actor_id, at)
    tell = tell_the_vendor if by_firm else tell_the_firm
    tell(dispute, statement, "dispute.answered", at=at, actor_id=actor_id, words=words)


def decide_dispute(
    *,
    dispute: Dispute,
    statement: Statement,
    outcomes: Mapping[int, LineState],
    words: str,
    actor_id: int,
    at: datetime,
) -> None:
    """Another person than who made the lines decides each of them, and says why; the firm is told.

    An accepted line is corrected by an adjustment, which is proposed and approved as any other.
    """
    _must_be_open(dispute)
    if actor_id in who_cannot_judge(dispute.id):
        raise Refused("disputes_other_judge")
    for line_id, state in outcomes.items():
        of_dispute = (DisputedLine.id == line_id, DisputedLine.dispute_id == dispute.id)
        db.session.execute(update(DisputedLine).where(*of_dispute).values(state=state))
    _say(dispute, words, actor_id, at)
    dispute.state, dispute.decided_by_id, dispute.decided_at = DisputeState.DECIDED, actor_id, at
    db.session.flush()
    _suspend_again(dispute)
    accepted = sum(state is LineState.ACCEPTED for state in outcomes.values())
    _record(dispute, "decided", actor_id, at, accepted=accepted, upheld=len(outcomes) - accepted)
    tell_the_firm(
        dispute,
        statement,
        "dispute.decided",
        at=at,
        actor_id=actor_id,
        words=words,
        accepted=accepted,
        upheld=len(outcomes) - accepted,
    )


def withdraw_dispute(*, dispute: Dispute, statement: Statement, actor_id: int, at: datetime) -> None:
    """The firm takes its dispute back; what waited is paid."""
    _must_be_open(dispute)
    of_dispute = (DisputedLine.dispute_id == dispute.id, DisputedLine.state == LineState.OPEN)
    db.session.execute(update(DisputedLine).where(*of_dispute).values(state=LineState.WITHDRAWN))
    dispute.state = DisputeState.WITHDRAWN
    db.session.flush()
    _suspend_again(dispute)
    _record(dispute, "withdrawn", actor_id, at)
    tell_the_vendor(dispute, statement, "dispute.withdrawn", at=at, actor_id=actor_id, words="")


def _suspend_again(ended: Dispute) -> None:
    """What other open disputes keep of the payment was computed beside the lines of this one."""
    work.add("disputes.suspend", subject=ended.statement_id, dedup=f"dispute:{ended.id}")


def suspend_again(*, statement_id: int, at: datetime) -> None:
    """What each line still in dispute keeps of the payment, by itself and beyond those before it."""
    statement = db.session.execute(select(Statement).where(Statement.id == statement_id)).scalar_one()
    query = select(DisputedLine).where(DisputedLine.statement_id == statement_id).order_by(DisputedLine.id)
    rows = db.session.execute(query.where(DisputedLine.state == LineState.OPEN)).scalars().all()
    kept = suspensions(statement, (), rows)
    for row, suspended in zip(rows, kept, strict=True):
        if row.suspended != suspended:
            subject = ("dispute", row.dispute_id)
            audit.record(
                "dispute.suspended", subject=subject, at=at, actor_id=None, partner_id=row.partner_id,
                before=str(row.suspended), after=str(suspended),
            )  # fmt: skip
            row.suspended = suspended


def _must_be_open(dispute: Dispute) -> None:
    if dispute.state is not DisputeState.OPEN:
        raise Refused("disputes_immutable")


def _say(dispute: Dispute, words: str, actor_id: int, at: datetime) -> None:
    said = DisputeMessage(
        partner_id=dispute.partner_id, dispute_id=dispute.id, author_id=actor_id, at=at, words=words
    )
    db.session.add(said)
    db.session.flush()


def _record(dispute: Dispute, verb: str, actor_id: int, at: datetime, **details: Any) -> None:
    audit.record(
        f"dispute.{verb}",
        subject=("dispute", dispute.id),
        at=at,
        actor_id=actor_id,
        partner_id=dispute.partner_id,
        **details,
    )
