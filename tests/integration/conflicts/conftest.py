"""Two firms that claim one project, and the lead who settles it."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from portal import conflicts
from portal.catalogue.models import Grid, ReasonCode, ReasonKind
from portal.claims.models import Claim
from portal.claims.workflow import ClaimState
from portal.conflicts.models import Conflict, ConflictParty
from portal.db import transaction
from portal.partners.models import Partner
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.factories.people import AT


@dataclass
class Rivals:
    """Firms A and B with their administrators, the lead, and a programme."""

    owner: Session
    acting: Acting
    grid: Grid
    firms: tuple[Partner, Partner]
    admins: tuple[User, User]
    lead: User

    def claim(self, firm: int, **values: Any) -> Claim:
        """A claim of one of the two on the same order."""
        given = {"state": ClaimState.IN_REVIEW, "order_no": "CMD-7", "grid_id": self.grid.id, **values}
        if given["state"] in (ClaimState.SUBMITTED, ClaimState.IN_REVIEW):
            given.setdefault("decide_by", AT.date().replace(day=30))
        return factories.make_claim(self.owner, self.firms[firm], author=self.admins[firm], **given)

    def detect(self, *claims: Claim) -> int:
        """What the workers do after a submission."""
        with self.acting(None), transaction():
            return conflicts.look_for_conflicts(claim_ids=[claim.id for claim in claims], at=AT)

    def conflict(self) -> Conflict:
        """The one conflict there is."""
        self.owner.rollback()
        self.owner.expire_all()
        return self.owner.execute(select(Conflict)).scalar_one()

    def parties(self) -> list[ConflictParty]:
        """Its sides, A's first."""
        self.owner.rollback()
        self.owner.expire_all()
        return list(self.owner.execute(select(ConflictParty).order_by(ConflictParty.partner_id)).scalars())

    def states(self) -> list[ClaimState]:
        """The state of every claim, A's first."""
        self.owner.rollback()
        return list(self.owner.execute(select(Claim.state).order_by(Claim.partner_id, Claim.id)).scalars())

    def as_lead(self, do: Any, **given: Any) -> None:
        """An exit of the conflict, by the lead."""
        public_id = self.conflict().public_id
        self.owner.rollback()
        with self.acting(self.lead), transaction():
            do(
                conflict=conflicts.get_conflict(public_id, for_update=True), actor_id=self.lead.id, at=AT,
                **given,
            )  # fmt: skip

    def mails(self) -> list[tuple[str, int | None]]:
        """Kind and firm of every mail to a firm's people."""
        self.owner.rollback()
        return [
            (row[0], row[1])
            for row in self.owner.execute(
                text(
                    "select m.kind, u.partner_id from mails m join users u on u.id = m.user_id"
                    " where u.partner_id is not null order by m.queued_at, u.partner_id, m.kind"
                )
            )
        ]

    def shares(self) -> list[Any]:
        """The share on each claim line, A's first."""
        self.owner.rollback()
        return [
            row[0]
            for row in self.owner.execute(text("select share from claim_lines order by partner_id, id"))
        ]

    def write(self, claim: Claim, **values: Any) -> None:
        """Change a claim's row as its owner."""
        self.owner.execute(update(Claim).where(Claim.id == claim.id).values(**values))
        self.owner.commit()


@pytest.fixture
def rivals(owner: Session, acting: Acting) -> Rivals:
    period = factories.make_period(owner)
    factories.make_plan(owner, period)
    grid = factories.make_catalogue(owner)
    texts = {"label_fr": "Libellé", "label_en": "Label", "cure_fr": "Remède", "cure_en": "Cure"}
    owner.add(ReasonCode(code="CONFLICT_LOST", kind=ReasonKind.REFUSAL, **texts))
    owner.commit()
    firms = factories.make_partner(owner), factories.make_partner(owner)
    admins = tuple(factories.make_user(owner, Role.PARTNER_ADMIN, partner=firm) for firm in firms)
    lead = factories.make_user(owner, Role.SEGMENT_LEAD)
    return Rivals(owner, acting, grid, firms, (admins[0], admins[1]), lead)
