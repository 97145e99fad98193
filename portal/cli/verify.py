"""verify: compute every approved result again from its frozen facts, and hold the journal against it."""

import argparse
import sys

from config import Settings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser("verify", help="recompute what was closed, and check the journal against it")
    parser.add_argument("period", nargs="?", default="", help="one period, such as FY26-H2; all by default")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Say what does not agree; 0 when all does."""
    from flask import Flask

    from portal import closing, db
    from portal.db import Identity, acting_as

    settings, app = Settings.from_env(), Flask("verify")
    db.init(app, app_url=settings.app_database_url, gate_url=settings.gate_database_url, pool=1)
    with app.app_context():
        try:
            with acting_as(Identity(settings.worker_token, "portal_worker")):
                checked, faults = 0, 0
                for found in closing.verify_closed(options.period):
                    checked += 1
                    for fault in found.faults:
                        faults += 1
                        print(f"{found.period} {found.partner}: {fault}", file=sys.stderr)
        finally:
            db.dispose()
    print(f"{checked} results checked, {faults} disagree")
    return 1 if faults else 0
