"""What PostgreSQL refuses of the records that every use case leaves: audit, work, mail, files, people."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.db import violated_constraint
from portal.users.models import Role
from tests import factories

AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def refused(owner: Session) -> Callable[..., str | None]:
    """Run a statement as the owner; answer the name of the constraint that refused it."""

    def run(statement: str, **values: Any) -> str | None:
        with pytest.raises(DBAPIError) as caught:
            owner.execute(text(statement), {"at": AT, "id": uuid4(), **values})
            owner.commit()
        owner.rollback()
        return violated_constraint(caught.value)

    return run


Refused = Callable[..., str | None]
WORK = "insert into work_items (id, kind, subject, dedup, state, attempt, run_after, created_at, lease_until, done_at) values "
MAIL = "insert into mails (id, kind, dedup, message_id, recipient, locale, context, state, queued_at, sent_at) values "


class TestAudit:
    @pytest.mark.parametrize(
        "change",
        ["update audit_records set action = 'a.b'", "delete from audit_records", "truncate audit_records"],
    )
    def test_is_never_changed(self, owner: Session, refused: Refused, change: str) -> None:
        owner.execute(
            text(
                "insert into audit_records (at, action, subject_kind, subject_id) values (:at, 'claim.approved', 'claim', '1')"
            ),
            {"at": AT},
        )
        owner.commit()
        assert refused(change) == "audit_records_immutable"

    def test_names_actions_as_subject_and_verb(self, refused: Refused) -> None:
        statement = "insert into audit_records (at, action, subject_kind, subject_id) values (:at, 'Approved', 'claim', '1')"
        assert refused(statement) == "ck_audit_records_action"


class TestWorkItems:
    def test_are_leased_until_an_instant(self, refused: Refused) -> None:
        assert (
            refused(WORK + "(:id, 'k', 's', 'd', 'leased', 1, :at, :at, null, null)") == "ck_work_items_lease"
        )

    def test_are_done_at_an_instant(self, refused: Refused) -> None:
        assert refused(WORK + "(:id, 'k', 's', 'd', 'done', 1, :at, :at, null, null)") == "ck_work_items_done"

    def test_are_queued_once_for_one_purpose(self, owner: Session, refused: Refused) -> None:
        row = WORK + "(:id, 'k', 's', 'd', 'ready', 0, :at, :at, null, null)"
        owner.execute(text(row), {"id": uuid4(), "at": AT})
        owner.commit()
        assert refused(row) == "uq_work_items_kind"


class TestMails:
    def test_have_one_message_id_for_ever(self, owner: Session, refused: Refused) -> None:
        row = MAIL + "(:id, 'k', :d, '<1@x>', 'a@b.example', 'fr', '{}', 'queued', :at, null)"
        owner.execute(text(row), {"id": uuid4(), "at": AT, "d": "one"})
        owner.commit()
        assert refused(row, d="two") == "uq_mails_message_id"

    def test_are_sent_at_an_instant(self, refused: Refused) -> None:
        row = MAIL + "(:id, 'k', 'd', '<1@x>', 'a@b.example', 'fr', '{}', 'sent', :at, null)"
        assert refused(row) == "ck_mails_sent"


class TestFiles:
    def test_never_change_their_content(self, owner: Session, refused: Refused) -> None:
        owner.execute(
            text(
                "insert into files (sha256, size, media_type, name, state, created_at) values (:h, 1, 'a/b', 'n', 'clean', :at)"
            ),
            {"h": "0" * 64, "at": AT},
        )
        owner.commit()
        assert refused("update files set sha256 = :h", h="1" * 64) == "files_immutable"
        assert refused("delete from files") == "files_immutable"


class TestUsers:
    def test_belong_to_a_firm_exactly_when_their_role_says_so(self, owner: Session, refused: Refused) -> None:
        partner = factories.make_partner(owner)
        row = "insert into users (email, name, role, partner_id, created_at) values ('x@y.example', 'X', :role, :p, :at)"
        assert refused(row, role="pam", p=partner.id) == "ck_users_partner"
        assert refused(row, role="partner_admin", p=None) == "ck_users_partner"

    def test_have_an_address_once_and_in_lower_case(self, owner: Session, refused: Refused) -> None:
        user = factories.make_user(owner, Role.FINANCE)
        row = "insert into users (email, name, role, created_at) values (:email, 'X', 'finance', :at)"
        assert refused(row, email=user.email) == "uq_users_email"
        assert refused(row, email="Upper@y.example") == "ck_users_email"

    def test_hold_no_session_without_saying_whose(self, refused: Refused) -> None:
        row = "insert into sessions (token_hash, created_at, last_seen_at, expires_at) values ('x', :at, :at, :at)"
        assert refused(row) == "ck_sessions_whose"


class TestPartners:
    @pytest.mark.parametrize(("column", "value", "constraint"), [
        ("code", "42", "ck_partners_code"), ("siren", "12", "ck_partners_siren"), ("segment", "X", "ck_partners_segment"),
        ("legal_name", "", "ck_partners_legal_name"), ("ends_before", "2020-01-01", "ck_partners_life"),
    ])  # fmt: skip
    def test_are_refused_when_malformed(
        self, owner: Session, refused: Refused, column: str, value: str, constraint: str
    ) -> None:
        factories.make_partner(owner)
        assert refused(f"update partners set {column} = '{value}'") == constraint
