"""The virtual environment: made once, filled from the hashed locks, left alone until they change."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from portal.cli.setup.account import PROJECT
from portal.cli.setup.system import stop


def is_made(venv: Path) -> bool:
    """Whether an environment is there, up to date or not."""
    return (venv / "bin" / "python").exists()


def prepare(venv: Path, locks: Sequence[str]) -> None:
    """Make the environment and install what the locks name, unless that was done before."""
    if not any(is_due(venv, lock) for lock in locks):
        return
    mask = os.umask(0o022)
    venv.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(venv.parent):
        make(venv)
        for lock in locks:
            if is_due(venv, lock):
                fill(venv, lock)
    os.umask(mask)


def is_due(venv: Path, lock: str) -> bool:
    """Whether this lock has changed since it was last installed here."""
    stamp = stamp_of(venv, lock)
    return not is_made(venv) or not stamp.is_file() or stamp.read_text() != fingerprint(lock)


def stamp_of(venv: Path, lock: str) -> Path:
    """The file that remembers what was installed."""
    return venv / f"installed-{lock}"


def fingerprint(lock: str) -> str:
    """What an installation depends on: the Python and the lock's content."""
    return f"{sys.version_info[:2]} {hashlib.sha256((PROJECT / lock).read_bytes()).hexdigest()}"


def fill(venv: Path, lock: str) -> None:
    """Install what a lock names, each file by its hash."""
    print(f"Installing {lock} into {venv} …", flush=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    options = ["--require-hashes", "--only-binary", ":all:", "-r", str(PROJECT / lock)]
    if subprocess.run([*pip, *options], stdin=subprocess.DEVNULL).returncode:
        stop("The packages could not be installed: see the lines above. Can this machine reach the index?")
    stamp_of(venv, lock).write_text(fingerprint(lock))


def make(venv: Path) -> None:
    """Make the environment, anew if it belongs to another Python."""
    if is_made(venv):
        asked = [str(venv / "bin" / "python"), "-c", "import sys, pip; print(sys.version_info[:2])"]
        answer = subprocess.run(asked, capture_output=True, text=True)
        if answer.stdout.strip() == str(sys.version_info[:2]):
            return
    shutil.rmtree(venv)
    print(f"Making the environment {venv} …", flush=True)
    if subprocess.run([sys.executable, "-m", "venv", str(venv)]).returncode:
        stop(f"The environment {venv} could not be made.")


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Keep two starts at once from installing into each other."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
