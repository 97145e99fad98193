"""What the sign-in machinery may do in the database, and what it may not."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal import users
from portal.db import at_the_gate, db, transaction, violated_constraint
from portal.errors import Refused
from portal.users.emails import fill_context
from portal.users.models import CodePurpose, OneTimeCode, Role, User, UserSession, UserState
from tests import factories
from tests.conftest import Acting

PASSWORD = "une phrase assez longue"


def now() -> datetime:
    return datetime.now(UTC)


class TestWorkers:
    def test_make_the_code_while_writing_the_mail_and_cannot_read_it_back(
        self, owner: Session, acting: Acting
    ) -> None:
        user = factories.make_user(owner, Role.PAM, state=UserState.INVITED)
        with acting(None):
            with transaction():
                context = fill_context("account.invitation", user.id, now())
            with pytest.raises(DBAPIError):
                db.session.execute(select(OneTimeCode.code_hash))
        code = context["code_link"].rpartition("/")[2]
        with at_the_gate():
            owner_of_code = users.find_code_owner(code, CodePurpose.INVITATION, at=now())
        assert owner_of_code is not None and owner_of_code.id == user.id
        kept = owner.execute(select(OneTimeCode.code_hash)).scalar_one()
        assert code.encode() not in bytes(kept)

    def test_alone_make_codes(self, owner: Session, acting: Acting) -> None:
        admin = factories.make_user(owner, Role.ADMIN)
        with acting(admin), pytest.raises(DBAPIError), transaction():
            users.issue_code(admin.id, CodePurpose.RESET, now())


class TestGate:
    def test_cannot_make_anybody_an_administrator(self, owner: Session, portal: Flask) -> None:
        user = factories.make_user(owner, Role.PAM)
        with at_the_gate(), pytest.raises(DBAPIError), transaction() as session:
            session.execute(text("update users set role = 'admin' where id = :id"), {"id": user.id})

    def test_opens_a_code_once(self, owner: Session, acting: Acting) -> None:
        user = factories.make_user(owner, Role.PAM, state=UserState.INVITED)
        with acting(None), transaction():
            codes = [users.issue_code(user.id, CodePurpose.INVITATION, now()) for _ in range(2)]
        with at_the_gate(), transaction():
            users.accept_invitation(code=codes[0], password=PASSWORD, at=now())
        for code in codes:
            with at_the_gate(), pytest.raises(Refused, match="code_spent"), transaction():
                users.accept_invitation(code=code, password=PASSWORD, at=now())

    def test_does_not_take_an_invitation_for_a_reset(self, owner: Session, acting: Acting) -> None:
        user = factories.make_user(owner, Role.PAM)
        with acting(None), transaction():
            code = users.issue_code(user.id, CodePurpose.INVITATION, now())
        with at_the_gate(), pytest.raises(Refused), transaction():
            users.complete_reset(code=code, password=PASSWORD, at=now())


class TestPeople:
    def test_lose_their_sessions_with_their_role(self, owner: Session, portal: Flask) -> None:
        user = factories.make_user(owner, Role.PAM)
        factories.make_session(owner, user)
        user.role = Role.FINANCE
        owner.commit()
        owner.expire_all()
        assert owner.execute(select(UserSession.revoked_at)).scalar_one() is not None

    def test_keep_them_when_only_their_name_changes(self, owner: Session, portal: Flask) -> None:
        user = factories.make_user(owner, Role.PAM)
        factories.make_session(owner, user)
        user.name = "Autre nom"
        owner.commit()
        owner.expire_all()
        assert owner.execute(select(UserSession.revoked_at)).scalar_one() is None

    def test_who_follow_partners_cannot_leave(self, owner: Session, portal: Flask) -> None:
        pam = factories.make_pam(owner)
        factories.make_partner(owner, pam=pam)
        pam.state = UserState.DEACTIVATED
        with pytest.raises(IntegrityError) as refused:
            owner.commit()
        assert violated_constraint(refused.value) == "users_followed_partners"

    def test_of_a_firm_never_make_themselves_administrators(self, owner: Session, acting: Acting) -> None:
        partner = factories.make_partner(owner)
        member = factories.make_user(owner, Role.PARTNER_MEMBER, partner=partner)
        with acting(member), transaction() as session:
            session.execute(text("update users set role = 'partner_admin' where id = :id"), {"id": member.id})
        owner.expire_all()
        assert owner.get(User, member.id).role is Role.PARTNER_MEMBER

    def test_of_a_firm_are_changed_by_its_administrator_alone(self, owner: Session, acting: Acting) -> None:
        other = factories.make_user(owner, Role.PARTNER_MEMBER, partner=factories.make_partner(owner))
        admin = factories.make_user(owner, Role.PARTNER_ADMIN, partner=factories.make_partner(owner))
        with acting(admin), transaction() as session:
            done = session.execute(text("update users set name = 'x' where id = :id"), {"id": other.id})
            assert done.rowcount == 0
