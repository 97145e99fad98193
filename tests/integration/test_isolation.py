"""What PostgreSQL itself refuses to show or to take, whatever a statement says."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.db import db
from portal.users.models import Role
from tests import factories
from tests.conftest import Acting


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
        factories.make_catalogue(owner)
        factories.make_claim(owner, partner)
        counts = []
        for person in (pam, other):
            with acting(person):
                counts.append(db.session.execute(text("select count(*) from claims")).scalar())
        assert counts == [1, 0]
