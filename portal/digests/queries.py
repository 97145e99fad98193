"""What waits for each account manager, and what a month brought to each firm: one query for all of them."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select
from sqlalchemy.orm import aliased

from portal.claims.models import Claim
from portal.claims.workflow import ClaimState
from portal.db import AnyRow, db
from portal.disputes.models import Dispute, DisputeState
from portal.partners.models import Partner
from portal.portfolio.models import Delegation, PamAssignment
from portal.users.models import Role, User, UserState

WITH_PAM = (ClaimState.SUBMITTED, ClaimState.IN_REVIEW)


def waiting_claims(on: date, soon: date) -> Sequence[AnyRow]:
    """Claims to decide by `soon` or late, the most urgent first, with who answers for each."""
    answers = _who_answers(on)
    return db.session.execute(
        select(answers.c.user_id, Claim.reference, Partner.legal_name, Claim.decide_by, Claim.public_id)
        .join(answers, answers.c.partner_id == Claim.partner_id)
        .join(Partner, Partner.id == Claim.partner_id)
        .where(Claim.state.in_(WITH_PAM), Claim.decide_by <= soon)
        .order_by(answers.c.user_id, Claim.decide_by, Claim.reference)
    ).all()


def count_waiting(on: date) -> Sequence[AnyRow]:
    """Per person who answers: (user_id, to_take, to_decide, asked, disputes)."""
    answers = _who_answers(on)
    state: ColumnElement[ClaimState] = Claim.state  # type: ignore[assignment]
    disputed = (
        select(func.count())
        .select_from(Dispute)
        .join(answers, answers.c.partner_id == Dispute.partner_id)
        .where(Dispute.state == DisputeState.OPEN, answers.c.user_id == User.id)
        .correlate(User)
        .scalar_subquery()
    )
    return db.session.execute(
        select(
            User.id.label("user_id"),
            *(User.email, User.name, User.locale),
            func.count(Claim.id).filter(state == ClaimState.SUBMITTED).label("to_take"),
            func.count(Claim.id).filter(state.in_(WITH_PAM)).label("to_decide"),
            func.count(Claim.id).filter(and_(state.in_(WITH_PAM), Claim.decide_by < on)).label("late"),
            disputed.label("disputes"),
        )
        .join(answers, answers.c.user_id == User.id)
        .outerjoin(Claim, and_(Claim.partner_id == answers.c.partner_id, state.in_(WITH_PAM)))
        .where(User.state == UserState.ACTIVE)
        .group_by(User.id)
        .order_by(User.id)
    ).all()


def _who_answers(on: date) -> Subquery:
    """Each followed firm with the account manager of the day, or the deputy of one who is away."""
    delegation = aliased(Delegation)
    return (
        select(
            PamAssignment.partner_id,
            func.coalesce(delegation.deputy_id, PamAssignment.pam_id).label("user_id"),
        )
        .outerjoin(
            delegation,
            and_(
                delegation.pam_id == PamAssignment.pam_id,
                delegation.starts_on <= on,
                delegation.ends_before > on,
            ),
        )
        .where(
            PamAssignment.starts_on <= on,
            or_(PamAssignment.ends_before.is_(None), PamAssignment.ends_before > on),
        )
        .subquery()
    )


def month_of_firms(since: datetime, until: datetime) -> Sequence[AnyRow]:
    """Per firm with something to tell: (partner_id, approved, refused, asked, next_day, curable)."""
    decided = Claim.decided_at.between(since, until)
    asked: ColumnElement[bool] = Claim.state == ClaimState.INFO_REQUESTED
    curable = and_(Claim.state == ClaimState.REJECTED, Claim.cure_by >= until.date())
    counts = {
        "approved": func.count().filter(and_(Claim.state == ClaimState.APPROVED, decided)),
        "refused": func.count().filter(and_(Claim.state == ClaimState.REJECTED, decided)),
        "asked": func.count().filter(asked),
        "curable": func.count().filter(curable),
    }
    next_day = func.min(func.coalesce(Claim.info_due_on, Claim.cure_by)).filter(or_(asked, curable))
    return db.session.execute(
        select(
            Claim.partner_id,
            Partner.legal_name,
            *(count.label(name) for name, count in counts.items()),
            next_day.label("next_day"),
        )
        .join(Partner, Partner.id == Claim.partner_id)
        .group_by(Claim.partner_id, Partner.legal_name)
        .having(or_(*(count > 0 for count in counts.values())))
        .order_by(Claim.partner_id)
    ).all()


def people_of(partner_ids: Sequence[int]) -> Sequence[AnyRow]:
    """The administrators and members of these firms."""
    return db.session.execute(
        select(User.partner_id, User.email, User.name, User.locale, User.id)
        .where(User.partner_id.in_(partner_ids), User.state == UserState.ACTIVE)
        .where(User.role.in_((Role.PARTNER_ADMIN, Role.PARTNER_MEMBER)))
        .order_by(User.partner_id, User.id)
    ).all()
