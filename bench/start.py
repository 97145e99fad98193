"""How long a newcomer waits: from a bare checkout to a ready demo, and from a second `up` to ready again.

    python3 bench/start.py [--keep FOLDER]

Clones this checkout's last commit into a scratch folder, so that the environment, the database and the
demo are made from nothing; what the system itself lacks (`up --install-system`) is not part of it.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
READY = "Palier is ready"


def main() -> None:
    """Start twice and print both, the parts of the first, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="use this folder and leave it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = options.keep or Path(folder)
        place.chmod(0o755)  # the database may run as another user
        checkout = place / "palier"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(checkout)], check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = {**os.environ, "PORTAL_HOME": str(place / "home"), "PORTAL_PORT": str(port)}
        environment.pop("VIRTUAL_ENV", None)
        begun = time.monotonic()
        run("status", checkout, environment)  # makes the environment and finds that nothing runs
        prepared = time.monotonic() - begun
        first, second = until_ready(checkout, environment), until_ready(checkout, environment)
    print(f"environment from the lock:            {prepared:6.1f} s")
    print(f"services, migrations, demo, ready:    {first:6.1f} s")
    print(f"bare checkout to ready:               {prepared + first:6.1f} s")
    print(f"second start:                         {second:6.1f} s")
    print(f"second start / bare to ready:           {second / (prepared + first):.2f}")


def run(command: str, checkout: Path, environment: Mapping[str, str]) -> None:
    """One command of the project, to its end, whatever it answers."""
    subprocess.run(
        [sys.executable, "-m", "portal", command], cwd=checkout, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
    )  # fmt: skip


def until_ready(checkout: Path, environment: Mapping[str, str]) -> float:
    """Seconds from `up` to its word that it is ready; it is then stopped as by Ctrl-C."""
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "portal", "up"], cwd=checkout, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if READY in line:
            break
    else:
        sys.exit("".join(said))
    spent = time.monotonic() - begun
    process.send_signal(signal.SIGINT)
    process.communicate()
    return spent


if __name__ == "__main__":
    main()
