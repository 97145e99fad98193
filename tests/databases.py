"""Scratch databases built by the migrations, on the server that TEST_DATABASE_URL names."""

import fcntl
import hashlib
import os
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from alembic import command
from alembic.config import Config

from config import login_url

ROOT = Path(__file__).parent.parent
PATIENCE = 60  # tries to drop a database, half a second apart


def with_path(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def with_login(url: str, user: str) -> str:
    """The same database as another login, whose password is the one that instances on this server use."""
    return login_url(url, "", user)


def password_of(server: str, user: str) -> str:
    """The password of one of the portal's logins on this server."""
    return urlsplit(with_login(server, user)).password or ""


def migrate(url: str, target: str = "head") -> None:
    """Bring a database to this revision, up or down."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    (command.downgrade if target == "base" else command.upgrade)(config, target)


def _fingerprint() -> str:
    found = sorted((ROOT / "migrations").rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in found)).hexdigest()[:12]


def template(server: str) -> str:
    """Name of a database at head, made once for these migrations and shared by every test process."""
    name = f"palier_template_{_fingerprint()}"
    mark = f"{hashlib.sha256(server.encode()).hexdigest()[:8]}-{os.getuid()}"
    lock = Path(tempfile.gettempdir()) / f"{name}-{mark}.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with psycopg.connect(server, autocommit=True) as connection:
            ready = connection.execute(
                "select datistemplate from pg_database where datname = %s", (name,)
            ).fetchone()
            if ready != (True,):
                connection.execute(f"drop database if exists {name}")
                connection.execute(f"create database {name} template template0 encoding 'UTF8'")
                migrate(with_path(server, name))
                connection.execute(f"alter database {name} is_template true")
            for login in ("portal_app", "portal_gate"):
                connection.execute(f"alter role {login} login password '{password_of(server, login)}'")
    return name


def create(server: str, *, empty: bool = False) -> str:
    """URL of a new scratch database, at head unless `empty`."""
    name = f"palier_test_{os.getpid()}_{os.urandom(4).hex()}"
    source = "template0" if empty else template(server)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name} template {source}")
    return with_path(server, name)


def drop(server: str, url: str) -> None:
    """Remove a scratch database, whoever is still connected to it.

    The server's own vacuum may be in it, and is not ours to end: it is soon gone.
    """
    with psycopg.connect(server, autocommit=True) as connection:
        for attempt in range(PATIENCE):
            try:
                connection.execute(f"drop database if exists {urlsplit(url).path[1:]} with (force)")
                return
            except psycopg.errors.InsufficientPrivilege:
                if attempt == PATIENCE - 1:
                    raise
                time.sleep(0.5)


def clear(url: str) -> None:
    """Empty every table of a scratch database, immutable ones included, and put its calendar on the real day."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(
            "select relname, array(select tgname from pg_trigger t where t.tgrelid = c.oid and tgname like '%_kept')"
            " from pg_class c where relkind = 'r' and relnamespace = 'public'::regnamespace"
            " and relname not in ('alembic_version', 'clock_setting')"
        ).fetchall()
        off = [f"alter table {table} disable trigger {name};" for table, names in rows for name in names]
        on = [f"alter table {table} enable trigger {name};" for table, names in rows for name in names]
        tables = ", ".join(table for table, _ in rows)
        connection.execute(f"begin; {''.join(off)} truncate {tables} restart identity; {''.join(on)} commit")
        connection.execute("update clock_setting set offset_days = 0 where offset_days <> 0")
