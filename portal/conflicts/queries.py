"""Reading conflicts: all of one for the lead, its own side for a firm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select, text

from portal.claims.models import Claim, ClaimEvidence, ClaimLine, ClaimMatch, MatchState, if_known
from portal.conflicts.models import Conflict, ConflictParty, ConflictPolicy, ConflictState, PolicyOfPlan
from portal.db import AnyRow, db
from portal.errors import NotFound
from portal.margin.models import PlanState, PlanVersion
from portal.orders.models import OrderLine
from portal.partners.models import Partner
from portal.periods.models import Period


def find_party(claim_id: int) -> ConflictParty | None:
    """The firm's side of the last conflict of its claim, once it was told."""
    query = select(ConflictParty).where(
        ConflictParty.claim_id == claim_id, ConflictParty.told_at.is_not(None)
    )
    return db.session.execute(query.order_by(ConflictParty.id.desc()).limit(1)).scalar_one_or_none()


def get_party(public_id: UUID) -> ConflictParty:
    """A firm's side of a conflict; NotFound where it is not the reader's."""
    query = select(ConflictParty).where(
        ConflictParty.public_id == public_id, ConflictParty.told_at.is_not(None)
    )
    found = db.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def waiting_for(partner_id: int) -> Sequence[AnyRow]:
    """Conflicts that wait for this firm: for its answers, or for it to sign the part it is offered."""
    asked = ConflictParty.answered_at.is_(None)
    replied = func.num_nonnulls(ConflictParty.signed_at, ConflictParty.declined_at) > 0
    offered = ConflictParty.offered_at.is_not(None) & ~replied
    return db.session.execute(
        select(
            *(ConflictParty.public_id, ConflictParty.due_on, offered.label("offered")),
            *(Claim.reference, Claim.title),
        )
        .join(Claim, Claim.id == ConflictParty.claim_id)
        .where(ConflictParty.partner_id == partner_id, ConflictParty.told_at.is_not(None))
        .where(ConflictParty.settled_at.is_(None), asked | offered)
        .order_by(ConflictParty.due_on, ConflictParty.id)
    ).all()


def names_of_others(party: ConflictParty) -> list[str]:
    """The other firms by name, once every firm has agreed to it; nothing before."""
    query = text("select conflict_names(cast(:party as uuid))")
    return list(db.session.execute(query, {"party": str(party.public_id)}).scalars())


def get_conflict(public_id: UUID, *, for_update: bool = False) -> Conflict:
    """A conflict for those who settle it; NotFound otherwise."""
    query = select(Conflict).where(Conflict.public_id == public_id)
    query = query.with_for_update() if for_update else query
    found = db.session.execute(
        query, execution_options={"populate_existing": for_update}
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def parties_of(conflict_id: int) -> Sequence[ConflictParty]:
    """The sides of a conflict, in the order they were found."""
    query = select(ConflictParty).where(ConflictParty.conflict_id == conflict_id).order_by(ConflictParty.id)
    return db.session.execute(query).scalars().all()


def claims_of(conflict_id: int) -> dict[int, Claim]:
    """The claims of a conflict, by id."""
    query = (
        select(Claim)
        .join(ConflictParty, ConflictParty.claim_id == Claim.id)
        .where(ConflictParty.conflict_id == conflict_id)
    )
    return {claim.id: claim for claim in db.session.execute(query).scalars()}


def list_conflicts(*, settled: bool = False, limit: int = 100) -> Sequence[AnyRow]:
    """Conflicts that wait for the lead, the oldest first; or those that ended, the latest first."""
    waiting = Conflict.state.in_((ConflictState.SUSPECTED, ConflictState.OPEN))
    firms = func.array_agg(Partner.legal_name).label("firms")
    query = (
        select(
            *(Conflict.public_id, Conflict.state, Conflict.cause, Conflict.families, Conflict.found_at),
            *(Conflict.outcome, Conflict.decided_at, firms),
            func.array_agg(Claim.reference).label("references"),
            func.max(if_known(Claim.customer_name)).label("customer"),
            func.bool_and(Claim.is_known).label("is_known"),
            func.max(ConflictParty.due_on).label("due_on"),
            func.count(ConflictParty.answered_at).label("answered"),
            func.count().label("parties"),
        )
        .join(ConflictParty, ConflictParty.conflict_id == Conflict.id)
        .join(Claim, Claim.id == ConflictParty.claim_id)
        .join(Partner, Partner.id == ConflictParty.partner_id)
        .where(~waiting if settled else waiting)
        .group_by(Conflict.id)
    )
    by = (Conflict.decided_at.desc(),) if settled else (Conflict.state, Conflict.found_at)
    return db.session.execute(query.order_by(*by, Conflict.id).limit(limit)).all()


def count_waiting() -> int:
    """How many conflicts wait for the lead."""
    waiting = Conflict.state.in_((ConflictState.SUSPECTED, ConflictState.OPEN))
    return db.session.execute(select(func.count()).select_from(Conflict).where(waiting)).scalar_one()


@dataclass(frozen=True, slots=True)
class Side:
    """A firm's declaration, as it stands beside the other's."""

    party: ConflictParty
    claim: Claim
    partner: AnyRow
    lines: Sequence[AnyRow]
    proofs: Sequence[AnyRow]
    orders: Sequence[AnyRow]


def sides_of(conflict: Conflict) -> list[Side]:
    """Every declaration of a conflict with its lines, evidence and orders."""
    claims, parties = claims_of(conflict.id), parties_of(conflict.id)
    ids = [party.partner_id for party in parties]
    firms = {
        row.id: row
        for row in db.session.execute(
            select(Partner.id, Partner.public_id, Partner.code, Partner.legal_name, Partner.segment).where(
                Partner.id.in_(ids)
            )
        )
    }
    lines, proofs, orders = (_by_claim(rows) for rows in (_lines(claims), _proofs(claims), _orders(claims)))
    return [
        Side(
            party, claims[party.claim_id], firms[party.partner_id], lines.get(party.claim_id, []),
            proofs.get(party.claim_id, []), orders.get(party.claim_id, []),
        )
        for party in parties
    ]  # fmt: skip


def _by_claim(rows: Sequence[AnyRow]) -> dict[int, list[AnyRow]]:
    found: dict[int, list[AnyRow]] = {}
    for row in rows:
        found.setdefault(row.claim_id, []).append(row)
    return found


def _lines(claims: dict[int, Claim]) -> Sequence[AnyRow]:
    return db.session.execute(
        select(ClaimLine.claim_id, ClaimLine.family, ClaimLine.declared_amount, ClaimLine.approved_amount)
        .where(ClaimLine.claim_id.in_(claims))
        .order_by(ClaimLine.position)
    ).all()


def _proofs(claims: dict[int, Claim]) -> Sequence[AnyRow]:
    return db.session.execute(
        select(ClaimEvidence.claim_id, ClaimEvidence.evidence_type, ClaimEvidence.dated_on)
        .where(
            ClaimEvidence.claim_id.in_(claims), ClaimEvidence.replaced_by_id.is_(None),
            ClaimEvidence.withdrawn_at.is_(None),
        )
        .order_by(ClaimEvidence.dated_on.nulls_last(), ClaimEvidence.id)
    ).all()  # fmt: skip


def _orders(claims: dict[int, Claim]) -> Sequence[AnyRow]:
    return db.session.execute(
        select(
            ClaimLine.claim_id, if_known(OrderLine.order_no), OrderLine.ordered_on, OrderLine.amount,
            OrderLine.currency, (ClaimMatch.state == MatchState.CONFIRMED).label("confirmed"),
        )
        .join(Claim, Claim.id == ClaimLine.claim_id)
        .join(ClaimMatch, ClaimMatch.claim_line_id == ClaimLine.id)
        .join(OrderLine, OrderLine.id == ClaimMatch.order_line_id)
        .where(ClaimLine.claim_id.in_(claims))
        .order_by(OrderLine.order_no)
    ).all()  # fmt: skip


def policy_of(conflict_id: int) -> ConflictPolicy:
    """The published rule of the plans concerned; best evidence where they say nothing, or differ."""
    day = func.coalesce(Claim.ordered_on, Claim.signed_on)
    rows = db.session.execute(
        select(func.coalesce(PolicyOfPlan.policy, ConflictPolicy.BEST_EVIDENCE.value))
        .distinct()
        .select_from(ConflictParty)
        .join(Claim, Claim.id == ConflictParty.claim_id)
        .join(Partner, Partner.id == Claim.partner_id)
        .join(Period, (Period.starts_on <= day) & (Period.ends_before > day))
        .join(
            PlanVersion,
            (PlanVersion.period_id == Period.id)
            & (PlanVersion.segment == Partner.segment)
            & (PlanVersion.state == PlanState.PUBLISHED),
        )
        .outerjoin(PolicyOfPlan, PolicyOfPlan.plan_code == PlanVersion.code)
        .where(ConflictParty.conflict_id == conflict_id)
    ).scalars().all()  # fmt: skip
    return ConflictPolicy(rows[0]) if len(rows) == 1 else ConflictPolicy.BEST_EVIDENCE


def list_policies(codes: Sequence[str]) -> dict[str, ConflictPolicy]:
    """The rule of each of these plans, where one was set."""
    query = select(PolicyOfPlan.plan_code, PolicyOfPlan.policy).where(PolicyOfPlan.plan_code.in_(codes))
    return {code: ConflictPolicy(policy) for code, policy in db.session.execute(query)}


def due_parties(on: date) -> Sequence[ConflictParty]:
    """Sides without an answer whose last day is this one."""
    query = select(ConflictParty).where(
        ConflictParty.due_on == on, ConflictParty.answered_at.is_(None), ConflictParty.settled_at.is_(None)
    )
    return db.session.execute(query.order_by(ConflictParty.id)).scalars().all()


def overdue_conflicts(on: date) -> Sequence[Conflict]:
    """Open conflicts whose every firm has answered or had its time, on the day it ran out."""
    waits = or_(ConflictParty.due_on.is_(None), ConflictParty.due_on >= on)
    late = select(ConflictParty.id).where(ConflictParty.conflict_id == Conflict.id, waits)
    query = select(Conflict).where(Conflict.state == ConflictState.OPEN, ~late.exists())
    return db.session.execute(query.order_by(Conflict.id)).scalars().all()
