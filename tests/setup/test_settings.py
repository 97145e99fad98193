import ast
from dataclasses import replace
from pathlib import Path

import pytest

import config
from config import ConfigError, Settings, derived_secret, login_url

OWNER = "postgresql://owner:pass%40word@db.example:5432/palier"
WHOLE = {
    "DATABASE_URL": OWNER,
    "REDIS_URL": "redis://queue.example",
    "SMTP_URL": "smtp://mail.example:25",
    "SECRET_KEY": "k" * 32,
}


class TestSettings:
    def test_are_read_with_defaults_for_one_machine(self) -> None:
        settings = Settings.from_env(WHOLE)
        assert settings.port == 8000
        assert settings.base_url == "http://127.0.0.1:8000"
        assert settings.home == Path("var").absolute()
        assert settings.files_url == (settings.home / "files").as_uri()
        assert not settings.demo

    def test_name_every_fault_at_once(self) -> None:
        faulty = {"PORTAL_PORT": "80000", "DEMO": "yes", "PORTAL_TODAY": "tomorrow", "REDIS_URL": "http://x"}
        with pytest.raises(ConfigError) as refused:
            Settings.from_env(faulty)
        named = {fault.split(":")[0] for fault in refused.value.faults}
        assert named == {
            "PORTAL_PORT", "DEMO", "PORTAL_TODAY", "REDIS_URL", "SMTP_URL", "SECRET_KEY",
            "DATABASE_APP_URL", "DATABASE_GATE_URL",
        }  # fmt: skip

    def test_keep_a_real_instance_on_the_real_day(self) -> None:
        with pytest.raises(ConfigError, match="PORTAL_TODAY"):
            Settings.from_env({**WHOLE, "PORTAL_TODAY": "2027-01-20"})

    def test_take_the_vendor_s_siren_of_nine_digits(self) -> None:
        assert Settings.from_env(WHOLE).vendor_siren == ""
        assert Settings.from_env({**WHOLE, "VENDOR_SIREN": "000 123 455"}).vendor_siren == "000123455"
        with pytest.raises(ConfigError, match="VENDOR_SIREN: '12345678' is not a SIREN of nine digits"):
            Settings.from_env({**WHOLE, "VENDOR_SIREN": "12345678"})
        with pytest.raises(ConfigError, match="VENDOR_SIREN: '000132455' is not a SIREN, its key"):
            Settings.from_env({**WHOLE, "VENDOR_SIREN": "000132455"})

    def test_hold_no_owner_where_the_logins_are_given(self) -> None:
        logins = {
            "DATABASE_APP_URL": "postgres://app:a@db/p",
            "DATABASE_GATE_URL": "postgresql+psycopg://g:b@db/p",
        }
        settings = Settings.from_env({**WHOLE, "DATABASE_URL": "", **logins})
        assert settings.database_url == settings.worker_token == ""
        assert settings.app_database_url == "postgresql://app:a@db/p"
        assert settings.gate_database_url == "postgresql://g:b@db/p"

    def test_show_no_secret(self) -> None:
        settings = Settings.from_env(WHOLE)
        shown = repr(settings)
        for secret in (settings.secret_key, settings.worker_token, "pass%40word"):
            assert secret not in shown
        assert replace(settings, port=1).port == 1


class TestDerivedSecret:
    def test_is_the_same_for_every_instance_on_a_server(self) -> None:
        assert derived_secret(OWNER, "one", "worker") == derived_secret(OWNER, "other", "worker")
        assert derived_secret(OWNER + "2", "key", "portal_app") == derived_secret(OWNER, "key", "portal_app")

    def test_differs_by_purpose_password_and_place(self) -> None:
        urls = [OWNER, OWNER.replace("word", "work"), OWNER.replace("db.", "db2.")]
        made = {derived_secret(url, "key", purpose) for url in urls for purpose in ("worker", "portal_app")}
        assert len(made) == 6

    def test_rests_on_the_secret_key_where_the_owner_has_no_password(self) -> None:
        bare = "postgresql:///palier"
        assert derived_secret(bare, "one", "worker") != derived_secret(bare, "other", "worker")

    def test_makes_a_login_on_the_same_socket(self) -> None:
        url = login_url("postgresql://owner:x@/palier?host=%2Frun&port=5432", "key", "portal_app")
        assert url.startswith("postgresql://portal_app:")
        assert url.endswith("@/palier?host=%2Frun&port=5432")


def test_settings_know_nothing_of_the_portal() -> None:
    tree = ast.parse(Path(config.__file__).read_text())
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    assert not {name for name in imported if name.startswith("portal")}
