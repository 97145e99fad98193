"""python3 -m portal …: prepares the machine with the standard library alone, then runs the command.

  up       start everything, with a demo on first start        test     check everything
  status   what runs here                                      <command> -h   its options

PORTAL_HOME (default ./var) holds the data, PORTAL_PORT (default 8000) is where the portal answers.
"""

# Any Python 3 must be able to read this file, to say that it is too old.
from __future__ import annotations

import os
import sys

# What installs packages: `test` needs its tools as well.
LOCKS = {"test": ["requirements.lock", "requirements-test.lock"]}


def main(argv: list[str]) -> None:
    """Prepare what the command needs and become it."""
    if sys.version_info < (3, 11):  # noqa: UP036
        print(f"Palier needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")
        raise SystemExit(3)
    from portal.cli.setup import account, environment, system

    args = [arg for arg in argv if arg != "--install-system"]
    asks_help = not args or "-h" in args or "--help" in args
    command = "" if asks_help else args[0]
    serves = command in account.SERVICES and os.getuid() == 0
    if asks_help and not environment.is_made(account.places(False).venv):
        print(__doc__)
        return
    missing = system.missing_for(command)
    if missing:
        system.install(missing, allowed="--install-system" in argv)
    if serves:
        account.leave_closed_interpreter(argv)
    places = account.places(serves)
    environment.prepare(places.venv, LOCKS.get(command, ["requirements.lock"]))
    if serves:
        account.become_unprivileged()
    os.chdir(places.project)
    python = str(places.venv / "bin" / "python")
    sys.stdout.flush()
    os.execve(python, [python, "-m", "portal.cli", *args], {**os.environ, "PORTAL_HOME": str(places.home)})


if __name__ == "__main__":
    main(sys.argv[1:])
