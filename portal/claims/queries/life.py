"""What a claim went through beside its steps: appeals, a revocation, messages, published delays."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal.claims.models import Claim, ClaimAppeal, ClaimMessage, ClaimRevocation, DecisionTime, if_known
from portal.db import AnyRow, db
from portal.files.models import FileState, StoredFile
from portal.users.models import User


def appeals_of(claim_id: int) -> Sequence[AnyRow]:
    """Its appeals in their order: what was asked, on which grounds, by whom judged and why."""
    judge = aliased(User)
    return db.session.execute(
        select(
            *(ClaimAppeal.id, ClaimAppeal.level, ClaimAppeal.asks, if_known(ClaimAppeal.grounds)),
            *(ClaimAppeal.made_at, ClaimAppeal.judge_by, ClaimAppeal.outcome, ClaimAppeal.judged_at),
            if_known(ClaimAppeal.reasons),
            *(User.name.label("made_by"), judge.name.label("judged_by")),
        )
        .join(Claim, Claim.id == ClaimAppeal.claim_id)
        .join(User, User.id == ClaimAppeal.made_by_id)
        .outerjoin(judge, judge.id == ClaimAppeal.judged_by_id)
        .where(ClaimAppeal.claim_id == claim_id)
        .order_by(ClaimAppeal.level)
    ).all()


def has_decided(claim_id: int, person_id: int) -> bool:
    """Whether this person made the claim or decided anything of it before."""
    return bool(db.session.execute(select(func.has_decided(claim_id, person_id))).scalar_one())


def open_revocation(claim_id: int) -> AnyRow | None:
    """The proposal to take its approval back that waits for the other side; None where there is none."""
    return db.session.execute(
        select(
            *(ClaimRevocation.id, ClaimRevocation.reason_code, ClaimRevocation.reasons),
            *(ClaimRevocation.proposed_at, ClaimRevocation.proposed_by_id),
            *(User.name.label("proposed_by"), User.role.label("proposed_side")),
        )
        .join(User, User.id == ClaimRevocation.proposed_by_id)
        .where(ClaimRevocation.claim_id == claim_id)
        .where(ClaimRevocation.confirmed_at.is_(None), ClaimRevocation.dropped_at.is_(None))
    ).one_or_none()


def messages_of(claim_id: int) -> Sequence[AnyRow]:
    """Its messages, oldest first, each with its paper where it has one and it is clean."""
    clean = StoredFile.state == FileState.CLEAN
    return db.session.execute(
        select(
            *(ClaimMessage.id, ClaimMessage.at, ClaimMessage.body, User.name.label("author")),
            User.partner_id.is_not(None).label("of_firm"),
            *(ClaimMessage.file_id, StoredFile.public_id.label("file_public_id"), StoredFile.name),
        )
        .join(User, User.id == ClaimMessage.author_id)
        .outerjoin(StoredFile, (StoredFile.id == ClaimMessage.file_id) & clean)
        .where(ClaimMessage.claim_id == claim_id)
        .order_by(ClaimMessage.id)
    ).all()


def published_times() -> dict[str, tuple[date, Decimal]]:
    """Team → (day of publication, median of its decisions in working days), as last published."""
    last = select(func.max(DecisionTime.published_on)).scalar_subquery()
    rows = db.session.execute(
        select(DecisionTime.team, DecisionTime.published_on, DecisionTime.median_days).where(
            DecisionTime.published_on == last
        )
    )
    return {team: (on, median) for team, on, median in rows}
