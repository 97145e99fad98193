"""Adjustments as finance, auditors and firms look for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from portal.corrections.models import CorrectionFinding, CorrectionRun
from portal.corrections.recount import Outcome
from portal.db import AnyRow, AnySelect, db
from portal.margin.models import Adjustment
from portal.partners.models import Partner
from portal.periods.models import Period
from portal.statements.models import DisputedLine, Statement
from portal.users.models import User

PENDING = and_(Adjustment.approved_at.is_(None), Adjustment.refused_at.is_(None))
STATES: dict[str, ColumnElement[bool]] = {
    "pending": PENDING,
    "approved": Adjustment.approved_at.is_not(None),
    "refused": Adjustment.refused_at.is_not(None),
}
STATE = case((Adjustment.approved_at.is_not(None), "approved"), (PENDING, "pending"), else_="refused")


@dataclass(frozen=True)
class AdjustmentFilter:
    """What a list of adjustments is narrowed to."""

    state: str = ""
    text: str = ""
    period: str = ""
    reason: str = ""
    page: int = 1


def list_adjustments(wanted: AdjustmentFilter, *, size: int = 50) -> tuple[Sequence[AnyRow], int]:
    """One page of adjustments, the latest first, and how many there are."""
    query = _adjustments().where(*_conditions(wanted))
    total = db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    rows = query.order_by(Adjustment.id.desc()).limit(size).offset((wanted.page - 1) * size)
    return db.session.execute(rows).all(), total


def stream_adjustments(wanted: AdjustmentFilter) -> Iterator[AnyRow]:
    """All of them, for a spreadsheet."""
    query = _adjustments().where(*_conditions(wanted)).order_by(Adjustment.id)
    yield from db.session.execute(query, execution_options={"yield_per": 500})


def count_adjustments(wanted: AdjustmentFilter) -> dict[str, int]:
    """How many in each state, whatever the state asked for."""
    counts = [func.count().filter(condition) for condition in STATES.values()]
    query = _narrowed(select(*counts)).where(*_conditions(wanted, any_state=True))
    return dict(zip(STATES, db.session.execute(query).one(), strict=True))


def _narrowed(query: AnySelect) -> AnySelect:
    origin = aliased(Period, name="origin")
    return (
        query.select_from(Adjustment)
        .join(Partner, Partner.id == Adjustment.partner_id)
        .join(origin, origin.id == Adjustment.origin_period_id)
        .join(Period, Period.id == Adjustment.period_id)
    )


def _conditions(wanted: AdjustmentFilter, *, any_state: bool = False) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state in STATES and not any_state:
        found.append(STATES[wanted.state])
    if wanted.text:
        like = Partner.search_name.contains(wanted.text.lower(), autoescape=True)
        found.append(or_(like, Partner.code == wanted.text.upper()))
    if wanted.period:
        ids = select(Period.id).where(Period.code == wanted.period)
        found.append(or_(Adjustment.origin_period_id.in_(ids), Adjustment.period_id.in_(ids)))
    if wanted.reason:
        none = Adjustment.reason_code.is_(None)
        found.append(none if wanted.reason == "-" else Adjustment.reason_code == wanted.reason)
    return found


def _adjustments() -> AnySelect:
    origin, statement = aliased(Period, name="origin"), aliased(Statement)
    proposer, approver, refuser = aliased(User), aliased(User), aliased(User)
    columns: list[Any] = [
        *(Adjustment.id, Adjustment.public_id, Adjustment.amount, Adjustment.reason_code, Adjustment.note),
        *(Adjustment.before_amount, Adjustment.after_amount, Adjustment.changes, Adjustment.version),
        *(Adjustment.by_hand, Adjustment.in_result, Adjustment.proposed_by_id, Adjustment.proposed_at),
        Adjustment.dispute_line_id,
        *(Adjustment.approved_at, Adjustment.refused_at, Adjustment.refusal, STATE.label("state")),
        *(Adjustment.partner_id, Partner.code, Partner.legal_name, Partner.public_id.label("firm")),
        *(Partner.segment, origin.code.label("origin"), Period.code.label("period")),
        *(statement.number.label("statement"), statement.public_id.label("statement_id")),
        *(proposer.name.label("proposed_by"), approver.name.label("approved_by")),
        refuser.name.label("refused_by"),
    ]
    return (
        select(*columns)
        .join(Partner, Partner.id == Adjustment.partner_id)
        .join(origin, origin.id == Adjustment.origin_period_id)
        .join(Period, Period.id == Adjustment.period_id)
        .outerjoin(statement, statement.id == Adjustment.origin_statement_id)
        .outerjoin(proposer, proposer.id == Adjustment.proposed_by_id)
        .outerjoin(approver, approver.id == Adjustment.approved_by_id)
        .outerjoin(refuser, refuser.id == Adjustment.refused_by_id)
    )


def describe_adjustment(adjustment_id: int) -> AnyRow:
    """One adjustment with the names of all it refers to."""
    return db.session.execute(_adjustments().where(Adjustment.id == adjustment_id)).one()


def corrections_of_dispute(dispute_id: int) -> dict[int, AnyRow]:
    """The adjustment that each accepted line of a dispute led to, by line; refused ones left out."""
    rows = db.session.execute(
        select(
            *(Adjustment.dispute_line_id, Adjustment.public_id, Adjustment.amount, STATE.label("state")),
            Period.code.label("period"),
        )
        .join(DisputedLine, DisputedLine.id == Adjustment.dispute_line_id)
        .join(Period, Period.id == Adjustment.period_id)
        .where(DisputedLine.dispute_id == dispute_id, Adjustment.refused_at.is_(None))
    )
    return {row.dispute_line_id: row for row in rows}


def stated_in(adjustment_id: int) -> AnyRow | None:
    """(public_id, number) of the statement that carries an adjustment; none until it is issued."""
    return db.session.execute(
        select(Statement.public_id, Statement.number)
        .join(Adjustment, Adjustment.period_id == Statement.period_id)
        .where(Adjustment.id == adjustment_id, Adjustment.approved_at.is_not(None))
        .where(Statement.partner_id == Adjustment.partner_id)
        .order_by(Statement.version.desc())
        .limit(1)
    ).one_or_none()


def corrections_of_statement(statement_id: int) -> Sequence[AnyRow]:
    """What corrected a statement later: (amount, reason_code, period, number, public_id) of each, in order.

    The number is that of the statement that says so; none until it is issued.
    """
    later = aliased(Statement)
    return db.session.execute(
        select(
            *(Adjustment.amount, Adjustment.reason_code, Adjustment.changes, Period.code.label("period")),
            *(later.number, later.public_id),
        )
        .join(Period, Period.id == Adjustment.period_id)
        .outerjoin(
            later,
            and_(later.period_id == Adjustment.period_id, later.partner_id == Adjustment.partner_id),
        )
        .where(Adjustment.origin_statement_id == statement_id, Adjustment.approved_at.is_not(None))
        .order_by(Adjustment.id)
    ).all()


def numbers_behind(numbers: Sequence[str]) -> dict[str, Any]:
    """The identifier of each of these statements that the reader may see."""
    rows = db.session.execute(
        select(Statement.number, Statement.public_id).where(Statement.number.in_(numbers))
    )
    return {row.number: row.public_id for row in rows}


def list_runs(period_id: int | None = None, *, limit: int = 20) -> Sequence[AnyRow]:
    """Recomputations, the latest first, with how far each is and what it found."""
    of_run = CorrectionFinding.run_id == CorrectionRun.id
    done = select(func.count()).where(of_run).scalar_subquery()
    proposed = CorrectionFinding.outcome == Outcome.PROPOSED
    differing = select(func.count()).where(of_run, proposed).scalar_subquery()
    query = (
        select(
            *(CorrectionRun.public_id, CorrectionRun.started_at, CorrectionRun.partners, User.name),
            *(
                Period.code.label("period"),
                done.label("done"),
                differing.label("differing"),
            ),
        )
        .join(Period, Period.id == CorrectionRun.period_id)
        .outerjoin(User, User.id == CorrectionRun.started_by_id)
        .order_by(CorrectionRun.id.desc())
        .limit(limit)
    )
    query = query if period_id is None else query.where(CorrectionRun.period_id == period_id)
    return db.session.execute(query).all()


CHANGED = CorrectionFinding.outcome != Outcome.UNCHANGED
VIEWS: dict[str, ColumnElement[bool]] = {
    "": CHANGED,
    "proposed": CorrectionFinding.outcome == Outcome.PROPOSED,
    "nothing": and_(CHANGED, CorrectionFinding.after_amount == CorrectionFinding.before_amount),
    "refused": CorrectionFinding.outcome == Outcome.REFUSED,
}


def count_found(run_id: int) -> dict[str, int]:
    """How many partners in each view of a recomputation."""
    counts = [func.count().filter(condition) for condition in VIEWS.values()]
    row = db.session.execute(select(*counts).where(CorrectionFinding.run_id == run_id)).one()
    return dict(zip(VIEWS, row, strict=True))


def total_found(run_id: int) -> AnyRow:
    """(up, down) of a recomputation: what is given and what is taken."""
    change = CorrectionFinding.after_amount - CorrectionFinding.before_amount
    return db.session.execute(
        select(
            func.coalesce(func.sum(change).filter(change > 0), 0).label("up"),
            func.coalesce(func.sum(change).filter(change < 0), 0).label("down"),
        ).where(CorrectionFinding.run_id == run_id)
    ).one()


def list_findings(run_id: int, *, view: str, page: int, size: int = 50) -> Sequence[AnyRow]:
    """One page of the partners whose inputs changed, the largest difference first."""
    change = CorrectionFinding.after_amount - CorrectionFinding.before_amount
    rows = _findings(run_id, view).order_by(func.abs(change).desc(), Partner.code)
    return db.session.execute(rows.limit(size).offset((page - 1) * size)).all()


def stream_findings(run_id: int, *, view: str) -> Iterator[AnyRow]:
    """All of them by code, for a spreadsheet."""
    rows = _findings(run_id, view).order_by(Partner.code.collate("C"))
    yield from db.session.execute(rows, execution_options={"yield_per": 500})


def _findings(run_id: int, view: str) -> AnySelect:
    found, run = CorrectionFinding, CorrectionRun
    return (
        select(
            *(Partner.code, Partner.legal_name, Partner.public_id.label("firm"), found.outcome),
            *(found.before_amount, found.after_amount, found.changes, Adjustment.public_id),
            (found.after_amount - found.before_amount).label("amount"),
        )
        .join(Partner, Partner.id == found.partner_id)
        .join(run, run.id == found.run_id)
        .outerjoin(
            Adjustment,
            and_(
                *(Adjustment.partner_id == found.partner_id, Adjustment.run_id.is_not(None)),
                *(Adjustment.origin_period_id == run.period_id, found.outcome == Outcome.PROPOSED),
                *(Adjustment.after_amount == found.after_amount, Adjustment.refused_at.is_(None)),
            ),
        )
        .where(found.run_id == run_id, VIEWS[view])
    )
