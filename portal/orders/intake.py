"""Large files: asked for on a page, taken in by the workers, their progress kept on a row."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from portal import audit, files, work
from portal.db import db
from portal.errors import NotFound
from portal.orders.models import IntakeState, OrderImport, OrderIntake
from portal.orders.services import OrdersRefused, import_orders

LARGE = 1_000_000  # bytes from which a file is left to the workers


def ask_intake(*, sha256: str, size: int, name: str, actor_id: int, at: datetime) -> OrderIntake:
    """Leave a file that is kept to the workers."""
    intake = OrderIntake(sha256=sha256, name=name, size=size, asked_by_id=actor_id, asked_at=at)
    db.session.add(intake)
    db.session.flush()
    audit.record("order.intake", subject=("order_intake", intake.id), at=at, actor_id=actor_id, name=name)
    work.add("orders.take", subject=intake.id)
    return intake


def take_intake(*, intake_id: int, at: datetime) -> int | None:
    """Import the file that was left, whole or not at all; the import's id, None where it is refused."""
    intake = db.session.get_one(OrderIntake, intake_id)
    try:
        with files.get_large(intake.sha256) as source:
            done = import_orders(source=source, name=intake.name, actor_id=intake.asked_by_id, at=at)
    except OrdersRefused as refused:
        intake.state, intake.more_faults = IntakeState.REFUSED, refused.report.more_faults
        intake.faults = [[one.line, one.column, one.code, one.value] for one in refused.report.faults]
        return None
    intake.state, intake.import_id = IntakeState.TAKEN, done.id
    return done.id


def note_progress(*, intake_id: int, matched: int, to_match: int) -> None:
    """How many of the claims concerned are matched."""
    values = {"matched": matched, "to_match": to_match}
    db.session.execute(update(OrderIntake).where(OrderIntake.id == intake_id).values(values))


def get_intake(public_id: UUID) -> OrderIntake:
    """A file that was left to the workers; NotFound otherwise."""
    query = select(OrderIntake).where(OrderIntake.public_id == public_id)
    found = db.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def import_of(intake: OrderIntake) -> UUID | None:
    """The import that a file became."""
    query = select(OrderImport.public_id).where(OrderImport.id == intake.import_id)
    return db.session.execute(query).scalar_one_or_none()


def list_intakes() -> Sequence[OrderIntake]:
    """Files that are under way, the latest first."""
    under_way = (OrderIntake.state == IntakeState.WAITING) | (OrderIntake.matched < OrderIntake.to_match)
    query = select(OrderIntake).where(under_way).order_by(OrderIntake.id.desc()).limit(5)
    return db.session.execute(query).scalars().all()
