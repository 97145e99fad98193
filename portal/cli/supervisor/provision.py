"""Brings a database up to what this version needs: tables, the portal's logins, the workers' session."""

from contextlib import suppress
from hashlib import sha256
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from config import Settings
from portal.cli.setup.account import PROJECT


def provision(settings: Settings, *, clock_offset_days: int = 0) -> None:
    """Migrate, then let the portal's logins and workers in; does nothing where all is done."""
    migrate(settings.database_url)
    with psycopg.connect(settings.database_url) as owner:
        for url in (settings.app_database_url, settings.gate_database_url):
            if not _opens(url):
                _give_password(owner, url)
        _let_workers_in(owner, settings.worker_token)
        owner.execute(
            "update clock_setting set offset_days = %(days)s where offset_days <> %(days)s",
            {"days": clock_offset_days},
        )


def migrate(owner_url: str) -> None:
    """Apply the migrations that this database lacks."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    config.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    if _applied(owner_url) != set(ScriptDirectory.from_config(config).get_heads()):
        command.upgrade(config, "head")


def _applied(owner_url: str) -> set[str]:
    with psycopg.connect(owner_url) as owner, suppress(psycopg.errors.UndefinedTable):
        return {row[0] for row in owner.execute("select version_num from alembic_version")}
    return set()


def _opens(url: str) -> bool:
    """Whether this login works as it is: another instance may have made it."""
    try:
        with psycopg.connect(url, connect_timeout=5):
            return True
    except psycopg.OperationalError:
        return False


def _give_password(owner: psycopg.Connection, url: str) -> None:
    parts = urlsplit(url)
    role, password = sql.Identifier(unquote(parts.username or "")), sql.Literal(unquote(parts.password or ""))
    owner.execute(sql.SQL("alter role {} login password {}").format(role, password))


def _let_workers_in(owner: psycopg.Connection, token: str) -> None:
    owner.execute(
        "insert into sessions (token_hash, service, created_at, last_seen_at, expires_at)"
        " values (%s, 'worker', now(), now(), 'infinity') on conflict (token_hash) do nothing",
        [sha256(token.encode()).digest()],
    )
