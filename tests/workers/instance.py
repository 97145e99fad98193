"""A whole instance as `up` runs it, on a test's own folder: started, killed anywhere, started again."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from redis import Redis
from redis.exceptions import RedisError

from portal.cli.supervisor import redis_server
from portal.cli.supervisor.child import PR_SET_PDEATHSIG
from portal.cli.supervisor.home import Home
from portal.cli.supervisor.web import free_port
from tests.workers.processes import ROOT

FAULTS = Path(__file__).parent / "faults"
SMALL_DISK = "TEST_SMALL_DISK"  # the folder that is to be a disk of 20 MB
START = 2.0  # seconds that a worker's imports take on a machine that has its processors to itself


def slowness() -> float:
    """How many times slower this machine is just now, because of what else it does."""
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", "import workers.pdf, workers.closing"], cwd=ROOT, check=True)
    return max(1.0, (time.monotonic() - begun) / START)


class Every:
    """Does something every so many seconds, and counts."""

    def __init__(self, seconds: float, do: Callable[[], object]) -> None:
        self.seconds, self.do, self.due, self.times = seconds, do, 0.0, 0

    def __call__(self) -> None:
        if time.monotonic() >= self.due:
            self.due = time.monotonic() + self.seconds
            self.times += 1
            self.do()


@dataclass
class Instance:
    """One instance; `given` are settings that it does not embed, such as DATABASE_URL."""

    home: Path
    given: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def faults(self) -> Path:
        """Where its processes tell what they write, and read where to end."""
        return self.home / "faults"

    def up(self) -> None:
        """What a person types after a killed supervisor, and nothing else."""
        self.faults.mkdir(parents=True, exist_ok=True)
        with (self.home / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self._on_small_disk(), sys.executable, "-m", "portal.cli", "up", "--no-demo"],
                cwd=ROOT, env=self._environment(), stdout=log, stderr=log, preexec_fn=_end_with_its_test,
            )  # fmt: skip
        (self.faults / "supervisor").write_text(str(self.process.pid))

    def _on_small_disk(self) -> list[str]:
        """Where a small disk is asked for: mounted for this instance alone, in a namespace any user may have."""
        if not (folder := self.given.get(SMALL_DISK)):
            return []
        back = f"unshare -U --map-user={os.getuid()} --map-group={os.getgid()}"
        mount = f'mount -t tmpfs -o size=20m,mode=777 tmpfs {folder} || exec "$@"; exec {back} "$@"'
        return ["unshare", "-Urm", "sh", "-c", mount, "sh"]

    def _environment(self) -> dict[str, str]:
        without = (
            "DATABASE_APP_URL",
            "DATABASE_GATE_URL",
            "FILES_URL",
            "DATABASE_URL",
            "REDIS_URL",
            "SMTP_URL",
        )
        inherited = {name: value for name, value in os.environ.items() if name not in without}
        return {
            **inherited,
            "PORTAL_HOME": str(self.home),
            "PORTAL_PORT": str(self.port),
            "PALIER_FAULTS": str(self.faults),
            "PYTHONPATH": f"{FAULTS}{os.pathsep}{ROOT}",
            **self.given,
        }

    def tend(self) -> None:
        """Start it again, if its supervisor was killed."""
        if self.process is None or self.process.poll() is not None:
            self.up()

    def wait_ready(self) -> None:
        """Wait until all of it runs."""
        self.wait(lambda: {"scheduler", "worker-1"} <= self.pids().keys() and self._greeted(), seconds=400)

    def _greeted(self) -> bool:
        return "Palier is ready" in self.words()

    def wait(
        self, reached: Callable[[], Any], *, seconds: float, weather: Callable[[], object] = bool
    ) -> float:
        """Tend it in this weather until something is true; how long that took."""
        begun = time.monotonic()
        while not reached():
            self.tend()
            weather()
            late = time.monotonic() - begun > seconds
            assert not late, f"not reached in {seconds} s:\n{self.words()}"
            time.sleep(0.05)
        return time.monotonic() - begun

    def pids(self) -> dict[str, int]:
        """Its processes of the moment, by name."""
        try:
            told = json.loads((self.home / "run" / "state.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return {one["name"]: one["pid"] for one in told["processes"] if one["pid"]}

    def kill(self, name: str, *, with_children: bool = True) -> None:
        """End one of its processes at once, as a crash would."""
        process = self.process if name == "supervisor" else None
        pid = process.pid if process else self.pids().get(name)
        if pid is None or not psutil.pid_exists(pid):
            return
        family = psutil.Process(pid).children(recursive=True) if with_children and not process else []
        for one in (psutil.Process(pid), *family):
            _end(one)
        if process:
            process.wait()

    def kill_child(self, name: str) -> bool:
        """End the child that does an item, not its worker; whether there was one."""
        pid = self.pids().get(name)
        children = psutil.Process(pid).children() if pid and psutil.pid_exists(pid) else []
        for child in children:
            _end(child)
        return bool(children)

    def flush_redis(self) -> None:
        """Let its Redis forget everything."""
        with Redis.from_url(redis_server.url(Home(self.home))) as redis, suppress(RedisError):
            redis.flushall()

    def words(self) -> str:
        """The end of what it said."""
        logs = [self.home / "up.log", *sorted((self.home / "log").glob("*.log"))]
        return "\n".join(
            f"{log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in logs if log.exists()
        )

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _end_with_its_test() -> None:
    """A test run that is stopped leaves no instance behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.Error:
        return
