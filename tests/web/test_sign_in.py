"""Coming in and going out, as a browser does it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import users
from portal.audit.models import AuditRecord
from portal.db import at_the_gate, transaction
from portal.mail.models import Mail
from portal.users.models import (
    CodePurpose,
    OneTimeCode,
    Role,
    SignInFailure,
    User,
    UserSecret,
    UserSession,
    UserState,
)
from tests import factories
from tests.web.conftest import CHEAP, Browser, ClientFor

PASSWORD = "une phrase assez longue"
HASH = CHEAP.hash(PASSWORD)


@pytest.fixture
def person(owner: Session) -> User:
    """A finance person with a password."""
    user = factories.make_user(owner, Role.FINANCE)
    owner.add(UserSecret(user_id=user.id, password_hash=HASH, changed_at=factories.people.AT))
    owner.commit()
    return user


def try_in(browser: Browser, email: str, password: str = PASSWORD, **more: str):
    return browser.send("/account/sign-in", {"email": email, "password": password, **more})


class TestSignIn:
    def test_opens_a_session_and_goes_where_one_was_going(self, client_for: ClientFor, person: User) -> None:
        browser = client_for(None)
        asked = browser.get("/account/profile?a=1")
        assert asked.status_code == 303
        assert asked.location == "/account/sign-in?next=/account/profile?a%3D1"
        answer = try_in(browser, person.email.upper(), next="/account/profile?a=1")
        assert (answer.status_code, answer.location) == (303, "/account/profile?a=1")
        cookie = answer.headers.getlist("Set-Cookie")
        assert any("session=" in one and "HttpOnly" in one and "SameSite=Lax" in one for one in cookie)
        assert browser.get("/account/profile").status_code == 200

    @pytest.mark.parametrize(
        "target", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "x"]
    )
    def test_leads_to_no_other_site(self, client_for: ClientFor, person: User, target: str) -> None:
        assert try_in(client_for(None), person.email, next=target).location == "/"

    def test_says_the_same_to_a_stranger_a_wrong_password_and_a_closed_account(
        self, client_for: ClientFor, owner: Session, person: User
    ) -> None:
        closed = factories.make_user(owner, Role.PAM, state=UserState.DEACTIVATED)
        owner.add(UserSecret(user_id=closed.id, password_hash=HASH, changed_at=factories.people.AT))
        owner.commit()
        tries = [(person.email, "wrong"), ("nobody@palier.example", PASSWORD), (closed.email, PASSWORD)]
        pages = set()
        for email, password in tries:
            answer = try_in(client_for(None), email, password)
            assert answer.status_code == 422
            pages.add(re.sub(r'value="[^"]*"', "", answer.text))
        assert len(pages) == 1
        assert "ne vont pas ensemble" in pages.pop()

    def test_locks_a_person_after_five_failures_even_with_the_right_password(
        self, client_for: ClientFor, owner: Session, person: User
    ) -> None:
        browser = client_for(None)
        for _ in range(5):
            try_in(browser, person.email, "wrong")
        assert try_in(browser, person.email).status_code == 422
        assert "user.locked" in owner.execute(select(AuditRecord.action)).scalars().all()
        owner.execute(update(SignInFailure).values(locked_until=datetime.now(UTC) - timedelta(seconds=1)))
        owner.commit()
        assert try_in(browser, person.email).status_code == 303

    def test_makes_each_further_failure_cost_more(
        self, client_for: ClientFor, owner: Session, person: User
    ) -> None:
        browser, waits = client_for(None), []
        for _ in range(7):
            now = datetime.now(UTC)
            owner.execute(update(SignInFailure).values(locked_until=None))
            owner.commit()
            try_in(browser, person.email, "wrong")
            until = owner.execute(
                select(SignInFailure.locked_until).where(SignInFailure.subject.startswith("person:"))
            ).scalar_one()
            waits.append(round((until - now).total_seconds() / 60) if until else 0)
        assert waits == [0, 0, 0, 0, 1, 2, 4]

    def test_clears_failures_that_are_forgotten(self, client_for: ClientFor, owner: Session) -> None:
        long_ago = datetime.now(UTC) - timedelta(days=3)
        owner.add_all(SignInFailure(subject=f"person:{n}", failures=1, first_at=long_ago) for n in range(3))
        owner.commit()
        try_in(client_for(None), "nobody@palier.example")
        left = owner.execute(select(SignInFailure.first_at)).scalars().all()
        assert len(left) == 2 and min(left) > long_ago

    def test_makes_an_address_wait_that_tries_many_people(self, app: Flask, person: User) -> None:
        def tries(email: str, address: str) -> str | None:
            with app.app_context(), at_the_gate(), transaction():
                return users.sign_in(email=email, password=PASSWORD, address=address, at=datetime.now(UTC))

        for number in range(30):
            tries(f"guess{number}@palier.example", "192.0.2.1")
        assert tries(person.email, "192.0.2.1") is None
        assert tries(person.email, "192.0.2.2") is not None

    def test_ends_the_session_that_the_browser_held(
        self, client_for: ClientFor, owner: Session, person: User
    ) -> None:
        browser = client_for(None)
        try_in(browser, person.email)
        first = browser.get_cookie("session").value
        again = client_for(None)
        again.set_cookie("session", first + "x")
        try_in(again, person.email)
        live = select(UserSession.id).where(UserSession.revoked_at.is_(None))
        assert len(owner.execute(live).all()) == 2
        stolen = client_for(None)
        stolen.set_cookie("session", first)
        assert stolen.get("/account/sign-in").status_code == 303


class TestSignOut:
    def test_ends_the_session_at_once(self, client_for: ClientFor, person: User) -> None:
        browser = client_for(person)
        token = browser.get_cookie("session").value
        assert browser.send("/account/sign-out").location == "/account/sign-in"
        thief = client_for(None)
        thief.set_cookie("session", token)
        assert thief.get("/account/profile").status_code == 303

    def test_is_not_done_by_a_link(self, client_for: ClientFor, person: User) -> None:
        assert client_for(person).get("/account/sign-out").status_code == 405


class TestSession:
    def test_ends_after_thirty_idle_minutes(
        self, client_for: ClientFor, owner: Session, person: User
    ) -> None:
        browser = client_for(person)
        owner.execute(update(UserSession).values(last_seen_at=datetime.now(UTC) - timedelta(minutes=31)))
        owner.commit()
        assert browser.get("/account/profile").status_code == 303

    def test_ends_after_twelve_hours_whatever_one_does(
        self, client_for: ClientFor, owner: Session, person: User
    ) -> None:
        browser = client_for(person)
        owner.execute(update(UserSession).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
        owner.commit()
        assert browser.get("/account/profile").status_code == 303

    def test_that_ends_in_mid_form_gives_the_form_back_filled(
        self, client_for: ClientFor, owner: Session, person: User
    ) -> None:
        browser = client_for(person)
        token = browser.form_token()
        owner.execute(update(UserSession).values(revoked_at=datetime.now(UTC)))
        owner.commit()
        typed = {"csrf_token": token, "name": 'Léa "Li" & fils', "phone": "01 99 00 11 22", "locale": "en"}
        held = browser.post("/account/profile", data=typed)
        assert held.status_code == 401
        assert 'value="Léa &#34;Li&#34; &amp; fils"' in held.text
        wrong = browser.send(
            "/account/profile",
            {**typed, "_resumed": "1", "_sign_in_email": person.email, "_sign_in_password": "no"},
        )
        assert wrong.status_code == 401
        assert "01 99 00 11 22" in wrong.text
        back = browser.send(
            "/account/profile",
            {**typed, "_resumed": "1", "_sign_in_email": person.email, "_sign_in_password": PASSWORD},
        )
        assert back.status_code == 200
        assert 'value="Léa &#34;Li&#34; &amp; fils"' in back.text
        owner.expire_all()
        assert owner.get(User, person.id).name == person.name, "shown again, not saved"
        assert (
            browser.send(
                "/account/profile", {k: v for k, v in typed.items() if k != "csrf_token"}
            ).status_code
            == 303
        )

    def test_that_began_again_elsewhere_keeps_what_an_older_page_sends(
        self, client_for: ClientFor, person: User
    ) -> None:
        browser = client_for(person)
        answer = browser.post(
            "/account/profile",
            data={"csrf_token": "older", "name": "Nouveau nom"},
            headers={"Sec-Fetch-Site": "same-origin"},
        )
        assert answer.status_code == 400
        assert "Nouveau nom" in answer.text


class TestInvitation:
    def issue(self, app: Flask, acting, user: User, purpose: CodePurpose) -> str:
        with acting(None), transaction():
            return users.issue_code(user.id, purpose, datetime.now(UTC))

    def test_lets_the_invited_person_choose_a_password_and_come_in(
        self, client_for: ClientFor, owner: Session, app: Flask, acting
    ) -> None:
        invited = factories.make_user(owner, Role.PAM, state=UserState.INVITED)
        code = self.issue(app, acting, invited, CodePurpose.INVITATION)
        browser = client_for(None)
        path = f"/account/invitation/{code}"
        assert invited.email in browser.get(path).text
        short = browser.send(path, {"password": "court", "again": "court"})
        assert short.status_code == 422
        assert "12 caractères" in short.text
        assert browser.send(path, {"password": PASSWORD, "again": PASSWORD}).status_code == 303
        assert browser.get("/account/profile").status_code == 200
        assert client_for(None).get(path).status_code == 410
        owner.refresh(invited)
        assert invited.state is UserState.ACTIVE

    def test_no_longer_opens_after_a_week(
        self, client_for: ClientFor, owner: Session, app: Flask, acting
    ) -> None:
        invited = factories.make_user(owner, Role.PAM, state=UserState.INVITED)
        code = self.issue(app, acting, invited, CodePurpose.INVITATION)
        owner.execute(update(OneTimeCode).values(expires_at=datetime.now(UTC)))
        owner.commit()
        assert client_for(None).get(f"/account/invitation/{code}").status_code == 410


class TestReset:
    def test_mails_a_link_to_somebody_and_tells_nobody_who_is_who(
        self, client_for: ClientFor, owner: Session, person: User
    ) -> None:
        answers = [
            client_for(None).send("/account/reset", {"email": e}) for e in (person.email, "x@y.example")
        ]
        assert [answer.status_code for answer in answers] == [200, 200]
        mails = owner.execute(select(Mail.recipient, Mail.kind, Mail.context)).all()
        assert [tuple(mail) for mail in mails] == [(person.email, "account.reset", {})]

    def test_ends_every_session_and_forgets_the_failures(
        self, client_for: ClientFor, owner: Session, app: Flask, acting, person: User
    ) -> None:
        elsewhere, browser = client_for(person), client_for(None)
        for _ in range(5):
            try_in(browser, person.email, "wrong")
        with acting(None), transaction():
            code = users.issue_code(person.id, CodePurpose.RESET, datetime.now(UTC))
        fresh = "une autre phrase, longue"
        browser.send(f"/account/reset/{code}", {"password": fresh, "again": fresh})
        assert browser.get("/account/profile").status_code == 200
        assert elsewhere.get("/account/profile").status_code == 303
        assert try_in(client_for(None), person.email, fresh).status_code == 303


class TestLanguage:
    def test_is_the_browsers_until_one_chooses_and_then_ones_own(
        self, client_for: ClientFor, owner: Session, person: User
    ) -> None:
        stranger = client_for(None)
        assert '<html lang="fr"' in stranger.get("/account/sign-in").text
        english = {"Accept-Language": "en-GB,en;q=0.8"}
        assert '<html lang="en"' in stranger.get("/account/sign-in", headers=english).text
        browser = client_for(person)
        assert (
            browser.send("/account/locale", {"locale": "en", "next": "/account/profile"}).location
            == "/account/profile"
        )
        assert '<html lang="en"' in browser.get("/account/profile").text
        owner.refresh(person)
        assert person.locale == "en"


class TestPassword:
    def test_changes_against_the_current_one_and_ends_other_sessions(
        self, client_for: ClientFor, person: User
    ) -> None:
        browser, elsewhere = client_for(person), client_for(person)
        fresh = "une autre phrase, longue"
        wrong = browser.send("/account/password", {"current": "no", "password": fresh, "again": fresh})
        assert wrong.status_code == 422
        answer = browser.send("/account/password", {"current": PASSWORD, "password": fresh, "again": fresh})
        assert answer.status_code == 303
        assert browser.get("/account/profile").status_code == 200
        assert elsewhere.get("/account/profile").status_code == 303
