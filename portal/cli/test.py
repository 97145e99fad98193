"""test: the tools that read the code, then every test, on services of their own."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from portal.cli.setup.system import BROWSERS, found
from portal.cli.supervisor import postgres, redis_server
from portal.cli.supervisor.home import Home
from portal.cli.supervisor.state import SHARED
from portal.cli.supervisor.supervise import Interrupted, Supervisor

MOST_PROCESSES = 4


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "test",
        help="check everything",
        description="Other options and paths are handed to pytest.",
        allow_abbrev=False,
    )
    parser.add_argument("--install-system", action="store_true", help="install what the machine lacks")
    parser.add_argument("--full", action="store_true", help="the tests that need minutes as well")
    parser.add_argument(
        "--storm", action="store_true", help="crash whole instances for an hour, and nothing else"
    )
    parser.set_defaults(run=run, joins=False, passes_on=True)


def run(options: argparse.Namespace) -> int:
    """Start scratch services, run tools and tests, leave nothing behind; 0 when all is well."""
    scratch = Home(Path(tempfile.mkdtemp(prefix="palier-test-")))
    supervisor = Supervisor(scratch.folder("log"), say=lambda name, words: None)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, supervisor.ask_to_stop)
    try:
        env = start_services(supervisor, scratch) | asked_for(options)
        read = {} if options.storm else tools()
        failed = [name for name, command in read.items() if not passes(supervisor, name, command, env)]
        if failed:
            print(f"\nFailed: {', '.join(failed)}\n", flush=True)
        tested = supervisor.run_to_end(pytest_command(options), env)
        return tested or int(bool(failed))
    except Interrupted:
        return 130
    finally:
        supervisor.stop()
        shutil.rmtree(scratch.root, ignore_errors=True)


def start_services(supervisor: Supervisor, scratch: Home) -> dict[str, str]:
    """Services for the tests, where none are given, and the environment that names them."""
    given_database, given_redis = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    programs = [] if given_database else [postgres.program(scratch, durable=False)]
    programs += [] if given_redis else [redis_server.program(scratch)]
    supervisor.start(programs)
    supervisor.wait_ready()
    if not given_database:
        postgres.make_owner(scratch)
    cache = Home.from_env().folder("cache")
    return {
        **without_an_instance(os.environ),
        "TEST_DATABASE_URL": given_database or postgres.owner_url(scratch),
        "TEST_REDIS_URL": given_redis or redis_server.url(scratch),
        # What tests keep beside a server of this run goes with it; a given server's is found again.
        **({} if given_database else {"TEST_FOLDER": str(scratch.folder("kept"))}),
        "CHROMIUM": os.environ.get("CHROMIUM") or found(BROWSERS) or "",
        "RUFF_CACHE_DIR": str(cache / "ruff"),
        "MYPY_CACHE_DIR": str(cache / "mypy"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(cache / "hypothesis"),
    }


def asked_for(options: argparse.Namespace) -> dict[str, str]:
    """How the tests are told which of the long ones to run."""
    return {f"PALIER_{name.upper()}": "1" for name in ("full", "storm") if getattr(options, name)}


def without_an_instance(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without anything that leads to real data."""
    theirs = {*SHARED, "PORTAL_HOME", "PORTAL_PORT", "PORTAL_TODAY"}
    return {name: value for name, value in environment.items() if name not in theirs}


def tools() -> dict[str, list[str]]:
    """What reads the code without running it."""
    imports = str(Path(sys.executable).parent / "lint-imports")
    return {
        "ruff": [sys.executable, "-m", "ruff", "check", "."],
        "mypy": [sys.executable, "-m", "mypy"],
        "import contracts": [imports, "--no-logo", "--cache-dir", str(Home.from_env().folder("cache"))],
    }


def passes(supervisor: Supervisor, name: str, command: list[str], env: Mapping[str, str]) -> bool:
    """Run one tool and say which."""
    print(f"== {name}", flush=True)
    return supervisor.run_to_end(command, env) == 0


def pytest_command(options: argparse.Namespace) -> list[str]:
    """All tests, or what the other options and paths ask for; storms one after the other."""
    cache = Home.from_env().folder("cache") / "pytest"
    command = [sys.executable, "-m", "pytest", "-o", f"cache_dir={cache}"]
    if options.storm:
        return [*command, "-p", "no:xdist", "-m", "storm", "-v", *options.others]
    processes = min(MOST_PROCESSES, os.cpu_count() or 1)
    chosen = "not storm" if options.full else "not slow and not storm"
    return [*command, "-n", str(processes), "-m", chosen, *options.others]
