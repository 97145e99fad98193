"""What a password must be, and what is kept of it."""

import pytest

from portal.errors import Invalid
from portal.users.passwords import check_password, hash_password, is_outdated, matches


class TestPassword:
    @pytest.mark.parametrize(
        ("password", "code"),
        [
            ("court", "password_short"), ("x" * 300, "password_long"), ("anne.martin@palier.example", "password_email"),
            ("anne.martin12", "password_email"), ("MotDePasse2026!", "password_common"), ("aaaaaaaaaaaaaaaa", "password_common"),
            ("123456789012", "password_common"), ("azertyuiop123", "password_common"),
        ],
    )  # fmt: skip
    def test_is_refused_when_others_would_guess_it(self, password: str, code: str) -> None:
        with pytest.raises(Invalid) as refused:
            check_password(password, email="anne.martin@palier.example")
        assert refused.value.faults == {"password": code}

    @pytest.mark.parametrize(
        "password", ["une phrase assez longue", "Quatre chats dansent ?", "4815162342 perdus sur l'île"]
    )
    def test_may_be_any_sentence(self, password: str) -> None:
        check_password(password, email="anne.martin@palier.example")

    def test_is_kept_as_an_argon2id_hash_of_64_mib_and_three_passes(self) -> None:
        kept = hash_password("une phrase assez longue")
        assert kept.startswith("$argon2id$v=19$m=65536,t=3,")
        assert matches(kept, "une phrase assez longue")
        assert not matches(kept, "une autre phrase")
        assert not matches(None, "nobody has this password"), "nobody's hash opens nothing"
        assert not is_outdated(kept)
        assert is_outdated(
            "$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHQ$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        )
