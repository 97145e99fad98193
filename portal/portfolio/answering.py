"""In whose name a PAM answers: its own, that of somebody away, the tele desk's."""

from datetime import date
from enum import StrEnum

from sqlalchemy import and_, or_, select

from portal.db import db
from portal.partners.models import Coverage, Partner
from portal.portfolio.models import Delegation, PamAssignment
from portal.portfolio.queries import away_on, on_day
from portal.users.models import User


class AnswersAs(StrEnum):
    """In whose name a PAM answers for a partner."""

    PAM = "own"
    DEPUTY = "deputy"
    DESK = "desk"


def answered_for(pam_id: int, on: date) -> dict[AnswersAs, list[int]]:
    """The partners that a PAM answers for on a day: in person, as a deputy, or with the tele desk."""
    away = select(Delegation.pam_id).where(Delegation.deputy_id == pam_id, away_on(on))
    desk = select(User.tele).where(User.id == pam_id).scalar_subquery()
    rows = db.session.execute(
        select(PamAssignment.partner_id, PamAssignment.pam_id == pam_id, PamAssignment.pam_id.in_(away))
        .join(Partner, Partner.id == PamAssignment.partner_id)
        .where(on_day(on))
        .where(
            or_(
                PamAssignment.pam_id == pam_id, PamAssignment.pam_id.in_(away),
                and_(desk, Partner.coverage == Coverage.TELE),
            )
        )
    ).all()  # fmt: skip
    found: dict[AnswersAs, list[int]] = {how: [] for how in AnswersAs}
    for partner_id, own, deputy in rows:
        how = AnswersAs.PAM if own else AnswersAs.DEPUTY if deputy else AnswersAs.DESK
        found[how].append(partner_id)
    return found
