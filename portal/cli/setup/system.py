"""What the machine itself must have: found without running anything, installed only when asked."""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

MISSING = 3

LIBRARIES = {
    "libpango-1.0.so.0": ("Pango", "libpango-1.0-0"),
    "libpangoft2-1.0.so.0": ("PangoFT2", "libpangoft2-1.0-0"),
    "libharfbuzz-subset.so.0": ("HarfBuzz subset", "libharfbuzz-subset0"),
}
QUEUES = ("redis-server", "valkey-server")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BREW = {"redis-server": "valkey", "chromium": "chromium"}


class Part(NamedTuple):
    """Something the machine lacks, and the Debian package that brings it."""

    name: str
    package: str


def stop(message: str) -> NoReturn:
    """Say what is wrong and how to mend it, then end."""
    print(message, file=sys.stderr)
    raise SystemExit(MISSING)


def missing_for(command: str) -> list[Part]:
    """What the machine lacks for this command; most need no more than an environment."""
    missing = []
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        major, minor = sys.version_info[:2]
        missing.append(Part("Python's venv module", f"python{major}.{minor}-venv"))
    if command not in ("up", "test"):
        return missing
    missing += [Part(*part) for library, part in LIBRARIES.items() if not loads(library)]
    given = "REDIS_URL" if command == "up" else "TEST_REDIS_URL"
    if not os.environ.get(given) and not found(QUEUES):
        missing.append(Part("a Redis or Valkey server", "redis-server"))
    if command == "test" and not os.environ.get("CHROMIUM") and not found(BROWSERS):
        missing.append(Part("Chromium", "chromium"))
    return missing


def found(programs: Sequence[str]) -> str | None:
    """Path of the first of these programs that is there."""
    return next(filter(None, map(shutil.which, programs)), None)


def loads(library: str) -> bool:
    """Whether the dynamic linker finds this library."""
    names = [library]
    if sys.platform == "darwin":
        stem = library.replace(".so.0", ".0.dylib")
        names = [stem, f"/opt/homebrew/lib/{stem}", f"/usr/local/lib/{stem}"]
    for name in names:
        try:
            ctypes.CDLL(name)
            return True
        except OSError:
            continue
    return False


def install_commands(packages: Sequence[str], *, platform: str, root: bool, apt: bool) -> list[list[str]]:
    """The commands that install these Debian packages, or their like elsewhere; none where unknown."""
    if platform == "darwin":
        return [["brew", "install", *sorted({BREW.get(package, "pango") for package in packages})]]
    if not apt:
        return []
    sudo = [] if root else ["sudo"]
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    return [[*sudo, "apt-get", "update"], [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", *install]]


def install(missing: Sequence[Part], *, allowed: bool) -> None:
    """Install what is missing where that was asked for; otherwise print the line that does, and end."""
    names = ", ".join(part.name for part in missing)
    commands = install_commands(
        [part.package for part in missing],
        platform=sys.platform,
        root=os.getuid() == 0,
        apt=bool(shutil.which("apt-get")),
    )
    line = " && ".join(" ".join(command) for command in commands)
    if not commands:
        stop(f"Missing on this machine: {names}. Install them and run this again.")
    if not allowed:
        stop(f"Missing on this machine: {names}.\nRun this, or add --install-system:\n\n  {line}\n")
    if not shutil.which(commands[0][0]):
        stop(f"{commands[0][0]} is not on this machine; as an administrator, run:\n\n  {line}\n")
    print(f"Installing {names}:\n  {line}", flush=True)
    for command in commands:
        if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
            stop(f"That failed: {' '.join(command)}")
