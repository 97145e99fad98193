"""Looking at a run before it is approved: its totals, and what changed since another."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric, String, cast, func, or_, select
from sqlalchemy.orm import aliased

from portal.db import AnyRow, db
from portal.errors import NotFound
from portal.margin.models import MarginResult, MarginRun, PlanVersion, RunState
from portal.partners.models import Partner
from portal.periods.models import Period
from portal.users.models import User


@dataclass(frozen=True)
class Totals:
    """What a run comes to; `zeroes` partners are paid nothing, `capped` ones reached the partner's cap."""

    partners: int
    credited: Decimal
    gross: Decimal
    earnings: Decimal
    adjustments: Decimal
    carry_in: Decimal
    payable: Decimal
    carry_out: Decimal
    zeroes: int
    capped: int


def run_totals(run_id: int) -> Totals:
    """The sums of a run."""
    sums = [
        func.coalesce(func.sum(column), Decimal(0))
        for column in (
            *(MarginResult.credited, MarginResult.gross, MarginResult.earnings, MarginResult.adjustments),
            *(MarginResult.carry_in, MarginResult.payable, MarginResult.carry_out),
        )
    ]
    payment = MarginResult.result["trace"]["payment"]
    capped = cast(payment["capped"].astext, Numeric) < cast(payment["gross"].astext, Numeric)
    counts = [func.count().filter(MarginResult.payable == 0), func.count().filter(capped)]
    row = db.session.execute(select(func.count(), *sums, *counts).where(MarginResult.run_id == run_id)).one()
    return Totals(*(value for value in row))


def list_runs(period_id: int) -> Sequence[AnyRow]:
    """Every run of a period, newest first, with who started, proposed and approved it."""
    starter, proposer, approver = aliased(User), aliased(User), aliased(User)
    return db.session.execute(
        select(
            *(MarginRun.id, MarginRun.public_id, MarginRun.number, MarginRun.state, MarginRun.partners),
            *(MarginRun.started_at, MarginRun.computed_at, MarginRun.proposed_at, MarginRun.approved_at),
            *(MarginRun.inputs_sha256, MarginRun.outputs_sha256, MarginRun.proposed_by_id),
            *(starter.name.label("started_by"), proposer.name.label("proposed_by")),
            approver.name.label("approved_by"),
        )
        .outerjoin(starter, starter.id == MarginRun.started_by_id)
        .outerjoin(proposer, proposer.id == MarginRun.proposed_by_id)
        .outerjoin(approver, approver.id == MarginRun.approved_by_id)
        .where(MarginRun.period_id == period_id)
        .order_by(MarginRun.number.desc())
    ).all()


def find_approved_run(period_code: str) -> int | None:
    """The id of the approved run of a period."""
    return db.session.execute(
        select(MarginRun.id)
        .join(Period, Period.id == MarginRun.period_id)
        .where(Period.code == period_code, MarginRun.state == RunState.APPROVED)
    ).scalar_one_or_none()


def largest_changes(run_id: int, other_run_id: int | None, *, limit: int = 12) -> Sequence[AnyRow]:
    """Partners whose earnings differ most from another run's, with both figures; all are new without one."""
    other = aliased(MarginResult)
    before = func.coalesce(other.earnings, Decimal(0))
    change = (MarginResult.earnings - before).label("change")
    return db.session.execute(
        select(
            *(MarginResult.id, Partner.code, Partner.legal_name, MarginResult.earnings),
            *(before.label("before"), change, MarginResult.payable),
        )
        .join(Partner, Partner.id == MarginResult.partner_id)
        .outerjoin(
            other, (other.partner_id == MarginResult.partner_id) & (other.run_id == (other_run_id or 0))
        )
        .where(MarginResult.run_id == run_id, change.element != 0)
        .order_by(func.abs(change.element).desc(), Partner.code)
        .limit(limit)
    ).all()


def count_differences(run_id: int, other_run_id: int) -> int:
    """How many partners' results differ between two runs of a period."""
    other = aliased(MarginResult)
    # Not their traces: earlier versions kept them whole.
    differs = MarginResult.result.op("-")("trace") != other.result.op("-")("trace")
    return db.session.execute(
        select(func.count())
        .select_from(MarginResult)
        .outerjoin(other, (other.partner_id == MarginResult.partner_id) & (other.run_id == other_run_id))
        .where(MarginResult.run_id == run_id)
        .where(or_(other.id.is_(None), differs))
    ).scalar_one()


SORTS = {
    "code": Partner.code,
    "credited": MarginResult.credited,
    "earnings": MarginResult.earnings,
    "payable": MarginResult.payable,
}


def list_results(
    *, run_id: int, text: str = "", sort: str = "code", page: int = 1, size: int = 50
) -> tuple[Sequence[AnyRow], int]:
    """Results of a run; and how many there are in all."""
    query = (
        select(
            *(MarginResult.id, MarginResult.position, Partner.code, Partner.legal_name, Partner.segment),
            *(MarginResult.credited, MarginResult.earnings, MarginResult.adjustments, MarginResult.payable),
            MarginResult.result["attainment_display"].astext.label("attainment"),
        )
        .join(Partner, Partner.id == MarginResult.partner_id)
        .where(MarginResult.run_id == run_id)
    )
    if text:
        like = f"%{text.lower()}%"
        query = query.where(
            or_(Partner.search_name.like(like), func.lower(cast(Partner.code, String)).like(like))
        )
    total = db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    column = SORTS.get(sort.lstrip("-"), Partner.code)
    order = column.desc() if sort.startswith("-") else column.asc()
    rows = db.session.execute(query.order_by(order, Partner.code).limit(size).offset((page - 1) * size))
    return rows.all(), total


def get_result(result_id: int) -> AnyRow:
    """One result with its facts, its trace, its plan and its run; NotFound where it may not be seen."""
    row = db.session.execute(
        select(
            *(MarginResult.id, MarginResult.partner_id, MarginResult.position, MarginResult.facts),
            *(MarginResult.facts_sha256, MarginResult.result, MarginResult.run_id),
            *(
                MarginRun.number.label("run_number"),
                MarginRun.state.label("run_state"),
                MarginRun.computed_at,
            ),
            *(Period.code.label("period"), Partner.code, Partner.legal_name),
            *(Partner.public_id.label("partner_public_id"), PlanVersion.public_id.label("plan_public_id")),
            *(PlanVersion.code.label("plan_code"), PlanVersion.version.label("plan_version")),
            PlanVersion.document.label("plan"),
        )
        .join(MarginRun, MarginRun.id == MarginResult.run_id)
        .join(Period, Period.id == MarginRun.period_id)
        .join(Partner, Partner.id == MarginResult.partner_id)
        .join(PlanVersion, PlanVersion.id == MarginResult.plan_id)
        .where(MarginResult.id == result_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def get_run_by_public_id(public_id: UUID) -> MarginRun:
    """A run by what its URL says."""
    run = db.session.execute(select(MarginRun).where(MarginRun.public_id == public_id)).scalar_one_or_none()
    if run is None:
        raise NotFound
    return run


def period_code_of(run: MarginRun) -> str:
    """The code of the period that a run computes."""
    return db.session.execute(select(Period.code).where(Period.id == run.period_id)).scalar_one()
