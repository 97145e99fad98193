"""Example 10 of the margin rules as rows: a whole half-year of « Arvélia Conseil », fictional."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.claims.models import Claim, ClaimLine
from portal.claims.workflow import ClaimState
from portal.partners.models import Partner
from portal.periods.models import Period
from portal.users.models import Role, User
from tests import factories
from tests.factories import measure

ALL = ["PRESCRIBE", "DESIGN", "INTEGRATE", "DEPLOY"]
CORE = ["PRESCRIBE", "DESIGN"]
ORDERED = date(2026, 3, 10)
DATES = {"signed_on": date(2026, 3, 2), "ordered_on": ORDERED}


@dataclass
class Arvelia:
    """The firm, its people and the period of the example."""

    partner: Partner
    admin: User
    period: Period
    claims: dict[int, Claim]


def arrange(owner: Session) -> Arvelia:
    """Claims 1 to 9 with their orders, the objective, the competency, the score, what came before."""
    grid = factories.make_catalogue(owner)
    before, period = factories.make_period(owner, "FY26-H1"), factories.make_period(owner, "FY26-H2")
    partner = factories.make_partner(owner, code="P-00042", legal_name="Arvélia Conseil")
    rival = factories.make_partner(owner, code="P-00311")
    admin = factories.make_user(owner, Role.PARTNER_ADMIN, partner=partner)
    earlier = factories.make_plan(owner, before)
    factories.make_plan(owner, period)
    measure.make_objective(owner, partner, period, "150000.00", baseline=Decimal("152000.00"))
    measure.make_competency(owner, partner, "INFRA", date(2024, 5, 1))
    measure.make_score(owner, partner, period, "8.1")
    measure.make_adjustment(owner, partner, before, period, "-412.37")
    measure.make_result(owner, partner, before, earlier, carry_out="88.10")
    claims = _claims(owner, partner, admin, grid.id)
    _share(owner, claims[4], rival, grid.id)
    return Arvelia(partner, admin, period, claims)


def _claims(owner: Session, partner: Partner, admin: User, grid_id: int) -> dict[int, Claim]:
    approved, claims = ClaimState.APPROVED, {}
    for number, family, amount, roles, state in (
        (1, "M365", "48000.00", ALL, approved), (2, "AZURE_INFRA", "85250.40", ALL, approved),
        (3, "SQL", "27415.33", CORE, approved), (4, "SECURITY", "54321.09", CORE, approved),
        (5, "WIN_SERVER", "22000.00", ALL, ClaimState.REJECTED), (6, "WIN_SERVER", "24900.00", CORE, approved),
        (7, "M365", "30000.00", CORE, approved), (8, "SYSTEM_CENTER", "12600.00", ALL, ClaimState.APPEALED),
        (9, "EXCHANGE", "9000.00", ALL, ClaimState.WITHDRAWN),
    ):  # fmt: skip
        claims[number] = factories.make_claim(
            owner, partner, author=admin, state=state, amounts=((family, amount),), grid_id=grid_id, roles=roles,
            reference=f"D-FY26-{number:06d}", order_no=f"CMD-{number}",
            **({**DATES, "ordered_on": date(2026, 7, 1)} if number == 7 else DATES),
            **({"reason_code": "EVIDENCE_AFTER_ORDER", "cure_by": date(2026, 8, 1)} if number == 5 else {}),
        )  # fmt: skip
        if state is approved:
            late = {"ordered_at": datetime(2026, 6, 30, 22, 30, tzinfo=UTC)}
            order = {"order_no": f"CMD-{number}", "ordered_on": ORDERED}
            order |= late | {"ordered_on": date(2026, 7, 1)} if number == 7 else {}
            measure.make_ordered(owner, claims[number], amount, family, **order)
    return claims


def _share(owner: Session, claim: Claim, rival: Partner, grid_id: int) -> None:
    """Claim 4 is shared 80/20 with another firm, which claims the same order."""
    theirs = factories.make_claim(
        owner,
        rival,
        state=ClaimState.APPROVED,
        amounts=(("SECURITY", "54321.09"),),
        grid_id=grid_id,
        order_no="CMD-4",
        **DATES,
    )
    for whose, share in ((claim, "0.80"), (theirs, "0.20")):
        owner.execute(update(ClaimLine).where(ClaimLine.claim_id == whose.id).values(share=Decimal(share)))
    order_id = owner.execute(measure.order_of(claim)).scalar_one()
    measure.make_match(owner, theirs, owner.get_one(measure.OrderLine, order_id))
