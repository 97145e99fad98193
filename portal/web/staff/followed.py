"""The rows of a portfolio: each partner's figures, what is near, what is silent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from portal import claims, portfolio
from portal.calendar import paris_date
from portal.claims import Activity
from portal.margin.engine import NextTier
from portal.margin.provisional import Provisional, provisional_of
from portal.partners import Coverage
from portal.periods import Period

SILENT = timedelta(days=90)
FAR = Decimal("Infinity")
NEAR = Decimal("0.10")  # of the objective: a tier that close is worth a call


@dataclass(frozen=True)
class Followed:
    """One partner of a portfolio."""

    public_id: UUID
    code: str
    name: str
    coverage: Coverage
    credited: Decimal
    attained: Decimal | None
    tier: NextTier | None
    near: bool
    activity: Activity
    silent: bool
    unclaimed: int
    next_pam: str | None
    next_on: date | None


def list_followed(pam_id: int, period: Period | None, on: date) -> Sequence[Followed]:
    """A PAM's partners, those near a tier first, then by what is missing."""
    ids = portfolio.followed_by(pam_id, on)
    if period is None or not ids:
        return []
    activity, unclaimed = claims.activity_of(ids), claims.unclaimed_by_firm(ids, on)
    cards = portfolio.pam_of(ids, on)
    rows = [_followed(one, activity, unclaimed, cards, on) for one in provisional_of(period, ids)]
    return sorted(rows, key=lambda row: (not row.near, row.tier.more if row.tier else FAR, row.code))


def _followed(
    one: Provisional, activities: Mapping[int, Activity], unclaimed: Mapping[int, int],
    cards: Mapping[int, portfolio.PamCard], on: date,
) -> Followed:  # fmt: skip
    partner, result, tier = one.facts.partner, one.result, one.next_tier
    activity = activities.get(partner.id, Activity())
    objective = result.measure.objective if result else None
    last = paris_date(activity.last_at) if activity.last_at else partner.starts_on
    return Followed(
        public_id=partner.public_id, code=partner.code, name=partner.legal_name, coverage=partner.coverage,
        credited=result.credited if result else Decimal("0.00"), attained=one.attained, tier=tier,
        near=bool(tier and objective and tier.worth and tier.more <= objective * NEAR),
        activity=activity, silent=on - last > SILENT, unclaimed=unclaimed.get(partner.id, 0),
        next_pam=cards[partner.id].next_pam, next_on=cards[partner.id].next_on,
    )  # fmt: skip
