"""The two mails about accounts, as they are read."""

from datetime import UTC, datetime

import pytest

from portal.mail.letters import write_message
from portal.mail.models import Mail

CODE = {"code_link": "/account/reset/abc", "code_until": "2026-11-23T10:00:00+00:00"}


def written(kind: str, locale: str, **context: str) -> tuple[str, str, str]:
    """Subject, text and HTML of a mail."""
    row = Mail(
        kind=kind, recipient="tom@arvelia.example", recipient_name="Tom & Léa", locale=locale, message_id="<a@b.example>",
        queued_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC), context=context,
    )  # fmt: skip
    message = write_message(row, {**context, **CODE}, base_url="https://palier.example")
    plain, rich = message.iter_parts()
    return str(message["Subject"]), plain.get_content(), rich.get_content()


class TestInvitation:
    def test_says_who_invites_and_carries_one_link(self) -> None:
        subject, plain, rich = written(
            "account.invitation", "fr", invited_by="Hélène", firm="Arvélia Conseil"
        )
        assert subject == "Votre accès à Palier, le portail des partenaires"
        for body in (plain, rich):
            assert "Hélène vous invite sur Palier pour Arvélia Conseil." in body
            assert body.count("https://palier.example/account/reset/abc") == 1
            assert "23 novembre 2026 à 11:00" in body
        assert "Tom & Léa" in plain
        assert "Arvélia Conseil.\n" in plain
        assert "Tom &amp; Léa" in rich

    def test_names_nobody_where_one_asked_oneself(self) -> None:
        _subject, plain, _rich = written("account.invitation", "en", invited_by="", firm="")
        assert "Here is a new link to come in to Palier." in plain


class TestReset:
    @pytest.mark.parametrize(("locale", "words"), [("fr", "ne faites rien"), ("en", "do nothing")])
    def test_says_what_to_do_when_it_was_not_asked_for(self, locale: str, words: str) -> None:
        _subject, plain, rich = written("account.reset", locale)
        assert words in plain
        assert words in rich
