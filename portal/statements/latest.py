"""A partner's last statements and what became of the money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal import ledger
from portal.db import AnyRow, db
from portal.ledger import Settled
from portal.margin.models import MarginResult
from portal.money import ZERO
from portal.periods.models import Period
from portal.statements.models import Statement
from portal.statements.queries import suspended_by_statement


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement in one line; `pays_on` is when it is expected to be paid."""

    public_id: UUID
    number: str
    period: str
    payable: Decimal
    carry_out: Decimal
    pays_on: date
    settled: Settled
    disputed: Decimal = ZERO

    @property
    def paid_on(self) -> date | None:
        """The day on which the last of it was paid; none while something is not."""
        return self.settled.paid_on if 0 < self.payable <= self.settled.paid else None

    @property
    def due(self) -> Decimal:
        """What is neither paid, nor held, nor in dispute."""
        return self.payable - self.settled.paid - self.settled.held - self.suspended

    @property
    def suspended(self) -> Decimal:
        """What open disputes keep of what is left to pay."""
        return min(self.disputed, self.payable - self.settled.paid - self.settled.held)


def latest_statements(partner_id: int, *, limit: int = 3) -> Sequence[Stated]:
    """The latest first, those that were replaced left out."""
    replacement = aliased(Statement)
    rows = db.session.execute(
        select(
            *(Statement.id, Statement.public_id, Statement.number, Statement.payable),
            *(Period.code.label("period"), MarginResult.carry_out, Period.pays_on),
        )
        .join(Period, Period.id == Statement.period_id)
        .join(MarginResult, MarginResult.id == Statement.result_id)
        .where(Statement.partner_id == partner_id)
        .where(~select(replacement.id).where(replacement.replaces_id == Statement.id).exists())
        .order_by(Period.starts_on.desc(), Statement.version.desc())
        .limit(limit)
    ).all()
    return list(stated_of(rows).values())


def stated_of(rows: Sequence[AnyRow]) -> dict[int, Stated]:
    """What became of the money of these rows of `list_statements`, by statement id."""
    ids = [row.id for row in rows]
    settled, disputed = ledger.settled_of(ids), _disputed(ids)
    return {
        row.id: Stated(
            row.public_id, row.number, row.period, row.payable, row.carry_out, row.pays_on,
            settled.get(row.id, Settled()), disputed.get(row.id, ZERO),
        )
        for row in rows
    }  # fmt: skip


def _disputed(statement_ids: Sequence[int]) -> dict[int, Decimal]:
    disputed = suspended_by_statement()
    rows = db.session.execute(select(disputed).where(disputed.c.statement_id.in_(statement_ids)))
    return {row.statement_id: row.suspended for row in rows}


def find_statements(words: str, *, limit: int = 10) -> Sequence[AnyRow]:
    """Statements the reader may see whose number contains this."""
    return db.session.execute(
        select(
            *(Statement.public_id, Statement.number, Statement.payable, Statement.issued_on),
            Period.code.label("period"),
        )
        .join(Period, Period.id == Statement.period_id)
        .where(Statement.number.icontains(words.strip(), autoescape=True))
        .order_by(Statement.issued_on.desc(), Statement.number)
        .limit(limit)
    ).all()
