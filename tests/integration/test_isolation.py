"""What PostgreSQL itself refuses to show or to take, whatever a statement says."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import files, work
from portal.claims import ClaimState
from portal.db import db
from portal.users.models import Role
from tests import factories
from tests.conftest import Acting
from tests.integration.claims.conftest import World, make_world
from tests.web.lived_in import People, inhabitants
from tests.workers.conftest import context, drain

__all__ = ["context", "drain", "inhabitants"]


class TestTenantIsolation:
    def test_shows_a_partner_its_own_claims_only(self, owner: Session, acting: Acting) -> None:
        mine, other = factories.make_partner(owner), factories.make_partner(owner)
        for partner in (mine, other):
            factories.make_catalogue(owner) if partner is mine else None
            factories.make_claim(owner, partner)
        admin = factories.make_user(owner, Role.PARTNER_ADMIN, partner=mine)
        with acting(admin):
            found = db.session.execute(text("select partner_id from claims")).scalars().all()
        assert found == [mine.id]

    def test_leaves_an_injected_statement_what_its_token_already_is(
        self, owner: Session, acting: Acting
    ) -> None:
        mine, other = factories.make_partner(owner), factories.make_partner(owner)
        factories.make_catalogue(owner)
        factories.make_claim(owner, other)
        admin = factories.make_user(owner, Role.PARTNER_ADMIN, partner=mine)
        with acting(admin):
            for role in (
                "portal_staff",
                "portal_pam",
                "portal_worker",
                "portal_finance",
                "portal_admin",
                "portal_auditor",
            ):
                db.session.execute(text("select set_config('role', :role, true)"), {"role": role})
                assert db.session.execute(text("select count(*) from claims")).scalar() == 0, role

    @pytest.mark.parametrize("table", ["user_secrets", "sessions", "one_time_codes", "sign_in_failures"])
    def test_keeps_secrets_from_every_role_of_the_application(
        self, owner: Session, acting: Acting, table: str
    ) -> None:
        admin = factories.make_user(owner, Role.ADMIN)
        with acting(admin), pytest.raises(DBAPIError):
            db.session.execute(text(f"select * from {table}"))

    def test_does_not_let_the_application_become_the_gate(self, owner: Session, acting: Acting) -> None:
        admin = factories.make_user(owner, Role.ADMIN)
        with acting(admin), pytest.raises(DBAPIError):
            db.session.execute(text("select set_config('role', 'portal_gate', true)"))

    def test_tells_nobody_anything_without_a_token(self, owner: Session, portal: Flask) -> None:
        factories.make_partner(owner)
        assert db.session.execute(text("select count(*) from partners")).scalar() == 0

    def test_opens_a_portfolio_to_its_pam_of_today(self, owner: Session, acting: Acting) -> None:
        pam, other = factories.make_pam(owner), factories.make_pam(owner)
        partner = factories.make_partner(owner, pam=pam)
        grid = factories.make_catalogue(owner)
        factories.make_claim(owner, partner, state=ClaimState.SUBMITTED, grid_id=grid.id)
        counts = []
        for person in (pam, other):
            with acting(person):
                counts.append(db.session.execute(text("select count(*) from claims")).scalar())
        assert counts == [1, 0]


class TestDrafts:
    @pytest.fixture
    def world(self, owner: Session, acting: Acting, tmp_path: Path) -> World:
        files.configure(tmp_path.as_uri())
        return make_world(owner, acting)

    @pytest.mark.parametrize("role", [role for role in Role if not role.is_partner])
    def test_are_hidden_from_staff_with_all_that_hangs_on_them(
        self, owner: Session, acting: Acting, world: World, role: Role
    ) -> None:
        world.draft()
        world.submitted(order_no="CMD-2")
        reader = world.pam if role is Role.PAM else factories.make_user(owner, role)
        seen = {}
        with acting(reader):
            for table in ("claims", "claim_lines", "claim_evidence", "files"):
                try:
                    seen[table] = db.session.execute(text(f"select count(*) from {table}")).scalar()
                except DBAPIError:  # not granted at all
                    db.session.rollback()
            kinds = set(db.session.execute(text("select kind from claim_events")).scalars())
        assert seen and set(seen.values()) <= {0, 1}
        assert seen["claims"] == 1 and "submitted" in kinds

    def test_are_the_account_managers_own_who_writes_one_for_a_firm(
        self, acting: Acting, world: World
    ) -> None:
        query = text("update claims set created_by_id = :pam where id = :id")
        world.owner.execute(query, {"pam": world.pam.id, "id": world.draft().id})
        world.owner.commit()
        counts = {}
        for person in (world.pam, world.lead):
            with acting(person):
                tables = ("claims", "claim_lines", "claim_evidence", "files")
                counts[person.role] = [
                    db.session.execute(text(f"select count(*) from {one}")).scalar() for one in tables
                ]
        assert counts == {Role.PAM: [1, 1, 1, 1], Role.SEGMENT_LEAD: [0, 0, 0, 0]}


class TestWork:
    def test_of_a_firm_is_to_print_its_own_statements(
        self, owner: Session, acting: Acting, inhabitants: People
    ) -> None:
        own = owner.execute(text("select id from statements limit 1")).scalar_one()
        other = factories.make_user(owner, Role.PARTNER_ADMIN, partner=factories.make_partner(owner))
        for person, subject, taken in (
            (inhabitants[Role.PARTNER_MEMBER], own, True), (inhabitants[Role.PAM], own, True), (other, own, False),
            (other, f"{own},1", False), (other, "x", False),
        ):  # fmt: skip
            with acting(person):
                if taken:
                    work.add("statement.render", subject=subject, dedup=f"{person.id}")
                    db.session.rollback()
                else:
                    with pytest.raises(DBAPIError, match="row-level security"):
                        work.add("statement.render", subject=subject, dedup=f"{person.id}")
                    db.session.rollback()
