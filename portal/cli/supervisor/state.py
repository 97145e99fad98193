"""What a running instance tells the other commands, and what a killed one left behind."""

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import psutil

from portal.cli.supervisor.child import Child
from portal.cli.supervisor.home import Home, read_json, write_json

# Every process of an instance carries its data folder under this name.
MARK = "PALIER_INSTANCE"
# What another command needs to join the instance.
SHARED = (
    "BASE_URL",
    "DATABASE_APP_URL",
    "DATABASE_GATE_URL",
    "DATABASE_URL",
    "DEMO",
    "FILES_URL",
    "PORTAL_CLOCK_OFFSET_DAYS",
    "REDIS_URL",
    "SECRET_KEY",
    "SMTP_URL",
    "WORKER_TOKEN",
)


def write(home: Home, children: Sequence[Child], **more: Any) -> None:
    """Say which processes run and how to join them."""
    processes = [
        {"name": child.program.name, "pid": child.pid, "state": child.state, "born": _born(child.pid)}
        for child in children
    ]
    write_json(home.state_file, {"supervisor": os.getpid(), "processes": processes, **more})


def read(home: Home) -> dict[str, Any]:
    """What the running instance says; nothing when none runs."""
    return read_json(home.state_file) if home.is_held() else {}


def join_running_instance() -> None:
    """Give a command the settings of the instance that runs on this data folder, where it has none."""
    if "DATABASE_URL" not in os.environ:
        told = read(Home.from_env()).get("environment", {})
        for name in told.keys() & set(SHARED):
            os.environ.setdefault(name, told[name])


def stop_leftovers(home: Home) -> int:
    """End the processes that a killed supervisor left behind; how many there were."""
    left = _recorded(home) + _marked(home)
    for process in left:
        with suppress(psutil.Error):
            process.terminate()
    _, stubborn = psutil.wait_procs(left, timeout=10)
    for process in stubborn:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)
    return len(left)


def _recorded(home: Home) -> list[psutil.Process]:
    """Processes of the last state file that are still the same ones."""
    found = []
    for known in read_json(home.state_file).get("processes", []):
        if known["pid"] and known["born"] is not None and _born(known["pid"]) == known["born"]:
            found.append(psutil.Process(known["pid"]))
    return [process for process in found if process.name() != "postgres"]


def _marked(home: Home) -> list[psutil.Process]:
    """Processes that carry this instance's mark, whoever their parent is by now."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARK) == str(home.root):
                found.append(process)
    return [process for process in found if process.name() != "postgres"]


def _born(pid: int | None) -> float | None:
    try:
        return psutil.Process(pid).create_time() if pid else None
    except psutil.Error:
        return None
