"""stop: end the instance that runs on this data folder."""

import argparse
import os
import signal
import time

from portal.cli.failures import Failure
from portal.cli.supervisor import state
from portal.cli.supervisor.home import Home

PATIENCE = 60.0


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser("stop", help="stop what runs here; the data stay")
    parser.set_defaults(run=run, joins=False)


def run(options: argparse.Namespace) -> int:
    """Ask the supervisor to stop and wait until it has."""
    home = Home.from_env()
    running = state.read(home)
    if not running:
        print("Nothing runs here.")
        return 0
    os.kill(running["supervisor"], signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while home.is_held():
        if time.monotonic() > deadline:
            raise Failure(f"The supervisor (pid {running['supervisor']}) is still stopping.")
        time.sleep(0.1)
    print("Stopped; the data stay.")
    return 0
