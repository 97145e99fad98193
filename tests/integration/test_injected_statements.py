"""What an injected statement cannot do, whoever is signed in where it is injected."""

from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.claims.models import Claim
from portal.claims.workflow import STEPS, Actor, ClaimState
from portal.db import db, transaction
from portal.partners.models import Partner
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.factories.people import AT

HANDS = {
    Actor.PARTNER: "portal_partner", Actor.PAM: "portal_pam", Actor.LEAD: "portal_staff",
    Actor.PROGRAMME: "portal_staff", Actor.FINANCE: "portal_finance", Actor.CLOCK: "portal_worker",
}  # fmt: skip


@pytest.fixture
def pam(owner: Session) -> User:
    return factories.make_pam(owner)


@pytest.fixture
def partner(owner: Session, pam: User) -> Partner:
    return factories.make_partner(owner, pam=pam)


@pytest.fixture
def person(owner: Session, partner: Partner) -> User:
    return factories.make_user(owner, Role.PARTNER_ADMIN, partner=partner)


@pytest.fixture
def grid(owner: Session) -> int:
    return factories.make_catalogue(owner).id


@pytest.fixture
def other(owner: Session) -> User:
    return factories.make_pam(owner)


@pytest.fixture
def claim(owner: Session, partner: Partner, person: User, grid: int) -> Claim:
    return factories.make_claim(owner, partner, author=person, state=ClaimState.IN_REVIEW, grid_id=grid)


def refused(statement: str, **values: Any) -> None:
    """PostgreSQL refuses the right to the statement, or finds no row that it may touch."""
    given = {name: value for name, value in values.items() if f":{name}" in statement}
    try:
        with transaction() as session:
            assert session.execute(text(statement), given).rowcount == 0, statement  # type: ignore[attr-defined]
    except DBAPIError as error:
        assert getattr(error.orig, "sqlstate", None) == "42501", error


class TestAFirm:
    @pytest.mark.parametrize(
        "values",
        [
            "state = 'approved', decision = 'approved', decided_by_id = :pam, decided_at = :at",
            "state = 'pending_second', first_decided_by_id = :pam, first_decided_at = :at",
            "state = 'submitted'",
            "customer_siren = '000000026'",
            "confidential = true",
            "order_no = 'AUTRE'",
            "submitted_by_id = :pam",
            "decide_by = '2030-01-01'",
            "reference = 'D-FY27-999999'",
            "updated_by_id = :pam",
        ],
    )
    def test_changes_nothing_of_what_it_has_submitted(
        self, acting: Acting, claim: Claim, person: User, pam: User, values: str
    ) -> None:
        with acting(person):
            refused(f"update claims set {values} where id = :id", id=claim.id, pam=pam.id, at=AT)

    @pytest.mark.parametrize(
        "statement",
        [
            "update claim_lines set approved_amount = declared_amount where claim_id = :id",
            "update claim_lines set declared_amount = 1 where claim_id = :id",
            "delete from claim_lines where claim_id = :id",
            "insert into claim_lines (partner_id, claim_id, position, family, declared_amount)"
            " select partner_id, id, 7, 'M365', 5 from claims where id = :id",
            "delete from claims where id = :id",
            "delete from claim_evidence where claim_id = :id",
            "delete from claim_events where claim_id = :id",
        ],
    )
    def test_leaves_lines_papers_and_timeline_of_a_submitted_claim(
        self, acting: Acting, claim: Claim, person: User, statement: str
    ) -> None:
        with acting(person):
            refused(statement, id=claim.id)

    def test_declares_drafts_only(self, acting: Acting, claim: Claim, person: User, pam: User) -> None:
        with acting(person):
            refused(
                "insert into claims (partner_id, reference, state, decision, decided_by_id, decided_at,"
                " created_by_id, created_at, updated_at, customer_siren, customer_name, title, roles, signed_on,"
                " submitted_at, declared_honour_at, grid_id, order_no)"
                " select partner_id, 'D-FY27-888888', 'approved', 'approved', :other, :at, :me, :at, :at, customer_siren,"
                " customer_name, title, roles, signed_on, submitted_at, declared_honour_at, grid_id, 'X'"
                " from claims where id = :id",
                id=claim.id, me=person.id, other=pam.id, at=AT,
            )  # fmt: skip

    def test_signs_nothing_for_another(
        self, acting: Acting, partner: Partner, person: User, pam: User
    ) -> None:
        with acting(person):
            refused(
                "insert into audit_records (at, action, actor_id, partner_id, subject_kind, subject_id)"
                " values (:at, 'claim.approved', :pam, :firm, 'claim', '1')",
                at=AT, pam=pam.id, firm=partner.id,
            )  # fmt: skip

    def test_asks_the_workers_for_letters_only(self, acting: Acting, person: User) -> None:
        with acting(person):
            refused(
                "insert into work_items (id, kind, subject, dedup, run_after, created_at)"
                " values (gen_random_uuid(), 'closing.issue', '1', 'x', :at, :at)",
                at=AT,
            )

    def test_has_no_account_opened_nor_statement_sent_to_an_address_of_its_own(
        self, acting: Acting, partner: Partner, person: User, pam: User
    ) -> None:
        letter = (
            "insert into mails (id, kind, dedup, message_id, partner_id, user_id, recipient, locale, context, queued_at)"
            " values (gen_random_uuid(), :kind, 'x', 'x', :firm, :whose, :to, 'fr', '{}', :at)"
        )
        with acting(person):
            for to in ("voleur@ailleurs.example", pam.email):
                refused(letter, kind="account.reset", firm=partner.id, whose=pam.id, to=to, at=AT)
            refused(
                letter,
                kind="statement.issued",
                firm=partner.id,
                whose=None,
                to="voleur@ailleurs.example",
                at=AT,
            )

    def test_learns_nothing_of_rivals_by_forgetting_its_session(
        self, owner: Session, acting: Acting, claim: Claim, person: User
    ) -> None:
        line = factories.make_order_line(owner, order_no="CMD-9", family="M365", customer_siren="000000018")
        with acting(person):
            db.session.execute(
                text("select set_config('app.session', '', true), set_config('role', 'portal_pam', true)")
            )
            asked = text("select order_line_id from claimed_by_others(array[:line], array[0])")
            told = db.session.execute(asked, {"line": line.id}).scalars().all()
            assert told == [line.id], "which is what it is told of every order"

    def test_becomes_nobody_else_by_tables_of_its_own(
        self, owner: Session, acting: Acting, claim: Claim, person: User
    ) -> None:
        with acting(person), transaction() as session:
            session.execute(text("select set_config('role', 'portal_app', true)"))
            session.execute(
                text("create temporary table users (id bigint, role text, partner_id bigint, state text)")
            )
            session.execute(
                text("insert into users values (:id, 'programme_manager', null, 'active')"), {"id": person.id}
            )
            session.execute(text("grant select on users to public"))
            session.execute(text("select set_config('role', 'portal_staff', true)"))
            assert session.execute(text("select identity_role()")).scalar() == "partner_admin"
            session.rollback()


class TestAnAccountManager:
    def test_decides_in_its_own_name(self, acting: Acting, claim: Claim, other: User, pam: User) -> None:
        with acting(pam):
            refused(
                "update claims set state = 'approved', decision = 'approved', decided_by_id = :other,"
                " decided_at = :at where id = :id",
                id=claim.id, other=other.id, at=AT,
            )  # fmt: skip

    def test_gives_no_second_approval(
        self, owner: Session, acting: Acting, partner: Partner, grid: int, pam: User, other: User
    ) -> None:
        waiting = factories.make_claim(
            owner, partner, state=ClaimState.PENDING_SECOND, grid_id=grid,
            first_decided_by_id=other.id, first_decided_at=AT,
        )  # fmt: skip
        with acting(pam):
            refused(
                "update claims set state = 'approved', decision = 'approved', decided_by_id = :me,"
                " decided_at = :at where id = :id",
                id=waiting.id, me=pam.id, at=AT,
            )  # fmt: skip

    @pytest.mark.parametrize(
        "values", ["customer_name = 'X'", "order_no = 'X'", "declared_honour_at = now()"]
    )
    def test_declares_nothing_for_the_firm(
        self, acting: Acting, claim: Claim, pam: User, values: str
    ) -> None:
        with acting(pam):
            refused(f"update claims set {values} where id = :id", id=claim.id)

    @pytest.mark.parametrize("values", ["declared_amount = 1", "approved_amount = declared_amount"])
    def test_writes_amounts_only_of_what_it_has_decided(
        self, acting: Acting, claim: Claim, pam: User, values: str
    ) -> None:
        with acting(pam):
            refused(f"update claim_lines set {values} where claim_id = :id", id=claim.id)


class TestAnAuditor:
    def test_writes_nothing_but_what_it_has_read_and_the_letters_it_does_without(self, database: str) -> None:
        with psycopg.connect(database) as connection:
            rows = connection.execute(
                "select table_name, privilege_type from information_schema.role_table_grants"
                " where grantee = 'portal_auditor' and privilege_type <> 'SELECT'"
            ).fetchall()
        own = {("mail_preferences", "INSERT"), ("mail_preferences", "UPDATE")}
        assert set(rows) == {("file_readings", "INSERT")} | own


class TestTheStepsOfAClaim:
    def test_are_those_of_the_table(self, database: str) -> None:
        with psycopg.connect(database) as connection:
            kept = connection.execute(
                "select h, s, t from unnest(%s::text[]) h, unnest(%s::text[]) s, unnest(%s::text[]) t"
                " where claim_step_exists(h, s, t)",
                (sorted(set(HANDS.values())), [*ClaimState], [*ClaimState]),
            ).fetchall()
        told = {
            (HANDS[who], s.value, step.target.value)
            for step in STEPS
            for who in step.actors
            for s in step.sources
        }
        assert set(kept) == told


class TestEveryFunctionThatRunsAsTheOwner:
    def test_looks_for_tables_of_the_session_last(self, database: str) -> None:
        with psycopg.connect(database) as connection:
            rows = connection.execute(
                "select proname, proconfig from pg_proc where prosecdef and pronamespace = 'public'::regnamespace"
            ).fetchall()
        assert rows
        assert [name for name, config in rows if config != ["search_path=public, pg_temp"]] == []

    def test_is_open_to_named_roles_only(self, database: str) -> None:
        with psycopg.connect(database) as connection:
            rows = connection.execute(
                "select proname from pg_proc where pronamespace = 'public'::regnamespace"
                " and exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) a where a.grantee = 0)"
            ).fetchall()
        assert rows == []
