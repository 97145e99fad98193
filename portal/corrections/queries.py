"""What was stated of a closed period, and where claims stand whose lines differ by now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from portal.claims.models import Claim, ClaimEvent, ClaimLine, ClaimMatch, MatchState
from portal.corrections.models import CorrectionFinding, CorrectionRun
from portal.corrections.recount import Standing
from portal.db import AnyRow, db
from portal.errors import NotFound, Refused
from portal.margin.models import Adjustment, MarginResult, MarginRun, PlanVersion, RunState
from portal.margin.queries import list_run_partners
from portal.orders.models import OrderLine, OrderStatus
from portal.periods.models import Period, PeriodState
from portal.statements.models import Statement


@dataclass(frozen=True)
class CorrectionChunk:
    """Some partners of a recomputation: what one work item stands for."""

    run_id: int
    partner_ids: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.run_id}/{','.join(map(str, self.partner_ids))}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The chunk that a work item's subject names."""
        run_id, ids = text.split("/")
        return cls(int(run_id), tuple(map(int, ids.split(","))))

    def apart(self) -> list[Self]:
        """Each of its partners alone, so that one's failure is its own."""
        return [type(self)(self.run_id, (partner_id,)) for partner_id in self.partner_ids]


def correction_batch(run_id: int) -> str:
    """The batch of the work items that compute a closed period again."""
    return f"correction:{run_id}"


def get_run(public_id: UUID) -> CorrectionRun:
    """A recomputation; NotFound where there is none."""
    query = select(CorrectionRun).where(CorrectionRun.public_id == public_id)
    found = db.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def latest_run_id(period_id: int) -> int | None:
    """The last recomputation of a period: earlier ones have nothing more to say."""
    latest = select(func.max(CorrectionRun.id)).where(CorrectionRun.period_id == period_id)
    return db.session.execute(latest).scalar_one()


def approved_run_of(period: Period) -> MarginRun:
    """The run by which a period was stated; refused while it is not closed."""
    query = select(MarginRun).where(MarginRun.period_id == period.id, MarginRun.state == RunState.APPROVED)
    found = db.session.execute(query).scalar_one_or_none()
    if found is None or period.state is not PeriodState.CLOSED:
        raise Refused("correction_not_closed")
    return found


def next_open_period(origin: Period, *, held: bool = False) -> Period:
    """The period that takes what an earlier one has to have corrected; `held` until the transaction ends."""
    later = or_(
        Period.ends_before > origin.ends_before,
        and_(Period.ends_before == origin.ends_before, Period.starts_on < origin.starts_on),
    )
    query = (
        select(Period)
        .where(later, Period.state == PeriodState.OPEN)
        .order_by(Period.ends_before, Period.starts_on.desc())
        .limit(1)
    )
    query = query.with_for_update(read=True) if held else query
    found = db.session.execute(query).scalar_one_or_none()
    if found is None:
        raise Refused("correction_no_open_period")
    return found


def list_concerned(period: Period, run_id: int) -> Sequence[int]:
    """Partners that a closed period was stated to, and those that it concerns by now, in a stable order."""
    stated = db.session.execute(select(MarginResult.partner_id).where(MarginResult.run_id == run_id))
    return sorted({*stated.scalars(), *list_run_partners(period)})


def stated_results(run_id: int, partner_ids: Sequence[int]) -> dict[int, AnyRow]:
    """By partner: what was stated, from which facts, under which plan."""
    rows = db.session.execute(
        select(
            *(MarginResult.partner_id, MarginResult.earnings, MarginResult.facts),
            *(PlanVersion.id.label("plan_id"), PlanVersion.document.label("plan")),
        )
        .join(PlanVersion, PlanVersion.id == MarginResult.plan_id)
        .where(MarginResult.run_id == run_id, MarginResult.partner_id.in_(partner_ids))
    )
    return {row.partner_id: row for row in rows}


def adjusted_since(period_id: int, partner_ids: Sequence[int]) -> dict[int, Decimal]:
    """By partner: the adjustments of a period's result that were approved so far."""
    rows = db.session.execute(
        select(Adjustment.partner_id, func.sum(Adjustment.amount).label("total"))
        .where(Adjustment.origin_period_id == period_id, Adjustment.partner_id.in_(partner_ids))
        .where(Adjustment.in_result, Adjustment.approved_at.is_not(None))
        .group_by(Adjustment.partner_id)
    )
    return {row.partner_id: row.total for row in rows}


def statements_of(period_id: int, partner_ids: Sequence[int]) -> dict[int, int]:
    """By partner: the last statement of a period."""
    rows = db.session.execute(
        select(Statement.partner_id, Statement.id)
        .where(Statement.period_id == period_id, Statement.partner_id.in_(partner_ids))
        .order_by(Statement.version)
    )
    return {row.partner_id: row.id for row in rows}


def standings_of(refs: Iterable[str]) -> tuple[dict[str, Standing], dict[str, int]]:
    """By ref of the facts: where the line stands today, and its id; in one query."""
    references = {ref.partition("/")[0] for ref in refs}
    event = select(ClaimEvent.id).where(ClaimEvent.claim_id == Claim.id)
    cancelled = or_(OrderLine.status == OrderStatus.CANCELLED, ~OrderLine.is_current)
    matched = (
        select(
            func.sum(ClaimMatch.verified_amount).label("verified"),
            func.bool_or(cancelled).label("cancelled"),
        )
        .join(OrderLine, OrderLine.id == ClaimMatch.order_line_id)
        .where(ClaimMatch.claim_line_id == ClaimLine.id, ClaimMatch.state == MatchState.CONFIRMED)
        .lateral("matched")
    )
    rows = db.session.execute(
        select(
            *(ClaimLine.id, ClaimLine.position, Claim.reference, Claim.state, Claim.decided_at),
            event.where(ClaimEvent.kind == "appealed").exists().label("appealed"),
            event.where(ClaimEvent.state == "in_conflict").exists().label("contested"),
            *(matched.c.verified, matched.c.cancelled),
        )
        .join(Claim, Claim.id == ClaimLine.claim_id)
        .join(matched, matched.c.verified.is_not(None) | matched.c.verified.is_(None))
        .where(Claim.reference.in_(references))
        .order_by(Claim.reference, ClaimLine.position.desc())
    )
    standings, ids = dict[str, Standing](), dict[str, int]()
    for row in rows:
        standing = Standing(
            state=row.state.value,
            decided_at=row.decided_at,
            appealed=row.appealed,
            contested=row.contested,
            verified=row.verified,
            cancelled=bool(row.cancelled),
        )
        for ref in (row.reference, f"{row.reference}/{row.position}"):
            standings[ref], ids[ref] = standing, row.id
    return standings, ids


def pending_proposals(period_id: int, partner_ids: Sequence[int]) -> dict[int, AnyRow]:
    """By partner: what a recomputation of the period proposed and nobody decided, held until the end."""
    rows = db.session.execute(
        select(
            Adjustment.id,
            Adjustment.partner_id,
            Adjustment.amount,
            Adjustment.inputs_sha256,
            Adjustment.version,
        )
        .where(Adjustment.origin_period_id == period_id, Adjustment.partner_id.in_(partner_ids))
        .where(Adjustment.run_id.is_not(None))
        .where(Adjustment.approved_at.is_(None), Adjustment.refused_at.is_(None))
        .with_for_update()
    )
    return {row.partner_id: row for row in rows}


def refused_inputs(period_id: int, partner_ids: Sequence[int]) -> Mapping[int, set[tuple[str, Decimal]]]:
    """By partner: inputs and amounts that were refused, which are not proposed again unchanged."""
    rows = db.session.execute(
        select(Adjustment.partner_id, Adjustment.inputs_sha256, Adjustment.amount)
        .where(Adjustment.origin_period_id == period_id, Adjustment.partner_id.in_(partner_ids))
        .where(Adjustment.run_id.is_not(None), Adjustment.refused_at.is_not(None))
    )
    found: dict[int, set[tuple[str, Decimal]]] = {}
    for partner_id, sha256, amount in rows:
        found.setdefault(partner_id, set()).add((sha256, amount))
    return found


def count_findings(run_id: int) -> int:
    """How many partners of a recomputation are done."""
    count = select(func.count()).where(CorrectionFinding.run_id == run_id)
    return db.session.execute(count).scalar_one()
