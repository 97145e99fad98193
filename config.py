"""The settings of an instance: read once from the environment, every fault named at start."""

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from stdnum.fr import siren

POSTGRES_SCHEMES = {"postgres", "postgresql", "postgresql+psycopg"}
SCHEMES = {
    "REDIS_URL": {"redis", "rediss", "unix"},
    "SMTP_URL": {"smtp", "smtps"},
    "FILES_URL": {"file", "s3"},
    "BASE_URL": {"http", "https"},
    "CLAMD_URL": {"tcp", "unix"},
}


class ConfigError(Exception):
    """The environment cannot be used; `faults` says each thing to mend."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("; ".join(faults))


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the instance keeps its data, which services it uses and the secrets it holds.

    `database_url` is the owner's (migrations); it is empty where a process holds only the logins of the
    portal (`app_database_url`) and of its sign-in machinery (`gate_database_url`).
    """

    home: Path
    port: int
    database_url: str = field(repr=False)
    app_database_url: str = field(repr=False)
    gate_database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    smtp_url: str = field(repr=False)
    files_url: str
    base_url: str
    secret_key: str = field(repr=False)
    worker_token: str = field(repr=False)
    demo: bool
    today: date | None
    clamd_url: str = ""
    vendor_siren: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """Read and check the environment; raise ConfigError naming every fault at once."""
        read = _Reader(os.environ if env is None else env)
        home = read.home()
        port = read.port()
        owner = read.postgres("DATABASE_URL")
        key = read.secret()
        settings = cls(
            home=home,
            port=port,
            database_url=owner,
            app_database_url=read.login("DATABASE_APP_URL", owner, key, "portal_app"),
            gate_database_url=read.login("DATABASE_GATE_URL", owner, key, "portal_gate"),
            redis_url=read.url("REDIS_URL"),
            smtp_url=read.url("SMTP_URL"),
            files_url=read.url("FILES_URL", (home / "files").as_uri()),
            base_url=read.url("BASE_URL", f"http://127.0.0.1:{port}").rstrip("/"),
            secret_key=key,
            worker_token=read.text("WORKER_TOKEN") or (derived_secret(owner, key, "worker") if owner else ""),
            demo=read.flag("DEMO"),
            today=read.day("PORTAL_TODAY"),
            clamd_url=read.url("CLAMD_URL") if read.text("CLAMD_URL") else "",
            vendor_siren=read.siren("VENDOR_SIREN"),
        )
        if settings.today and not settings.demo:
            read.faults.append("PORTAL_TODAY: only a demo may live on another day (DEMO=1)")
        if read.faults:
            raise ConfigError(read.faults)
        return settings

    @staticmethod
    def port_from_env() -> int:
        """The port alone, for what must be known before the rest can be."""
        read = _Reader(os.environ)
        port = read.port()
        if read.faults:
            raise ConfigError(read.faults)
        return port


def derived_secret(owner_url: str, secret_key: str, purpose: str) -> str:
    """A secret that every instance on the same server finds alike, from what the owner alone knows.

    Logins belong to the server, not to one of its databases. Without a password in the URL the
    instance's own secret key stands in for it.
    """
    parts = urlsplit(owner_url)
    password = unquote(parts.password or "") or secret_key
    place = f"{parts.hostname}:{parts.port}"
    return hmac.digest(f"{password}@{place}".encode(), purpose.encode(), "sha256").hex()


def login_url(owner_url: str, secret_key: str, role: str) -> str:
    """The owner's URL turned into that of one of the portal's own logins."""
    parts = urlsplit(owner_url)
    host = parts.netloc.rpartition("@")[2]
    password = derived_secret(owner_url, secret_key, role)
    return urlunsplit(parts._replace(netloc=f"{role}:{password}@{host}"))


class _Reader:
    """Takes values out of the environment and collects what is wrong with them."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.faults: list[str] = []

    def text(self, name: str) -> str:
        return self.env.get(name, "").strip()

    def home(self) -> Path:
        return Path(self.text("PORTAL_HOME") or "var").expanduser().absolute()

    def port(self) -> int:
        raw = self.text("PORTAL_PORT") or "8000"
        if raw.isascii() and raw.isdigit() and 0 < int(raw) < 65536:
            return int(raw)
        self.faults.append(f"PORTAL_PORT: {raw!r} is not a port between 1 and 65535")
        return 8000

    def flag(self, name: str) -> bool:
        raw = self.text(name) or "0"
        if raw not in {"0", "1"}:
            self.faults.append(f"{name}: {raw!r} is neither 0 nor 1")
        return raw == "1"

    def day(self, name: str) -> date | None:
        raw = self.text(name)
        try:
            return date.fromisoformat(raw) if raw else None
        except ValueError:
            self.faults.append(f"{name}: {raw!r} is not a day such as 2026-11-23")
            return None

    def siren(self, name: str) -> str:
        raw = "".join(self.text(name).split())
        if raw and not (raw.isascii() and raw.isdigit() and len(raw) == 9):
            self.faults.append(f"{name}: {raw!r} is not a SIREN of nine digits")
        elif raw and not siren.is_valid(raw):
            self.faults.append(f"{name}: {raw!r} is not a SIREN, its key does not agree: look at each digit")
        return raw

    def secret(self) -> str:
        raw = self.text("SECRET_KEY")
        if len(raw) < 32:
            self.faults.append("SECRET_KEY: missing or shorter than 32 characters")
        return raw

    def postgres(self, name: str) -> str:
        """The URL in libpq's own spelling, which psycopg and SQLAlchemy both read."""
        raw = self.text(name)
        scheme, found, rest = raw.partition("://")
        if raw and (scheme not in POSTGRES_SCHEMES or not found):
            self.faults.append(f"{name}: must begin with postgresql://")
            return ""
        return f"postgresql://{rest}" if raw else ""

    def login(self, name: str, owner: str, key: str, role: str) -> str:
        """The URL of one of the portal's logins: given, or made from the owner's."""
        given = self.postgres(name)
        if not given and not owner:
            self.faults.append(f"{name}: missing (or DATABASE_URL, from which it is made)")
        return given or (login_url(owner, key, role) if owner else "")

    def url(self, name: str, default: str = "") -> str:
        raw = self.text(name) or default
        allowed = SCHEMES[name]
        if not raw:
            self.faults.append(f"{name}: missing")
        elif raw.partition("://")[0] not in allowed:
            self.faults.append(f"{name}: must begin with {' or '.join(s + '://' for s in sorted(allowed))}")
        return raw
