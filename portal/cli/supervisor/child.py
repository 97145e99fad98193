"""One supervised process: started in a group of its own, ended with its supervisor, started again."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
# Having run this long, a process is taken for sound and its next restart is quick again.
SOUND_AFTER = 5.0


def always() -> bool:
    """A process that has nothing to answer is ready as soon as it runs."""
    return True


@dataclass(frozen=True)
class Program:
    """What to run and how to tell that it is ready; later stages start after earlier ones and stop before."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    stage: int = 0
    ready: Callable[[], bool] = always
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0


@dataclass
class Child:
    """A program with its process of the moment."""

    program: Program
    log: Path
    process: subprocess.Popen[bytes] | None = None
    state: str = "stopped"
    failures: int = 0
    started: float = 0.0
    due: float = field(default=0.0)

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def start(self) -> None:
        """Start the process, with its output at the end of its log."""
        signal_at_death = self.program.stop_signal
        libc = ctypes.CDLL(None) if sys.platform == "linux" else None

        def die_with_supervisor() -> None:
            if libc is not None:
                libc.prctl(PR_SET_PDEATHSIG, signal_at_death)

        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.program.argv,
                env=dict(self.program.env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
                preexec_fn=die_with_supervisor,
            )
        self.started = time.monotonic()
        self.state = "starting"

    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self.process is None or self.process.poll() is not None

    def plan_restart(self) -> float:
        """Decide when to start again, later each time it fails soon; the pause in seconds."""
        if time.monotonic() - self.started > SOUND_AFTER:
            self.failures = 0
        pause = min(FIRST_PAUSE * 2**self.failures, LONGEST_PAUSE)
        self.failures += 1
        self.due = time.monotonic() + pause
        self.state = "restarting"
        return pause

    def check(self) -> bool:
        """Ask whether it is ready, and remember the answer."""
        try:
            ready = not self.has_ended() and self.program.ready()
        except Exception:
            ready = False
        if ready:
            self.state = "ready"
        elif self.state == "ready":
            self.state = "unwell"
        return ready

    def ask_to_stop(self) -> None:
        """Send the signal by which this program ends cleanly."""
        if self.process and not self.has_ended():
            with suppress(ProcessLookupError):
                self.process.send_signal(self.program.stop_signal)

    def end(self, deadline: float) -> None:
        """Wait for the end until the deadline, then end what is left of it by force."""
        if self.process is None:
            return
        family = descendants(self.process.pid)
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill_group()
            self.process.wait()
        for left in family:
            with suppress(psutil.Error):
                left.kill()
        self.state = "stopped"

    def kill_group(self) -> None:
        """End by force whatever is left in the process's group."""
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def descendants(pid: int) -> list[psutil.Process]:
    """Children of a process, and theirs."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []
