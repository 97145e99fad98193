"""What was paid and what is held of each statement; as sums to join, and as lists to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import aliased

from portal.db import AnyRow, AnySelect, db
from portal.errors import NotFound
from portal.ledger.models import Hold, Payment, PaymentFile
from portal.users.models import User

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a statement's money; `why` are the reasons of the holds that stand."""

    paid: Decimal = ZERO
    paid_on: date | None = None
    held: Decimal = ZERO
    why: tuple[str, ...] = ()


def paid_by_statement() -> Subquery:
    """(statement_id, paid, paid_on), payments that came back left out."""
    return (
        select(
            Payment.statement_id,
            func.sum(Payment.amount).label("paid"),
            func.max(Payment.paid_on).label("paid_on"),
        )
        .where(Payment.returned_at.is_(None))
        .group_by(Payment.statement_id)
        .subquery("paid")
    )


def held_by_statement() -> Subquery:
    """(statement_id, held, why), released holds left out."""
    return (
        select(
            Hold.statement_id,
            func.sum(Hold.amount).label("held"),
            func.array_agg(Hold.reason).label("why"),
        )
        .where(Hold.released_at.is_(None))
        .group_by(Hold.statement_id)
        .subquery("held")
    )


def settled_of(statement_ids: Sequence[int]) -> dict[int, Settled]:
    """What became of the money of these statements; those of which nothing moved are left out."""
    paid, held = paid_by_statement(), held_by_statement()
    payments = db.session.execute(select(paid).where(paid.c.statement_id.in_(statement_ids)))
    found = {row.statement_id: Settled(row.paid, row.paid_on) for row in payments}
    for row in db.session.execute(select(held).where(held.c.statement_id.in_(statement_ids))):
        before = found.get(row.statement_id, Settled())
        found[row.statement_id] = Settled(before.paid, before.paid_on, row.held, tuple(row.why))
    return found


def select_holds() -> AnySelect:
    """Holds with who placed and who released them."""
    placer, releaser = aliased(User), aliased(User)
    return (
        select(
            *(Hold.id, Hold.public_id, Hold.statement_id, Hold.amount, Hold.reason, Hold.placed_at),
            *(Hold.placed_by_id, Hold.released_at, Hold.release_reason),
            *(placer.name.label("placed_by"), releaser.name.label("released_by")),
        )
        .outerjoin(placer, placer.id == Hold.placed_by_id)
        .outerjoin(releaser, releaser.id == Hold.released_by_id)
    )


def list_holds(statement_id: int) -> Sequence[AnyRow]:
    """The holds of a statement, the latest first."""
    return db.session.execute(
        select_holds().where(Hold.statement_id == statement_id).order_by(Hold.id.desc())
    ).all()


def list_payments(*, statement_id: int | None = None, file_id: int | None = None) -> Sequence[AnyRow]:
    """Payments of a statement or of a file, the latest first."""
    query = select(
        *(Payment.id, Payment.public_id, Payment.statement_id, Payment.amount, Payment.paid_on),
        *(Payment.reference, Payment.returned_on, Payment.return_reason, User.name.label("recorded_by")),
    ).outerjoin(User, User.id == Payment.recorded_by_id)
    if statement_id is not None:
        query = query.where(Payment.statement_id == statement_id)
    if file_id is not None:
        query = query.where(Payment.file_id == file_id)
    return db.session.execute(query.order_by(Payment.id.desc())).all()


def list_payment_files(limit: int = 10) -> Sequence[AnyRow]:
    """The last files taken in."""
    return db.session.execute(
        select(
            *(PaymentFile.public_id, PaymentFile.name, PaymentFile.lines, PaymentFile.amount),
            *(PaymentFile.imported_at, User.name.label("imported_by")),
        )
        .join(User, User.id == PaymentFile.imported_by_id)
        .order_by(PaymentFile.id.desc())
        .limit(limit)
    ).all()


def find_payment_file(sha256: str) -> PaymentFile | None:
    """The very file that was taken in before."""
    return db.session.execute(select(PaymentFile).where(PaymentFile.sha256 == sha256)).scalar_one_or_none()


def add_payment_file(**values: Any) -> PaymentFile:
    """Note a file that is taken in; its payments follow."""
    file = PaymentFile(**values)
    db.session.add(file)
    db.session.flush()
    return file


def get_hold(public_id: UUID) -> Hold:
    """One hold; NotFound where the reader may not see it or there is none."""
    return _one(Hold, public_id)


def get_payment(public_id: UUID) -> Payment:
    """One payment; NotFound where the reader may not see it or there is none."""
    return _one(Payment, public_id)


def _one(model: Any, public_id: UUID) -> Any:
    found = db.session.execute(select(model).where(model.public_id == public_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def statement_of(cause_kind: str, cause_id: int) -> int | None:
    """The statement that a payment or a hold is of."""
    model = Payment if cause_kind == "payment" else Hold
    return db.session.execute(select(model.statement_id).where(model.id == cause_id)).scalar_one_or_none()


def references_of(statement_ids: Sequence[int]) -> set[tuple[int, str]]:
    """The bank references under which each of these statements was paid already."""
    rows = db.session.execute(
        select(Payment.statement_id, Payment.reference).where(Payment.statement_id.in_(statement_ids))
    )
    return {(row.statement_id, row.reference) for row in rows}
