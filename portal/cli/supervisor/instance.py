"""One instance: its settings, embedded or given, and the programs it is made of."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from config import Settings
from portal.cli.supervisor import mail_capture, postgres, redis_server, web
from portal.cli.supervisor.child import Program
from portal.cli.supervisor.home import Home
from portal.cli.supervisor.state import MARK


@dataclass(frozen=True)
class Instance:
    """What an instance runs on; `environment` is whole, the owner's URL included."""

    home: Home
    environment: Mapping[str, str]
    settings: Settings
    clock_offset_days: int
    embedded: frozenset[str]

    def services(self) -> list[Program]:
        """The services that were not given from outside."""
        programs = []
        if "DATABASE_URL" in self.embedded:
            programs.append(postgres.program(self.home))
        if "REDIS_URL" in self.embedded:
            programs.append(redis_server.program(self.home))
        if "SMTP_URL" in self.embedded:
            port = int(self.settings.smtp_url.rpartition(":")[2])
            programs.append(mail_capture.program(self.home.folder("mail"), port, self.environment))
        return programs

    def web(self) -> Program:
        """The portal itself, which never holds the owner's URL nor the workers' token."""
        env = {k: v for k, v in self.environment.items() if k not in ("DATABASE_URL", "WORKER_TOKEN")}
        return web.program(self.settings.port, env)

    def workers(self) -> list[Program]:
        """One worker per core and the one scheduler."""
        env = {k: v for k, v in self.environment.items() if k != "DATABASE_URL"}
        run = [sys.executable, "-m", "workers"]
        names = [f"worker-{number}" for number in range(1, (os.cpu_count() or 1) + 1)]
        workers = [Program(name=name, argv=[*run, "work"], env=env, stage=2) for name in names]
        return [*workers, Program(name="scheduler", argv=[*run, "schedule"], env=env, stage=2)]


def describe(home: Home, *, demo: bool, clock_offset_days: int) -> Instance:
    """Complete what the environment gives with what is embedded, and check it all."""
    secrets = home.secrets()
    embedded = {
        "DATABASE_URL": postgres.owner_url(home),
        "REDIS_URL": redis_server.url(home),
        "SMTP_URL": f"smtp://127.0.0.1:{web.free_port()}",
        "SECRET_KEY": secrets["secret_key"],
    }
    ours = frozenset(name for name in embedded if not os.environ.get(name))
    environment = {
        **os.environ,
        **{name: embedded[name] for name in ours},
        MARK: str(home.root),
        "PORTAL_HOME": str(home.root),
        "DEMO": str(int(demo)),
        "PORTAL_CLOCK_OFFSET_DAYS": str(clock_offset_days),
        "PYTHONUNBUFFERED": "1",
    }
    environment.pop("PORTAL_TODAY", None)
    settings = Settings.from_env(environment)
    environment |= {
        "DATABASE_URL": settings.database_url,
        "DATABASE_APP_URL": settings.app_database_url,
        "DATABASE_GATE_URL": settings.gate_database_url,
        "WORKER_TOKEN": settings.worker_token,
        "FILES_URL": settings.files_url,
        "BASE_URL": settings.base_url,
    }
    return Instance(home, environment, settings, clock_offset_days, ours)
