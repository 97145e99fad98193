"""Reading objectives."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from portal.db import AnyRow, AnySelect, db
from portal.errors import NotFound
from portal.objectives.models import Objective
from portal.periods.models import Period
from portal.users.models import User


def get_objective(public_id: UUID) -> Objective:
    """One version of an objective the reader may see; NotFound otherwise."""
    found = db.session.execute(select(Objective).where(Objective.public_id == public_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def objectives_of(partner_ids: Sequence[int], period_id: int) -> dict[int, AnyRow]:
    """The version that applies to each of these partners in a period."""
    rows = db.session.execute(
        select(
            *(Objective.partner_id, Objective.target, Objective.baseline, Objective.version),
            *(Objective.accepted_at, Objective.public_id),
        )
        .ext(distinct_on(Objective.partner_id))
        .where(Objective.partner_id.in_(partner_ids), Objective.period_id == period_id)
        .order_by(Objective.partner_id, Objective.version.desc())
    )
    return {row.partner_id: row for row in rows}


def list_objectives(partner_id: int) -> Sequence[AnyRow]:
    """Every version of a partner's objectives, the latest period and version first."""
    return db.session.execute(_with_names().where(Objective.partner_id == partner_id)).all()


def _with_names() -> AnySelect:
    setter, accepter = aliased(User), aliased(User)
    return (
        select(
            *(Objective.public_id, Objective.partner_id, Objective.period_id, Objective.version),
            *(Objective.target, Objective.baseline, Objective.reason, Objective.notified_at),
            *(Objective.accepted_at, Objective.accepted_hash, Period.code.label("period")),
            *(Period.starts_on, Period.ends_before, Period.state.label("period_state")),
            *(setter.name.label("set_by"), accepter.name.label("accepted_by")),
        )
        .join(Period, Period.id == Objective.period_id)
        .outerjoin(setter, setter.id == Objective.set_by_id)
        .outerjoin(accepter, accepter.id == Objective.accepted_by_id)
        .order_by(Period.starts_on.desc(), Objective.version.desc())
    )
