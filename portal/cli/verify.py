"""verify: compute what was closed again, and hold journal, statements and seals against it."""

import argparse
import re
import sys

from config import Settings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "verify", help="recompute what was closed, and hold every row against the seals"
    )
    parser.add_argument(
        "period", nargs="?", default="", help="recompute one period, such as FY26-H2; all by default"
    )
    parser.add_argument("--seal", type=_seal, help="a seal as printed in section 13 of a statement")
    parser.set_defaults(run=run)


def _seal(text: str) -> str:
    found = re.sub(r"[^0-9a-z]", "", text.lower())
    if not re.fullmatch("[0-9a-f]{64}", found):
        raise argparse.ArgumentTypeError("a seal has 64 signs, 0 to 9 and a to f")
    return found


def run(options: argparse.Namespace) -> int:
    """Say what does not agree; 0 when all does, 2 where nothing was closed under the code given."""
    from flask import Flask

    from portal import closing, db, files
    from portal.db import Identity, acting_as
    from portal.errors import NotFound

    settings, app = Settings.from_env(), Flask("verify")
    db.init(app, app_url=settings.app_database_url, gate_url=settings.gate_database_url, pool=1)
    files.configure(settings.files_url)
    checked, faults, sealed = 0, 0, closing.Sealed()
    with app.app_context():
        try:
            with acting_as(Identity(settings.worker_token, "portal_worker")):
                for found in closing.verify_closed(options.period):
                    checked += 1
                    for fault in found.faults:
                        faults += 1
                        print(f"{found.period} {found.partner}: {fault}", file=sys.stderr)
                for broken in closing.verify_seals(options.seal or "", found=sealed):
                    faults += 1
                    print(broken, file=sys.stderr)
        except NotFound:
            print(f"{options.period}: no closed period has this code", file=sys.stderr)
            return 2
        finally:
            db.dispose()
    for period, sha256 in sealed.holding:
        print(f"{period} sealed {sha256}: every row is as it was")
    print(f"{checked} results computed again, {sealed.rows} sealed rows looked at, {faults} disagree")
    return 1 if faults else 0
