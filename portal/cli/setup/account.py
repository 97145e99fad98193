"""Who runs the services and where: PostgreSQL refuses root, so root hands them to a user without rights."""

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from portal.cli.setup.system import stop

PROJECT = Path(__file__).resolve().parents[3]
REFUGE = Path("/var/lib/palier")
USER = "palier"
# The commands that keep processes running, or write what those read.
SERVICES = {"up", "test", "demo"}
INTERPRETERS = ("/usr/bin/python3", "/usr/local/bin/python3")


class Places(NamedTuple):
    """The folders of the code, of the data and of the environment."""

    project: Path
    home: Path
    venv: Path


def places(serves: bool) -> Places:
    """Folders that whoever runs the command can enter; `serves` where root starts services."""
    home = Path(os.environ.get("PORTAL_HOME") or PROJECT / "var").expanduser().absolute()
    if os.getuid() != 0:
        own = (PROJECT / ".venv").exists() or os.access(PROJECT, os.W_OK)
        return Places(PROJECT, home, PROJECT / ".venv" if own else home / "venv")
    if serves:
        make_user()
    elif not user_exists():
        return Places(PROJECT, home, PROJECT / ".venv")
    return Places(code_folder(serves), data_folder(home, serves), environment_folder())


def leave_closed_interpreter(argv: Sequence[str]) -> None:
    """Start again under another Python when this one lies where only root may go."""
    make_user()
    real = Path(sys.executable).resolve()
    if user_may(real, os.R_OK | os.X_OK):
        return
    for other in INTERPRETERS:
        asked = [other, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        if Path(other).exists() and subprocess.run(asked).returncode == 0:
            print(f"{real} is closed to the user {USER}: going on with {other}.", flush=True)
            os.execv(other, [other, "-m", "portal", *argv])
    stop(f"{real} is closed to the user {USER}, and PostgreSQL refuses root: use a Python of the system.")


def data_folder(home: Path, serves: bool) -> Path:
    """The data folder, in the refuge when the services' user cannot have it where it was asked for."""
    if serves:
        home.mkdir(parents=True, exist_ok=True)
        if home.stat().st_uid == 0 and not any(home.iterdir()):
            shutil.chown(home, USER, USER)
    refuge = REFUGE / hashlib.sha256(str(home).encode()).hexdigest()[:8]
    if user_may(home, os.W_OK | os.X_OK) or not (serves or refuge.exists()):
        return home
    if serves:
        print(f"{home} is closed to the user {USER}: the data are kept in {refuge}.")
        hand_over(refuge)
    return refuge


def hand_over(folder: Path) -> None:
    """Make a folder of the refuge its user's; the refuge itself stays root's, who runs code from it."""
    if not folder.exists():
        folder.mkdir(parents=True, mode=0o755)
        shutil.chown(folder, USER, USER)


def code_folder(serves: bool) -> Path:
    """The code, copied where the services' user can read it when the project lies in a closed folder."""
    if not serves or user_may(PROJECT / "config.py", os.R_OK):
        return PROJECT
    copy = REFUGE / f"code-{state_of_project()}"
    if not copy.exists():
        print(f"{PROJECT} is closed to the user {USER}: it runs from a copy in {copy}.")
        fresh = copy.with_suffix(f".{os.getpid()}")
        mask = os.umask(0o022)
        for path in project_files():
            target = fresh / path.relative_to(PROJECT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        os.umask(mask)
        fresh.rename(copy)
    return copy


def environment_folder() -> Path:
    """Where the environment is kept so that the services' user can run it."""
    own = PROJECT / ".venv"
    python = own / "bin" / "python"
    open_to_user = user_may(python if python.exists() else PROJECT, os.R_OK | os.X_OK)
    return own if open_to_user else REFUGE / "venv"


def project_files() -> list[Path]:
    """The files of the project, without what is made from them."""
    left_out = {".git", ".venv", "var", "__pycache__"}
    files = []
    for folder, names, found in os.walk(PROJECT):
        names[:] = [name for name in names if name not in left_out and not name.endswith("_cache")]
        files += [Path(folder, name) for name in found]
    return sorted(files)


def state_of_project() -> str:
    """A short mark that changes whenever a file of the project does."""
    marks = [f"{path} {path.stat().st_mtime_ns}" for path in project_files()]
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()[:8]


def user_exists() -> bool:
    """Whether the services' user is there."""
    try:
        pwd.getpwnam(USER)
    except KeyError:
        return False
    return True


def make_user() -> None:
    """Make the services' user and its refuge, once."""
    if not user_exists():
        print(f"Making the system user {USER}, which runs the services.", flush=True)
        where = ["--home-dir", str(REFUGE / "home"), "--no-create-home", "--shell", "/usr/sbin/nologin"]
        made = subprocess.run(["useradd", "--system", "--user-group", *where, USER]).returncode == 0
        if not made:
            stop(f"The user {USER} could not be made; start this as an ordinary user instead of root.")
    hand_over(REFUGE / "home")


def user_may(path: Path, access: int) -> bool:
    """Whether the services' user has this access, asked in its shoes."""
    child = os.fork()
    if child == 0:
        drop_rights()
        os._exit(0 if os.access(path, access) else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def drop_rights() -> None:
    """Go on as the services' user."""
    account = pwd.getpwnam(USER)
    os.initgroups(USER, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def become_unprivileged() -> None:
    """Go on as the services' user, with a home and a scratch folder that it can use."""
    drop_rights()
    os.environ.update(HOME=str(REFUGE / "home"), USER=USER, LOGNAME=USER)
    for name in ("TMPDIR", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ.pop(name, None)
