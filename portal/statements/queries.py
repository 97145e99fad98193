"""Reading statements, their files, and how far their printing and mailing have come."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, cast, func, select, text

from portal.db import AnyRow, Money, db
from portal.errors import NotFound
from portal.mail.models import Mail, MailState
from portal.partners.models import Partner
from portal.periods.models import Period
from portal.statements.models import DisputedLine, LineState, Statement, StatementFile


@dataclass(frozen=True)
class FileRef:
    """Where a printed statement is kept."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Delivery:
    """How far the statements of a period have come."""

    issued: int
    rendered: int
    mails: int
    sent: int
    failed: int


def suspended_by_statement() -> Subquery:
    """(statement_id, suspended): what lines in open disputes keep of each payment."""
    return (
        select(DisputedLine.statement_id, func.sum(DisputedLine.suspended).label("suspended"))
        .where(DisputedLine.state == LineState.OPEN)
        .group_by(DisputedLine.statement_id)
        .subquery("disputed")
    )


def render_batch(period_id: int) -> str:
    """The batch of the work items that print a period's statements."""
    return f"render:{period_id}"


def get_statement(public_id: UUID) -> Statement:
    """A statement with its document; NotFound where the reader may not see it or there is none."""
    found = db.session.execute(select(Statement).where(Statement.public_id == public_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def public_id_of(statement_id: int) -> UUID:
    """The identifier of a statement in addresses."""
    query = select(Statement.public_id).where(Statement.id == statement_id)
    return db.session.execute(query).scalar_one()


def list_unprinted(statement_ids: Sequence[int]) -> Sequence[Statement]:
    """Those of these statements that have no file yet, in the order of their numbers."""
    printed = select(StatementFile.statement_id).where(StatementFile.statement_id == Statement.id)
    unprinted = select(Statement).where(Statement.id.in_(statement_ids), ~printed.exists())
    return db.session.execute(unprinted.order_by(Statement.serial)).scalars().all()


def find_by_short_code(code: str) -> AnyRow | None:
    """What may be told to whoever holds the paper: (number, issued_on, sha256, period, firm, replaced_by).

    `firm` is the beginning of its name, no more.
    """
    return db.session.execute(text("select * from verify_statement(:code)"), {"code": code}).one_or_none()


def find_by_file(sha256: str) -> AnyRow | None:
    """The same, and `latest`, for a file with this content: whether a later printing of it exists or not."""
    return db.session.execute(text("select * from verify_file(:sha)"), {"sha": sha256}).one_or_none()


def list_statements(
    *, partner_id: int | None = None, period: str = "", page: int = 1, size: int = 50
) -> tuple[Sequence[AnyRow], int]:
    """Statements the reader may see, newest period first; and how many there are in all."""
    printed = select(StatementFile.statement_id).where(StatementFile.statement_id == Statement.id).exists()
    query = (
        select(
            *(Statement.id, Statement.public_id, Statement.number, Statement.version, Statement.payable),
            *(Statement.issued_on, Statement.dispute_until, Partner.code, Partner.legal_name),
            *(Period.code.label("period"), Period.pays_on, _carried().label("carry_out")),
            printed.label("printed"),
        )
        .join(Partner, Partner.id == Statement.partner_id)
        .join(Period, Period.id == Statement.period_id)
    )
    if partner_id is not None:
        query = query.where(Statement.partner_id == partner_id)
    if period:
        query = query.where(Period.code == period)
    total = db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    rows = query.order_by(Period.starts_on.desc(), Statement.serial, Statement.version.desc())
    return db.session.execute(rows.limit(size).offset((page - 1) * size)).all(), total


def _carried() -> ColumnElement[Decimal]:
    return cast(Statement.document["result"]["carry_out"].astext, Money)


def find_file(statement_id: int) -> FileRef | None:
    """The statement's last printing; None while it waits for the workers."""
    row = db.session.execute(
        select(StatementFile.sha256, StatementFile.size)
        .where(StatementFile.statement_id == statement_id)
        .order_by(StatementFile.rendered_at.desc())
        .limit(1)
    ).one_or_none()
    return row and FileRef(*row)


def count_delivery(period_id: int) -> Delivery:
    """How many statements of a period are issued, printed and mailed."""
    of_period = select(Statement.id).where(Statement.period_id == period_id)
    issued = select(func.count()).select_from(of_period.subquery())
    files = select(func.count(StatementFile.statement_id.distinct()))
    rendered = files.where(StatementFile.statement_id.in_(of_period))
    mails = db.session.execute(
        select(
            func.count(),
            func.count().filter(Mail.state == MailState.SENT),
            func.count().filter(Mail.state.in_((MailState.FAILED, MailState.HELD))),
        ).where(Mail.statement_id.in_(of_period))
    ).one()
    return Delivery(
        db.session.execute(issued).scalar_one(), db.session.execute(rendered).scalar_one(), *mails
    )


def count_statements(period_id: int) -> int:
    """How many statements of a period are issued."""
    count = select(func.count()).where(Statement.period_id == period_id)
    return db.session.execute(count).scalar_one()
