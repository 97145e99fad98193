"""The supervisor: starts programs stage by stage, starts again what dies, stops in reverse."""

import os
import shutil
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from portal.cli.failures import Failure
from portal.cli.supervisor.child import Child, Program, always

LARGEST_LOG = 5 * 1024 * 1024
GLANCE, CHECK_EVERY = 0.05, 5.0
TRIES_AT_START = 4


class Interrupted(Exception):
    """Somebody asked the supervisor to stop."""


class Supervisor:
    """Holds the processes of one instance; `changed` is told whenever their list does."""

    def __init__(
        self,
        logs: Path,
        *,
        say: Callable[[str, str], None],
        changed: Callable[[Sequence[Child]], None] = lambda children: None,
    ) -> None:
        self.logs = logs
        self.say = say
        self.changed = changed
        self.children: list[Child] = []
        self.stopping = False
        self._checked = 0.0

    def ask_to_stop(self, *_: object) -> None:
        """What the signals of the terminal and of the system call."""
        self.stopping = True

    def start(self, programs: Sequence[Program]) -> None:
        """Start programs together."""
        for program in programs:
            child = Child(program, self.logs / f"{program.name}.log")
            child.start()
            self.children.append(child)
        self.changed(self.children)

    def wait_ready(self, timeout: float = 180.0) -> None:
        """Wait until all that was started answers, starting again what dies meanwhile."""
        deadline = time.monotonic() + timeout
        while waiting := [child for child in self.children if child.state != "ready"]:
            self.glance()
            for child in waiting:
                if time.monotonic() > deadline or child.failures > TRIES_AT_START:
                    words = last_words(child.log)
                    raise Failure(f"{child.program.name} does not start. The end of {child.log}:\n{words}")

    def run_to_end(self, argv: Sequence[str], env: Mapping[str, str]) -> int:
        """Run a command on the terminal while the rest is watched; its exit code."""
        process = subprocess.Popen(argv, env=dict(env), stdin=subprocess.DEVNULL, process_group=0)
        try:
            while (code := process.poll()) is None:
                self.glance()
        except BaseException:
            process.kill()
            process.wait()
            raise
        return code

    def glance(self) -> None:
        """Look once at every process; raise Interrupted when asked to stop."""
        if self.stopping:
            raise Interrupted
        before = [(child.pid, child.state) for child in self.children]
        for child in self.children:
            if child.state == "restarting":
                self._restart_when_due(child)
            elif child.has_ended():
                self._mourn(child)
            elif child.state == "starting" and child.check() and child.program.ready is not always:
                self.say(child.program.name, f"ready ({time.monotonic() - child.started:.1f} s)")
        if time.monotonic() - self._checked > CHECK_EVERY:
            self._checked = time.monotonic()
            self._check_all()
        if before != [(child.pid, child.state) for child in self.children]:
            self.changed(self.children)
        time.sleep(GLANCE)

    def _mourn(self, child: Child) -> None:
        assert child.process is not None
        code = child.process.returncode
        how = f"signal {-code}" if code < 0 else f"exit {code}"
        pause = child.plan_restart()
        self.say(child.program.name, f"ended ({how}), starts again in {pause:.1f} s; see {child.log.name}")

    def _restart_when_due(self, child: Child) -> None:
        if time.monotonic() >= child.due:
            child.kill_group()
            child.start()

    def _check_all(self) -> None:
        for child in self.children:
            if child.state in ("ready", "unwell"):
                child.check()
            keep_small(child.log)

    def stop(self) -> None:
        """Stop everything, the last started first."""
        for stage in sorted({child.program.stage for child in self.children}, reverse=True):
            mates = [child for child in self.children if child.program.stage == stage]
            for child in mates:
                child.ask_to_stop()
            begun = time.monotonic()
            for child in mates:
                child.end(begun + child.program.grace)
        self.changed(self.children)


def last_words(log: Path, lines: int = 8) -> str:
    """The end of a log."""
    with log.open(errors="replace") as file:
        kept = deque(file, lines)
    return "".join(f"  {line.rstrip()}\n" for line in kept)


def keep_small(log: Path) -> None:
    """Keep a log and the one before it: the process goes on writing at the end of the emptied file."""
    with suppress(FileNotFoundError):
        if log.stat().st_size > LARGEST_LOG:
            with suppress(OSError):  # on a full disk the log before it is what can be missed
                shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)
