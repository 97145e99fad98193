"""The data folder of an instance: what lies where, what is remembered, and who holds it."""

import fcntl
import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from portal.cli.failures import DISK_FULL, Failure
from portal.clock import offset_to

ROOM_NEEDED = 100 * 1024 * 1024
DEMO_STARTS = date(2026, 11, 23)
# A unix socket's path holds 107 bytes; PostgreSQL adds the name of the socket and of its lock.
LONGEST_SOCKET_FOLDER = 80


@dataclass(frozen=True)
class Home:
    """Folders and files of one instance, below PORTAL_HOME."""

    root: Path

    @classmethod
    def from_env(cls) -> "Home":
        """The data folder that the environment names."""
        return cls(Path(os.environ.get("PORTAL_HOME") or "var").expanduser().absolute())

    def folder(self, name: str) -> Path:
        """A folder of this instance, made for its user alone when it is not there."""
        path = self.root / name
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    @property
    def state_file(self) -> Path:
        return self.root / "run" / "state.json"

    def sockets(self) -> Path:
        """Where unix sockets lie: in the data folder, or in a short private one when its path is long."""
        own = self.folder("run")
        if len(os.fsencode(own)) <= LONGEST_SOCKET_FOLDER:
            return own
        short = Path(tempfile.gettempdir(), f"palier-{sha256(os.fsencode(own)).hexdigest()[:12]}")
        short.mkdir(mode=0o700, exist_ok=True)
        if short.stat().st_uid != os.getuid() or short.stat().st_mode & 0o077:
            raise Failure(f"{short} belongs to somebody else: remove it or choose a shorter PORTAL_HOME.")
        return short

    def hold(self) -> int | None:
        """Take this folder for one supervisor until its process ends; None when another has it."""
        handle = os.open(self.folder("run") / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        return handle

    def is_held(self) -> bool:
        """Whether a supervisor is running on this folder."""
        if not (self.root / "run" / "lock").exists():
            return False
        handle = self.hold()
        if handle is not None:
            os.close(handle)
        return handle is None

    def check_room(self) -> None:
        """Refuse to start on a disk that is about to be full."""
        room = os.statvfs(self.folder("run"))
        if room.f_bavail * room.f_frsize < ROOM_NEEDED:
            raise Failure(f"The disk that holds {self.root} is full: make room and start again.", DISK_FULL)

    def secrets(self) -> dict[str, str]:
        """The passwords and keys of this instance, made once."""
        file = self.root / "secrets.json"
        kept = read_json(file)
        if not kept:
            kept = {name: secrets.token_hex(32) for name in ("postgres", "owner", "secret_key")}
            write_json(file, kept)
        return kept

    def remember(self, *, demo: bool | None, today: date | None) -> tuple[bool, int]:
        """Whether this is a demo and by how many days its calendar is moved, kept from start to start.

        What is asked for now replaces what was kept; the first start is a demo on its first day.
        """
        file = self.root / "instance.json"
        kept = read_json(file)
        is_demo = demo if demo is not None else bool(kept.get("demo", True))
        if today and not is_demo:
            raise Failure("Only a demo may live on another day: --today does not go with --no-demo.")
        offset = kept.get("clock_offset_days") if is_demo else 0
        if today or offset is None:
            offset = offset_to(today or DEMO_STARTS)
        write_json(file, {"demo": is_demo, "clock_offset_days": offset})
        return is_demo, int(offset)


def read_json(file: Path) -> dict[str, Any]:
    """What a file of the data folder holds; nothing when it is not there."""
    try:
        return dict(json.loads(file.read_text()))
    except FileNotFoundError:
        return {}


def write_json(file: Path, content: dict[str, Any]) -> None:
    """Replace a file of the data folder at once, readable by its owner alone."""
    fresh = file.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        json.dump(content, handle, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(file)
