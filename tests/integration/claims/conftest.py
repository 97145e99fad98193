"""A firm, its people, its account manager and a catalogue to declare with."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from portal import catalogue, claims, files
from portal.claims import Claim, LineInput
from portal.db import transaction
from portal.partners.models import Partner
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.factories import papers
from tests.factories.people import AT

FIELDS = {
    "customer_siren": "000000018", "customer_name": "Banque Orvault", "customer_sector": "bank",
    "title": "Sécurité du poste", "project_type": "security", "roles": ["PRESCRIBE", "DESIGN"],
    "reseller_name": "Revendeur", "order_no": "CMD-881204", "signed_on": date(2026, 10, 20),
    "ordered_on": date(2026, 11, 3),
}  # fmt: skip


@dataclass
class World:
    """Who plays in a test of claims."""

    firm: Partner
    admin: User
    member: User
    pam: User
    lead: User
    acting: Acting
    owner: Session

    def empty(self) -> Claim:
        """A draft in which nothing is written yet."""
        with self.acting(self.member), transaction():
            claim = claims.start_draft(partner_id=self.firm.id, actor_id=self.member.id, at=AT)
        return self.fresh(claim)

    def draft(self, **changes: object) -> Claim:
        """A complete draft with one piece of evidence, written by the firm's member."""
        with self.acting(self.member), transaction():
            claim = claims.start_draft(partner_id=self.firm.id, actor_id=self.member.id, at=AT)
            lines = changes.pop("lines", [LineInput("SECURITY", Decimal("30000.00"))])
            claims.save_draft(
                claim=claim, seen=claim.version, changes={**FIELDS, **changes}, lines=lines,
                 # type: ignore[arg-type]
                actor_id=self.member.id, at=AT,
            )  # fmt: skip
            self.prove(claim)
        return self.fresh(claim)

    def prove(self, claim: Claim) -> None:
        claims.add_evidence(
            claim=claim, source=papers.pdf(), name="contrat.pdf", evidence_type="SIGNED_SOW",
            dated_on=date(2026, 10, 14), actor_id=self.member.id, at=AT,
        )  # fmt: skip

    def submitted(self, **changes: object) -> Claim:
        """A claim that the member has declared."""
        claim = self.draft(**changes)
        with self.acting(self.member), transaction():
            mine = claims.get_claim(claim.public_id)
            claims.submit_claim(claim=mine, seen=mine.version, honour=True, actor_id=self.member.id, at=AT)
        return self.fresh(claim)

    def in_review(self, **changes: object) -> Claim:
        """A claim that the account manager has opened."""
        claim = self.submitted(**changes)
        with self.acting(self.pam), transaction():
            mine = claims.get_claim(claim.public_id)
            claims.take_claim(claim=mine, seen=mine.version, actor_id=self.pam.id, at=AT)
        return self.fresh(claim)

    def fresh(self, claim: Claim) -> Claim:
        """The claim as it stands, read by the database's owner."""
        self.owner.rollback()
        self.owner.expire_all()
        return self.owner.get_one(Claim, inspect(claim).identity[0])

    def scalars(self, sql: str) -> list[object]:
        """One column, as the owner reads it."""
        self.owner.rollback()
        return list(self.owner.execute(text(sql)).scalars())


def make_world(owner: Session, acting: Acting) -> World:
    """The catalogue loaded, a firm with its people, its account manager, a lead."""
    manager = factories.make_user(owner, Role.PROGRAMME_MANAGER)
    with acting(manager), transaction():
        catalogue.load_programme(at=AT, actor_id=manager.id)
    pam = factories.make_pam(owner)
    firm = factories.make_partner(owner, pam=pam)
    return World(
        firm=firm,
        admin=factories.make_user(owner, Role.PARTNER_ADMIN, partner=firm),
        member=factories.make_user(owner, Role.PARTNER_MEMBER, partner=firm),
        pam=pam,
        lead=factories.make_user(owner, Role.SEGMENT_LEAD),
        acting=acting,
        owner=owner,
    )


@pytest.fixture
def world(owner: Session, acting: Acting, tmp_path: Path) -> World:
    files.configure(tmp_path.as_uri())
    return make_world(owner, acting)
