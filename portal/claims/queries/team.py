"""How the clocks of a team run: each account manager's open claims, what is late, what is due."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select

from portal.calendar import add_working_days
from portal.claims.models import Claim
from portal.claims.workflow import ClaimState
from portal.db import db
from portal.portfolio.models import PamAssignment
from portal.portfolio.queries import on_day

WITH_PAM = (ClaimState.SUBMITTED, ClaimState.IN_REVIEW)
SOON = 2  # working days


@dataclass(frozen=True, slots=True)
class Clocks:
    """Claims of one portfolio: to decide, of which late or due within two working days; with the firm."""

    to_decide: int = 0
    late: int = 0
    soon: int = 0
    with_firm: int = 0


def clocks_by_pam(on: date) -> dict[int, Clocks]:
    """The clocks of every portfolio on a day, by the PAM of record."""
    mine = Claim.state.in_(WITH_PAM)
    late, soon = Claim.decide_by < on, Claim.decide_by <= add_working_days(on, SOON)
    rows = db.session.execute(
        select(
            PamAssignment.pam_id,
            func.count(case((mine, 1))),
            func.count(case((mine & late, 1))),
            func.count(case((mine & ~late & soon, 1))),
            func.count(case((Claim.state == ClaimState.INFO_REQUESTED, 1))),
        )
        .join(Claim, Claim.partner_id == PamAssignment.partner_id)
        .where(on_day(on), Claim.state.in_((*WITH_PAM, ClaimState.INFO_REQUESTED)))
        .group_by(PamAssignment.pam_id)
    )
    return {row[0]: Clocks(*row[1:]) for row in rows}
