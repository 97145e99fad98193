"""Choosing one's letters, ending them by a link, and looking at those the portal writes."""

import re

from sqlalchemy.orm import Session

from portal.mail import Topic, unsubscribe_path
from portal.mail.models import MailPreference
from portal.users.models import Role
from tests import factories
from tests.web.conftest import ClientFor

SECRET = "s" * 32


class TestUnsubscribeLink:
    def test_asks_first_then_ends_the_topic_without_a_page_or_a_token(
        self, owner: Session, client_for: ClientFor
    ) -> None:
        pam, stranger = factories.make_pam(owner), client_for(None)
        path = unsubscribe_path(pam.id, Topic.DIGESTS, secret=SECRET)
        assert stranger.get(path).status_code == 200
        assert owner.get(MailPreference, pam.id) is None, "a scanner that opens the link ends nothing"
        owner.rollback()
        answer = stranger.post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        kept = owner.get_one(MailPreference, pam.id)
        assert (kept.digests, kept.reminders) == (False, True)

    def test_is_refused_when_it_is_not_ours(self, owner: Session, client_for: ClientFor) -> None:
        forged = unsubscribe_path(1, Topic.DIGESTS, secret="another" * 5)
        assert client_for(None).post(forged).status_code == 404


class TestProfile:
    def test_keeps_which_letters_one_wants(self, owner: Session, client_for: ClientFor) -> None:
        pam = factories.make_pam(owner)
        browser = client_for(pam)
        browser.send("/account/letters", {"reminders": "y"})
        kept = owner.get_one(MailPreference, pam.id)
        assert (kept.digests, kept.reminders) == (False, True)
        page = browser.get("/account/profile").get_data(as_text=True)
        assert re.search(r'<input checked[^>]*name="reminders"', page)
        assert not re.search(r'<input checked[^>]*name="digests"', page)


class TestPreview:
    def test_frames_a_letter_that_may_do_nothing(self, owner: Session, client_for: ClientFor) -> None:
        browser = client_for(factories.make_user(owner, Role.ADMIN))
        page = browser.get("/staff/mails/preview/statement.issued?lang=en")
        assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
        assert "<iframe" in page.get_data(as_text=True)
        frame = browser.get("/staff/mails/preview/statement.issued/html?lang=en")
        policy = frame.headers["Content-Security-Policy"]
        nonce = re.search(r"style-src 'nonce-([\w-]+)'", policy)
        assert nonce and f'<style nonce="{nonce[1]}">' in frame.get_data(as_text=True)
        assert "sandbox" in policy and "unsafe" not in policy

    def test_knows_no_other_letter(self, owner: Session, client_for: ClientFor) -> None:
        browser = client_for(factories.make_user(owner, Role.ADMIN))
        assert browser.get("/staff/mails/preview/no.such").status_code == 404
