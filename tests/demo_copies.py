"""The demo made once for this state of the sources, then copied for each test that lives in it."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests import databases
from tests.databases import ROOT

MADE_OF = ("portal/**/*.py", "portal/**/*.json", "portal/**/*.yaml", "migrations/**/*.py", "config.py")
SECRET = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class DemoCopy:
    """A database of the demo and the folder of its files."""

    url: str
    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        """What a process needs to live on this copy."""
        return {
            **os.environ,
            "PORTAL_HOME": str(self.home),
            "DATABASE_URL": self.url,
            "DATABASE_APP_URL": databases.with_login(self.url, "portal_app"),
            "DATABASE_GATE_URL": databases.with_login(self.url, "portal_gate"),
            "REDIS_URL": os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:1"),
            "SMTP_URL": "smtp://127.0.0.1:1",
            "SECRET_KEY": SECRET,
            "DEMO": "1",
            **more,
        }


def copy_demo(server: str, home: Path) -> DemoCopy:
    """A copy of one's own; drop its database when done."""
    name, made = _template(server)
    copied = f"palier_test_demo_{os.getpid()}_{os.urandom(4).hex()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {copied} template {name}")
    shutil.copytree(made, home, dirs_exist_ok=True)
    return DemoCopy(databases.with_path(server, copied), home)


def _template(server: str) -> tuple[str, Path]:
    """The database made by `demo seed`, and its folder; once for these sources, shared by every test process."""
    name = f"palier_demo_{_fingerprint()}"
    home = _folder(server) / name
    with home.with_suffix(".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with psycopg.connect(server, autocommit=True) as connection:
            ready = connection.execute(
                "select datistemplate from pg_database where datname = %s", [name]
            ).fetchone()
            if ready != (True,) or not home.is_dir():
                _forget_others(connection, home.parent)
                _make(server, name, home)
                connection.execute(f"alter database {name} is_template true")
    return name, home


def _folder(server: str) -> Path:
    """Where the files of this server's demos lie: nobody else's, whoever else tests on this machine."""
    mark = hashlib.sha256(server.encode()).hexdigest()[:8]
    folder = (
        Path(os.environ.get("TEST_FOLDER") or tempfile.gettempdir()) / f"palier-demo-{mark}-{os.getuid()}"
    )
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


def _forget_others(connection: psycopg.Connection, folder: Path) -> None:
    """Demos of earlier sources, or one cut short."""
    old = connection.execute("select datname from pg_database where datname like 'palier_demo_%'").fetchall()
    for (name,) in old:
        connection.execute(f"alter database {name} is_template false")
        connection.execute(f"drop database {name} with (force)")
    for made in folder.glob("palier_demo_*/"):
        shutil.rmtree(made)


def _make(server: str, name: str, home: Path) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name} template {databases.template(server)}")
    home.mkdir()
    making = DemoCopy(databases.with_path(server, name), home)
    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", "demo", "seed"],
        cwd=ROOT, env=making.environment(), capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def _fingerprint() -> str:
    found = sorted(path for pattern in MADE_OF for path in ROOT.glob(pattern))
    return hashlib.sha256(b"".join(path.read_bytes() for path in found)).hexdigest()[:12]
