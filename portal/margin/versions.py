"""The life of a plan: written by one person, proposed, published by another, then never changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from portal import audit, work
from portal.db import AnyRow, AnySelect, db
from portal.errors import Forbidden, Invalid, NotFound, PeriodClosed, Refused, Stale
from portal.margin.differences import changes_between
from portal.margin.engine import FaultAt, parse_plan
from portal.margin.models import PlanState, PlanVersion
from portal.periods.models import Period, PeriodState
from portal.users.models import User

SEGMENTS = ("SSII", "ISV", "LAR", "SMB_D", "VAR")


class NotAtThisStep(Refused):
    """The plan is not at the step where this is done."""

    code = "plan_not_at_this_step"


class NothingChanged(Refused):
    """The version says what the version before it says."""

    code = "plan_not_changed"


def list_plans() -> Sequence[AnyRow]:
    """Every version of every plan, the latest period first."""
    return db.session.execute(
        _with_names().order_by(Period.starts_on.desc(), PlanVersion.code, PlanVersion.version.desc())
    ).all()


def list_versions(code: str) -> Sequence[AnyRow]:
    """The versions of one plan, the latest first."""
    query = _with_names().where(PlanVersion.code == code)
    return db.session.execute(query.order_by(PlanVersion.version.desc())).all()


def _with_names() -> AnySelect:
    writer, publisher = User.__table__.alias("writer"), User.__table__.alias("publisher")
    return (
        select(
            *(PlanVersion.id, PlanVersion.public_id, PlanVersion.code, PlanVersion.version),
            *(PlanVersion.segment, PlanVersion.state, PlanVersion.reason, PlanVersion.written_by_id),
            *(PlanVersion.written_at, PlanVersion.published_at, Period.code.label("period")),
            *(Period.starts_on, Period.ends_before, Period.state.label("period_state")),
            *(writer.c.name.label("written_by"), publisher.c.name.label("published_by")),
        )
        .join(Period, Period.id == PlanVersion.period_id)
        .outerjoin(writer, writer.c.id == PlanVersion.written_by_id)
        .outerjoin(publisher, publisher.c.id == PlanVersion.published_by_id)
    )


def get_plan(public_id: UUID, *, for_update: bool = False) -> PlanVersion:
    """One version of a plan; NotFound where there is none."""
    query = select(PlanVersion).where(PlanVersion.public_id == public_id)
    query = query.with_for_update() if for_update else query
    found = db.session.execute(
        query, execution_options={"populate_existing": for_update}
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def find_version(code: str, version: int) -> PlanVersion | None:
    """The version of this number."""
    return db.session.execute(
        select(PlanVersion).where(PlanVersion.code == code, PlanVersion.version == version)
    ).scalar_one_or_none()


def draft_plan(*, document: dict[str, Any], reason: str, actor_id: int, at: datetime) -> PlanVersion:
    """Begin a plan, or its next version, from a document; FaultAt says where it is wrong."""
    plan = parse_plan(document)
    segment = plan.segment.replace("-", "_")
    if segment not in SEGMENTS:
        raise FaultAt("segment", "not_among", words=", ".join(SEGMENTS))
    period = db.session.execute(select(Period).where(Period.code == str(plan.period))).scalar_one_or_none()
    if period is None:
        raise FaultAt("period", "period_unknown")
    last = _last_version(plan.code)
    if plan.version != last + 1:
        raise FaultAt("version", "version_next", value=last + 1)
    _refuse_overlap(plan.code, segment, period.id)
    if last and not reason:
        raise Invalid({"reason": "required"})
    row = PlanVersion(
        code=plan.code, version=plan.version, segment=segment, period_id=period.id, document=document,
        written_by_id=actor_id, written_at=at, reason=reason,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _record("plan.drafted", row, actor_id, at, reason=reason)
    return row


def _refuse_overlap(code: str, segment: str, period_id: int) -> None:
    """A segment has one plan in a period, whose versions replace each other; it never moves to another."""
    own = and_(
        PlanVersion.code == code, or_(PlanVersion.segment != segment, PlanVersion.period_id != period_id)
    )
    same = and_(PlanVersion.code != code, PlanVersion.segment == segment, PlanVersion.period_id == period_id)
    found = db.session.execute(select(PlanVersion.code).where(or_(own, same)).limit(1)).scalar_one_or_none()
    if found == code:
        raise FaultAt("period", "other_period")
    if found is not None:
        raise FaultAt("code", "overlaps", name=found)


def list_free_places() -> list[tuple[Period, str]]:
    """Open periods and segments that have no plan yet, the next period first."""
    taken = {
        (row.period_id, row.segment)
        for row in db.session.execute(select(PlanVersion.period_id, PlanVersion.segment))
    }
    query = select(Period).where(Period.state == PeriodState.OPEN).order_by(Period.starts_on, Period.code)
    return [
        (period, segment)
        for period in db.session.execute(query).scalars()
        for segment in SEGMENTS
        if (period.id, segment) not in taken
    ]


def begin_plan(*, segment: str, period: Period, actor_id: int, at: datetime) -> PlanVersion:
    """A first draft that pays nothing yet, to be written in the editor."""
    document = {
        "code": f"{segment.replace('_', '-')}-{period.code}",
        "version": "1",
        "segment": segment.replace("_", "-"),
        "period": period.code,
        "currency": "EUR",
        "components": [{"code": "C1", "scheme": "FLAT", "rate": "0"}],
    }
    return draft_plan(document=document, reason="", actor_id=actor_id, at=at)


def _last_version(code: str) -> int:
    last = select(func.coalesce(func.max(PlanVersion.version), 0)).where(PlanVersion.code == code)
    return db.session.execute(last).scalar_one()


def new_version(*, plan: PlanVersion, reason: str, actor_id: int, at: datetime) -> PlanVersion:
    """A draft that says the same as a published version, to be changed, and why."""
    if plan.state is not PlanState.PUBLISHED:
        raise NotAtThisStep
    document = plan.document | {"version": str(_last_version(plan.code) + 1)}
    return draft_plan(document=document, reason=reason, actor_id=actor_id, at=at)


def save_draft(*, plan: PlanVersion, document: dict[str, Any], actor_id: int, at: datetime) -> None:
    """Keep what a draft says now; who saves it is from then on its writer."""
    if plan.state is not PlanState.DRAFT:
        raise NotAtThisStep
    read = parse_plan(document)
    told = (read.code, read.version, read.segment.replace("-", "_"))
    if told != (plan.code, plan.version, plan.segment):
        raise FaultAt("code", "other_plan")
    if str(read.period) != plan.document["period"]:
        raise FaultAt("period", "other_period")
    plan.document, plan.written_by_id, plan.written_at = document, actor_id, at
    db.session.flush()
    _record("plan.saved", plan, actor_id, at)


def propose_plan(*, plan: PlanVersion, actor_id: int, at: datetime) -> None:
    """Put a draft forward, for somebody else to publish; a new version changes something."""
    before = find_version(plan.code, plan.version - 1)
    if before and not changes_between(parse_plan(before.document), parse_plan(plan.document)):
        raise NothingChanged
    _step(plan, PlanState.DRAFT, PlanState.PROPOSED)
    _record("plan.proposed", plan, actor_id, at)


def return_plan(*, plan: PlanVersion, reason: str, actor_id: int, at: datetime) -> None:
    """Send a proposed plan back to its writer, saying why."""
    if not reason:
        raise Invalid({"reason": "required"})
    _step(plan, PlanState.PROPOSED, PlanState.DRAFT)
    _record("plan.returned", plan, actor_id, at, reason=reason)


def publish_plan(*, plan: PlanVersion, seen_at: datetime | None, actor_id: int, at: datetime) -> None:
    """Somebody else than its writer lets the plan apply, as it was read; from then on it never changes.

    A later version, with its reason, corrects the rules of a closed period too: what was stated stays, and
    computing the period again finds what differs.
    """
    if plan.written_at != seen_at:
        raise Stale("plan_changed_meanwhile", what="plan_changed_meanwhile")
    if plan.written_by_id == actor_id:
        raise Forbidden("plan_four_eyes")
    period = db.session.get_one(Period, plan.period_id)
    corrects = period.state is PeriodState.CLOSED and plan.version > 1
    if period.state is not PeriodState.OPEN and not corrects:
        raise PeriodClosed
    if plan.state is not PlanState.PROPOSED:
        raise NotAtThisStep
    plan.state, plan.published_by_id, plan.published_at = PlanState.PUBLISHED, actor_id, at
    db.session.flush()
    _record("plan.published", plan, actor_id, at)
    work.add("planning.announce", subject=plan.id)


def _step(plan: PlanVersion, before: PlanState, after: PlanState) -> None:
    if plan.state is not before:
        raise NotAtThisStep
    plan.state = after
    db.session.flush()


def _record(action: str, plan: PlanVersion, actor_id: int, at: datetime, **details: Any) -> None:
    audit.record(
        action, subject=("plan", plan.id), at=at, actor_id=actor_id, code=plan.code, version=plan.version,
        **details,
    )  # fmt: skip
