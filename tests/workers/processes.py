"""Worker processes as the supervisor runs them: started, killed, started again."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from config import Settings

ROOT = Path(__file__).parents[2]


@dataclass
class Fleet:
    """Two workers and a scheduler on a test's database, each started again when it dies."""

    settings: Settings
    log: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    names: tuple[str, ...] = ("work-1", "work-2", "schedule-1")

    def start(self) -> None:
        for name in self.names:
            self._start(name)

    def _start(self, name: str) -> None:
        given, log = self.settings, self.log.open("ab")
        env = {
            **os.environ,
            "PORTAL_HOME": str(given.home),
            "DATABASE_APP_URL": given.app_database_url,
            "DATABASE_GATE_URL": given.gate_database_url,
            "REDIS_URL": given.redis_url,
            "SMTP_URL": given.smtp_url,
            "FILES_URL": given.files_url,
            "BASE_URL": given.base_url,
            "SECRET_KEY": given.secret_key,
            "WORKER_TOKEN": given.worker_token,
            "DEMO": "1",
            "PYTHONPATH": str(ROOT),
        }
        env.pop("DATABASE_URL", None)
        command = [sys.executable, "-m", "workers", name.partition("-")[0]]
        with log:
            self.running[name] = subprocess.Popen(
                command, env=env, cwd=ROOT, stdout=log, stderr=log, process_group=0
            )

    def tend(self) -> None:
        """Start again what died, as the supervisor does."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self._start(name)

    def kill(self, name: str) -> None:
        """End a process and its children at once, as a crash would."""
        process = self.running[name]
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
        process.wait()

    def kill_child(self, name: str) -> bool:
        """End the child that does an item, not its worker; whether there was one."""
        children = psutil.Process(self.running[name].pid).children()
        for child in children:
            child.kill()
        return bool(children)

    def stop(self) -> None:
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 10
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
