"""One claim and all that hangs on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text, and_, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from portal import catalogue
from portal.claims.models import (
    Claim,
    ClaimEvent,
    ClaimEvidence,
    ClaimGridTick,
    ClaimLine,
    ClaimMatch,
    ClaimMessage,
    ClaimRevocation,
    MatchState,
    if_known,
)
from portal.claims.workflow import Action, ClaimState, Finding, Paper, findings
from portal.db import AnyRow, db
from portal.errors import NotFound
from portal.files.models import FileReading, FileState, StoredFile
from portal.orders.models import OrderLine
from portal.users.models import User


def get_claim(public_id: UUID) -> Claim:
    """A claim that the reader may see; NotFound otherwise."""
    claim = db.session.execute(select(Claim).where(Claim.public_id == public_id)).scalar_one_or_none()
    if claim is None:
        raise NotFound
    return claim


def draft_of(public_id: UUID) -> Claim:
    """A claim still being written; NotFound otherwise."""
    claim = get_claim(public_id)
    if claim.state is not ClaimState.DRAFT:
        raise NotFound
    return claim


def lines_of(claim_id: int) -> Sequence[AnyRow]:
    """Its lines with their four amounts: declared, approved, verified, credited."""
    verified = case((ClaimMatch.state == MatchState.CONFIRMED, ClaimMatch.verified_amount))
    return db.session.execute(
        select(
            ClaimLine.id, ClaimLine.position, ClaimLine.family, ClaimLine.agreement,
            ClaimLine.cut_reason_code,
            ClaimLine.declared_amount.label("declared"), ClaimLine.approved_amount.label("approved"),
            func.sum(verified).label("verified"), func.sum(ClaimMatch.credited_amount).label("credited"),
        )
        .outerjoin(ClaimMatch, ClaimMatch.claim_line_id == ClaimLine.id)
        .where(ClaimLine.claim_id == claim_id)
        .group_by(ClaimLine.id)
        .order_by(ClaimLine.position)
    ).all()  # fmt: skip


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A piece of evidence and the file it is."""

    id: int
    public_id: UUID
    file_id: int
    file_public_id: UUID
    name: str
    media_type: str
    size: int
    state: FileState
    evidence_type: str
    dated_on: date | None
    uploaded_at: datetime
    uploaded_by: str
    replaced: bool
    withdrawn_at: datetime | None

    @property
    def current(self) -> bool:
        """Whether it still counts as proof."""
        return not self.replaced and self.withdrawn_at is None


def evidence_of(claim_id: int) -> list[EvidenceRow]:
    """All its evidence in the order it came, replaced and withdrawn pieces included."""
    return [EvidenceRow(**row._mapping) for row in _evidence(ClaimEvidence.claim_id == claim_id)]


def get_evidence(public_id: UUID) -> ClaimEvidence:
    """A piece of evidence that the reader may see; NotFound otherwise."""
    query = select(ClaimEvidence).where(ClaimEvidence.public_id == public_id)
    found = db.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def _evidence(condition: object) -> Sequence[AnyRow]:
    return db.session.execute(
        select(
            ClaimEvidence.id, ClaimEvidence.public_id, ClaimEvidence.file_id, StoredFile.name,
            StoredFile.size, StoredFile.state,
            StoredFile.public_id.label("file_public_id"), StoredFile.media_type, ClaimEvidence.evidence_type,
            ClaimEvidence.dated_on, ClaimEvidence.uploaded_at, User.name.label("uploaded_by"),
            ClaimEvidence.replaced_by_id.is_not(None).label("replaced"), ClaimEvidence.withdrawn_at,
        )
        .join(StoredFile, StoredFile.id == ClaimEvidence.file_id)
        .join(User, User.id == ClaimEvidence.uploaded_by_id)
        .where(condition)  # type: ignore[arg-type]
        .order_by(ClaimEvidence.id)
    ).all()  # fmt: skip


def timeline_of(claim_id: int) -> Sequence[AnyRow]:
    """Its events, latest first: kind, state, at, actor, proposed_by, of_firm, on_behalf_of, reason, words."""
    behalf, proposer = aliased(User), aliased(User)
    telling = cast(["name", "page", "order_no", "enrolment_no"], ARRAY(Text))
    details = case((Claim.is_known, ClaimEvent.details), else_=ClaimEvent.details.op("-")(telling))
    ended = and_(
        ClaimRevocation.claim_id == ClaimEvent.claim_id, ClaimRevocation.confirmed_at == ClaimEvent.at
    )
    return db.session.execute(
        select(
            ClaimEvent.kind, ClaimEvent.state, ClaimEvent.at, User.name.label("actor"),
            ClaimEvent.reason_code,
            User.partner_id.is_not(None).label("of_firm"), behalf.name.label("on_behalf_of"),
            if_known(ClaimEvent.note), details.label("details"), proposer.name.label("proposed_by"),
        )
        .join(Claim, Claim.id == ClaimEvent.claim_id)
        .outerjoin(User, User.id == ClaimEvent.actor_id)
        .outerjoin(behalf, behalf.id == ClaimEvent.on_behalf_of_id)
        .outerjoin(ClaimRevocation, ended & (ClaimEvent.kind == Action.REVOKE))
        .outerjoin(proposer, proposer.id == ClaimRevocation.proposed_by_id)
        .where(ClaimEvent.claim_id == claim_id)
        .order_by(ClaimEvent.id.desc())
    ).all()  # fmt: skip


def readings_of(claim_id: int) -> Sequence[AnyRow]:
    """Who opened its files, evidence and messages alike: file_id, name, last_at, times."""
    joined = select(ClaimEvidence.file_id).where(ClaimEvidence.claim_id == claim_id)
    sent = select(ClaimMessage.file_id).where(ClaimMessage.claim_id == claim_id)
    last_at = func.max(FileReading.at).label("last_at")
    return db.session.execute(
        select(FileReading.file_id, User.name, last_at, func.count().label("times"))
        .join(User, User.id == FileReading.user_id)
        .where(or_(FileReading.file_id.in_(joined), FileReading.file_id.in_(sent)))
        .group_by(FileReading.file_id, User.name)
        .order_by(last_at.desc())
    ).all()


def matches_of(claim_id: int) -> Sequence[AnyRow]:
    """The orders found for it, for the vendor's people: match and order columns, by line."""
    return db.session.execute(
        select(
            ClaimMatch.id, ClaimMatch.claim_line_id, ClaimMatch.kind, ClaimMatch.state,
            ClaimMatch.verified_amount,
            if_known(OrderLine.order_no), OrderLine.family, OrderLine.amount, OrderLine.currency,
            OrderLine.ordered_on, OrderLine.status,
        )
        .join(ClaimLine, ClaimLine.id == ClaimMatch.claim_line_id)
        .join(Claim, Claim.id == ClaimLine.claim_id)
        .join(OrderLine, OrderLine.id == ClaimMatch.order_line_id)
        .where(ClaimLine.claim_id == claim_id)
        .order_by(ClaimLine.position, OrderLine.order_no)
    ).all()  # fmt: skip


def ticks_of(claim_id: int) -> dict[str, str]:
    """The checks ticked by the reviewer, with their name."""
    query = (
        select(ClaimGridTick.check_code, User.name)
        .join(User, User.id == ClaimGridTick.ticked_by_id)
        .where(ClaimGridTick.claim_id == claim_id)
    )
    return dict(db.session.execute(query).all())


def grid_of(claim: Claim, *, on: date) -> list[tuple[catalogue.Entry, Finding]]:
    """The grid that judges the claim (before submission: the one in force), with what its facts answer."""
    grid_id = claim.grid_id or catalogue.grid_in_force(on)
    checks = catalogue.list_checks(grid_id) if grid_id else []
    papers = db.session.execute(
        select(ClaimEvidence.evidence_type, ClaimEvidence.dated_on).where(
            ClaimEvidence.claim_id == claim.id,
            ClaimEvidence.replaced_by_id.is_(None),
            ClaimEvidence.withdrawn_at.is_(None),
        )
    )
    found = findings(
        [check.code for check in checks],
        roles=claim.roles,
        papers=[Paper(*paper) for paper in papers],
        ordered_on=claim.ordered_on or claim.signed_on,
        numbered=bool(claim.order_no or claim.enrolment_no),
    )
    return [(check, found[check.code]) for check in checks]
