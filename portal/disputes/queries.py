"""Reading disputes, and what they keep of a payment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import aliased

from portal.calendar import working_days_between
from portal.db import AnyRow, AnySelect, db
from portal.disputes.models import Dispute, DisputeMessage, DisputeState
from portal.errors import NotFound
from portal.margin.models import Adjustment
from portal.partners.models import Partner
from portal.statements.models import DisputedLine, LineState, Statement
from portal.users.models import User

DECISION_DAYS = 15  # working days, as for an appeal


@dataclass(frozen=True, slots=True)
class Clock:
    """How much of the delay is used, in percent, and the working days left (negative when late)."""

    used: int
    left: int


def clock_of(decide_by: date, on: date) -> Clock:
    """The clock of an open dispute."""
    left = working_days_between(on, decide_by)
    return Clock(used=max(0, (DECISION_DAYS - left) * 100 // DECISION_DAYS), left=left)


def get_dispute(public_id: UUID, *, for_update: bool = False) -> Dispute:
    """A dispute; NotFound where the reader may not see it or there is none."""
    query = select(Dispute).where(Dispute.public_id == public_id)
    query = query.with_for_update(key_share=True) if for_update else query
    found = db.session.execute(
        query, execution_options={"populate_existing": for_update}
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def _listed() -> AnySelect:
    lines = (
        select(
            DisputedLine.dispute_id,
            func.count().label("lines"),
            func.sum(DisputedLine.suspended).filter(DisputedLine.state == LineState.OPEN).label("suspended"),
            func.count().filter(DisputedLine.state == LineState.ACCEPTED).label("accepted"),
        )
        .group_by(DisputedLine.dispute_id)
        .subquery()
    )
    decider = aliased(User)
    return (
        select(
            *(Dispute.id, Dispute.public_id, Dispute.position, Dispute.reason, Dispute.state),
            *(Dispute.opened_at, Dispute.decide_by, Dispute.decided_at, Dispute.partner_id),
            *(lines.c.lines, lines.c.suspended, lines.c.accepted, decider.name.label("decided_by")),
            *(Statement.number, Statement.public_id.label("statement"), Partner.code, Partner.legal_name),
        )
        .join(lines, lines.c.dispute_id == Dispute.id)
        .join(Statement, Statement.id == Dispute.statement_id)
        .join(Partner, Partner.id == Dispute.partner_id)
        .outerjoin(decider, decider.id == Dispute.decided_by_id)
    )


def list_disputes(
    *, state: DisputeState | None = None, page: int = 1, size: int = 50
) -> tuple[Sequence[AnyRow], int]:
    """Disputes the reader may see: open ones by their last day, the others latest first; and how many."""
    query = _listed()
    if state is not None:
        query = query.where(Dispute.state == state)
    total = db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    order = (Dispute.decide_by, Dispute.id) if state is DisputeState.OPEN else (Dispute.id.desc(),)
    rows = query.order_by(*order).limit(size).offset((page - 1) * size)
    return db.session.execute(rows).all(), total


def list_disputed(statement_id: int) -> Sequence[AnyRow]:
    """The disputes of a statement, in their order."""
    query = _listed().where(Dispute.statement_id == statement_id).order_by(Dispute.position)
    return db.session.execute(query).all()


def list_lines(*, statement_id: int = 0, dispute_id: int = 0) -> Sequence[AnyRow]:
    """Disputed lines of a statement or of one dispute, with the dispute they belong to."""
    query = select(
        *(DisputedLine.id, DisputedLine.kind, DisputedLine.key, DisputedLine.stated, DisputedLine.expected),
        *(DisputedLine.suspended, DisputedLine.state, Dispute.public_id, Dispute.position),
    ).join(Dispute, Dispute.id == DisputedLine.dispute_id)
    if dispute_id:
        query = query.where(DisputedLine.dispute_id == dispute_id)
    else:
        query = query.where(DisputedLine.statement_id == statement_id)
    return db.session.execute(query.order_by(DisputedLine.id)).all()


def get_accepted(line_id: int) -> AnyRow:
    """(DisputedLine, Dispute, Statement, Partner) of an accepted line; NotFound where there is none."""
    found = db.session.execute(
        select(DisputedLine, Dispute, Statement, Partner)
        .join(Dispute, Dispute.id == DisputedLine.dispute_id)
        .join(Statement, Statement.id == DisputedLine.statement_id)
        .join(Partner, Partner.id == DisputedLine.partner_id)
        .where(DisputedLine.id == line_id, DisputedLine.state == LineState.ACCEPTED)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_adjusted(statement_id: int, *, but: int) -> Sequence[DisputedLine]:
    """Lines of a statement that have an adjustment, proposed or approved, except one."""
    adjusted = select(Adjustment.dispute_line_id).where(Adjustment.refused_at.is_(None))
    return db.session.scalars(
        select(DisputedLine)
        .where(DisputedLine.statement_id == statement_id, DisputedLine.id != but)
        .where(DisputedLine.id.in_(adjusted))
        .order_by(DisputedLine.id)
    ).all()


def dispute_of_line(line_id: int) -> AnyRow:
    """(public_id, position, number) of the dispute that a line is of."""
    return db.session.execute(
        select(Dispute.public_id, Dispute.position, Statement.number)
        .join(Statement, Statement.id == Dispute.statement_id)
        .join(DisputedLine, DisputedLine.dispute_id == Dispute.id)
        .where(DisputedLine.id == line_id)
    ).one()


def list_messages(dispute_id: int) -> Sequence[AnyRow]:
    """The thread, oldest first: (at, words, name, role)."""
    return db.session.execute(
        select(DisputeMessage.at, DisputeMessage.words, User.name, User.role)
        .join(User, User.id == DisputeMessage.author_id)
        .where(DisputeMessage.dispute_id == dispute_id)
        .order_by(DisputeMessage.id)
    ).all()


def who_cannot_judge(dispute_id: int) -> frozenset[int]:
    """Who opened it, decided one of its lines, or made the run behind the statement, as PostgreSQL says."""
    found = db.session.execute(text("select who_cannot_judge(:id)"), {"id": dispute_id}).scalar_one()
    return frozenset(found)


def count_open() -> int:
    """How many disputes the reader may see wait for a decision."""
    count = select(func.count()).where(Dispute.state == DisputeState.OPEN)
    return db.session.execute(count).scalar_one()


def open_by_statement(
    statement_ids: Sequence[int] | None = None, *, partner_id: int | None = None
) -> Mapping[int, Sequence[AnyRow]]:
    """The open disputes of these statements, of a firm, or of all: what each keeps, and why."""
    query = _listed().add_columns(Dispute.statement_id).where(Dispute.state == DisputeState.OPEN)
    if statement_ids is not None:
        query = query.where(Dispute.statement_id.in_(statement_ids))
    if partner_id is not None:
        query = query.where(Dispute.partner_id == partner_id)
    found: dict[int, list[AnyRow]] = {}
    for row in db.session.execute(query.order_by(Dispute.statement_id, Dispute.position)):
        found.setdefault(row.statement_id, []).append(row)
    return found
