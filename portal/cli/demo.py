"""demo: make the demo's data, and say who may sign in to it."""

import argparse
import json
import sys
import time

WIDTH = 28


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser("demo", help="make the demo's data; say who may sign in")
    actions = parser.add_subparsers(title="actions", metavar="<action>", required=True)
    seeding = actions.add_parser("seed", help="make the data in the empty database of DATABASE_URL")
    seeding.set_defaults(run=seed)
    listing = actions.add_parser("accounts", help="the sign-ins, one per role")
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.set_defaults(run=list_accounts)


def seed(options: argparse.Namespace) -> int:
    """Make the demo behind a bar; nothing where it is made already."""
    from portal import demo

    demo.seed(Bar().show)
    return 0


def list_accounts(options: argparse.Namespace) -> int:
    """Print role, address and password of each account."""
    from portal import demo

    accounts = demo.accounts()
    if options.json:
        print(json.dumps(accounts, indent=2, ensure_ascii=False))
        return 0
    for account in accounts:
        columns = (account["role"], account["email"], account["password"], account["partner"])
        print("{:<18} {:<34} {:<24} {}".format(*columns).rstrip())
    return 0


class Bar:
    """A bar that moves in a terminal, and a line now and then elsewhere."""

    def __init__(self) -> None:
        self.started, self.shown = time.monotonic(), -1.0

    def show(self, share: float, words: str) -> None:
        """Say how far it has come."""
        moves = sys.stdout.isatty()
        if not moves and share < 1 and share - self.shown < 0.05:
            return
        self.shown = share
        drawn = "█" * round(share * WIDTH)
        text = f"  {drawn:░<{WIDTH}} {share:>4.0%}  {time.monotonic() - self.started:3.0f} s  {words:<36.36}"
        print(f"\r{text}" if moves else text, end="\n" if share >= 1 or not moves else "", flush=True)
