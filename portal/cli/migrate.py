"""migrate: bring the database of DATABASE_URL up to this version (production; `up` does it by itself)."""

import argparse

from config import Settings
from portal.cli.supervisor.provision import provision


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser("migrate", help="bring the database up to this version")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Apply the migrations and let the portal's logins in."""
    provision(Settings.from_env())
    return 0
