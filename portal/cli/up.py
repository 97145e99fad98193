"""up: start everything, say where it is, and keep it running."""

import argparse
import errno
import os
import signal
import sys
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg

from config import Settings
from portal import demo
from portal.cli.failures import ALREADY_RUNNING, AWAY, Failure
from portal.cli.supervisor import postgres, state, web
from portal.cli.supervisor.child import Child
from portal.cli.supervisor.home import Home
from portal.cli.supervisor.instance import Instance, describe
from portal.cli.supervisor.provision import provision
from portal.cli.supervisor.supervise import Interrupted, Supervisor


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser("up", help="start everything, with demo data on the first start")
    parser.add_argument("--install-system", action="store_true", help="install what the machine lacks")
    parser.add_argument("--today", type=date.fromisoformat, metavar="YYYY-MM-DD", help="the demo's day")
    demo = parser.add_mutually_exclusive_group()
    demo.add_argument(
        "--no-demo", dest="demo", action="store_const", const=False, help="a real, empty instance"
    )
    demo.add_argument("--demo", dest="demo", action="store_const", const=True, help="a demo again")
    parser.set_defaults(run=run, joins=False)


def run(options: argparse.Namespace) -> int:
    """Hold the data folder, start stage after stage, watch until asked to stop."""
    home = Home.from_env()
    if home.hold() is None:
        running = state.read(home)
        where = f"{running.get('url', 'starting')} (pid {running.get('supervisor', '?')})"
        raise Failure(f"Already running on {home.root}: {where}", ALREADY_RUNNING)
    home.check_room()
    if left := state.stop_leftovers(home):
        say("supervisor", f"ended {left} processes of an earlier start")
    web.check_port(Settings.port_from_env())
    demo, offset = home.remember(demo=demo_asked(options), today=options.today)
    instance = describe(home, demo=demo, clock_offset_days=offset)
    return Run(instance).until_stopped()


def demo_asked(options: argparse.Namespace) -> bool | None:
    """Whether a demo is asked for, by option or by DEMO; None where neither says."""
    if options.demo is not None:
        return bool(options.demo)
    return {"0": False, "1": True}.get(os.environ.get("DEMO", ""))


def say(name: str, words: str) -> None:
    """One terse line of what happens."""
    print(f"{datetime.now(ZoneInfo('Europe/Paris')):%H:%M:%S}  {name:<10}  {words}", flush=True)


class Run:
    """One life of an instance, from start to stop."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.accounts: list[dict[str, str]] = []
        self.seeded = False
        logs = instance.home.folder("log")
        self.supervisor = Supervisor(logs, say=say, changed=self.tell)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.supervisor.ask_to_stop)

    def tell(self, children: Sequence[Child]) -> None:
        """Let the other commands know what runs; on a full disk they hear of it with the next change."""
        try:
            state.write(
                self.instance.home,
                children,
                url=self.instance.settings.base_url,
                port=self.instance.settings.port,
                seeded=self.seeded,
                accounts=self.accounts,
                environment={name: self.instance.environment[name] for name in state.SHARED},
            )
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            say("supervisor", "the disk is full: make room, the rest comes back by itself")

    def until_stopped(self) -> int:
        """Start everything and keep it running; 0 once stopped as asked."""
        try:
            self.start()
            self.greet()
            while True:
                self.supervisor.glance()
        except Interrupted:
            return 0
        finally:
            say("supervisor", "stopping")
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            self.supervisor.stop()
            self.instance.home.state_file.unlink(missing_ok=True)
            say("supervisor", "stopped")

    def start(self) -> None:
        """Services, database, demo data, web, workers: each once what it stands on answers."""
        self.supervisor.start(self.instance.services())
        self.supervisor.wait_ready()
        if "DATABASE_URL" in self.instance.embedded:
            postgres.make_owner(self.instance.home)
        self.wait_for_database()
        provision(self.instance.settings, clock_offset_days=self.instance.clock_offset_days)
        self.seed()
        self.supervisor.start([self.instance.web()])
        if self.instance.settings.demo:
            self.accounts = demo_accounts()
        self.supervisor.wait_ready()
        self.supervisor.start(self.instance.workers())

    def wait_for_database(self, timeout: float = 30.0) -> None:
        """A database given from outside may still be starting."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                if postgres.answers(self.instance.settings.database_url):
                    return
            except psycopg.OperationalError as error:
                if postgres.refuses(error) or time.monotonic() > deadline:
                    words = str(error).strip().splitlines()[0]
                    how = "refuses" if postgres.refuses(error) else "does not answer"
                    raise Failure(f"The database of DATABASE_URL {how}: {words}", AWAY) from error
            self.supervisor.glance()

    def seed(self) -> None:
        """Make the demo, once; what was cut short is made anew."""
        if self.instance.settings.demo and demo.unfinished(self.instance.settings.database_url):
            command = [sys.executable, "-m", "portal.cli", "demo", "seed"]
            if self.supervisor.run_to_end(command, self.instance.environment):
                raise Failure("The demo data could not be made: see the lines above.")
        self.seeded = True

    def greet(self) -> None:
        """Say where everything is."""
        settings, home = self.instance.settings, self.instance.home
        print(f"\nPalier is ready: {settings.base_url}\n", flush=True)
        if settings.demo:
            today = datetime.now(ZoneInfo("Europe/Paris")).date() + timedelta(self.instance.clock_offset_days)
            print(f"  Demo; the portal's day is {today} (up --today YYYY-MM-DD moves it). Sign in as:\n")
            for account in self.accounts:
                columns = (account["role"], account["email"], account["password"], account["partner"] or "")
                print("  {:<18} {:<34} {:<18} {}".format(*columns).rstrip())
            print()
        if "SMTP_URL" in self.instance.embedded:
            print(f"  Mails: {home.folder('mail')}")
        print(f"  Data:  {home.root}\n  Ctrl-C stops everything; the data stay.\n", flush=True)


def demo_accounts() -> list[dict[str, str]]:
    """The sign-ins of the demo."""
    return [dict(account) for account in demo.accounts()]
