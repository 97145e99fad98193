"""What a handover note is written from, read at once for all of its firms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from portal import portfolio
from portal.claims.models import Claim, ClaimLine
from portal.claims.workflow import OPEN, ClaimState
from portal.db import AnyRow, db
from portal.disputes.models import Dispute, DisputeState
from portal.margin.provisional import Provisional, provisional_of
from portal.partners.models import Partner
from portal.periods.models import Period
from portal.periods.queries import current_period
from portal.statements.models import DisputedLine, Statement
from portal.users.models import User

RUNNING = (*OPEN, ClaimState.IN_CONFLICT, ClaimState.APPEALED)
LAST = 5  # decisions of each firm


@dataclass(frozen=True)
class Sources:
    """Rows by firm."""

    firms: Sequence[AnyRow]
    period: Period | None
    figures: Mapping[int, Provisional]
    running: Mapping[int, list[AnyRow]]
    decided: Mapping[int, list[AnyRow]]
    disputes: Mapping[int, list[AnyRow]]
    promises: Mapping[int, list[AnyRow]]


def read_sources(partner_ids: Sequence[int], on: date) -> Sources:
    """Claims that run, figures, disputes, promises, last decisions."""
    period = current_period(on)
    figures = provisional_of(period, partner_ids) if period else ()
    return Sources(
        firms=db.session.execute(
            select(Partner.id, Partner.code, Partner.legal_name, Partner.segment, Partner.coverage)
            .where(Partner.id.in_(partner_ids))
            .order_by(Partner.code)
        ).all(),
        period=period,
        figures={one.facts.partner.id: one for one in figures},
        running=_by_firm(_running(partner_ids)),
        decided=_by_firm(_decided(partner_ids)),
        disputes=_by_firm(_disputes(partner_ids)),
        promises=_by_firm(portfolio.list_promises(partner_ids)),
    )


def read_people(user_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """How each of these people is reached."""
    rows = db.session.execute(select(User.id, User.name, User.phone, User.email).where(User.id.in_(user_ids)))
    return {row.id: {"name": row.name, "phone": row.phone, "email": row.email} for row in rows}


def _by_firm(rows: Sequence[AnyRow]) -> dict[int, list[AnyRow]]:
    found: dict[int, list[AnyRow]] = {}
    for row in rows:
        found.setdefault(row.partner_id, []).append(row)
    return found


_CLAIM = (
    Claim.partner_id, Claim.reference, Claim.title, Claim.customer_name, Claim.confidential, Claim.state,
)  # fmt: skip


def _running(partner_ids: Sequence[int]) -> Sequence[AnyRow]:
    declared = (
        select(func.sum(ClaimLine.declared_amount)).where(ClaimLine.claim_id == Claim.id).scalar_subquery()
    )
    return db.session.execute(
        select(
            *_CLAIM, Claim.decide_by, Claim.clock_left, Claim.info_due_on, Claim.submitted_at,
            declared.label("declared"),
        )
        .where(Claim.partner_id.in_(partner_ids), Claim.state.in_(RUNNING))
        .order_by(func.coalesce(Claim.decide_by, Claim.info_due_on).nulls_last(), Claim.id)
    ).all()  # fmt: skip


def _decided(partner_ids: Sequence[int]) -> Sequence[AnyRow]:
    place = func.row_number().over(
        partition_by=Claim.partner_id, order_by=(Claim.decided_at.desc(), Claim.id.desc())
    )
    ranked = (
        select(Claim.id.label("claim_id"), place.label("place"))
        .where(Claim.partner_id.in_(partner_ids), Claim.decided_at.is_not(None))
        .subquery()
    )
    return db.session.execute(
        select(*_CLAIM, Claim.decision, Claim.decided_at, Claim.reason_code, User.name.label("decided_by"))
        .join(ranked, ranked.c.claim_id == Claim.id)
        .outerjoin(User, User.id == Claim.decided_by_id)
        .where(ranked.c.place <= LAST)
        .order_by(Claim.partner_id, ranked.c.place)
    ).all()


def _disputes(partner_ids: Sequence[int]) -> Sequence[AnyRow]:
    return db.session.execute(
        select(
            *(Dispute.partner_id, Dispute.reason, Dispute.opened_on, Dispute.decide_by, Statement.number),
            func.coalesce(func.sum(DisputedLine.suspended), 0).label("suspended"),
        )
        .join(Statement, Statement.id == Dispute.statement_id)
        .outerjoin(DisputedLine, DisputedLine.dispute_id == Dispute.id)
        .where(Dispute.partner_id.in_(partner_ids), Dispute.state == DisputeState.OPEN)
        .group_by(Dispute.id, Statement.number)
        .order_by(Dispute.decide_by)
    ).all()
