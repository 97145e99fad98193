"""What every job stands on: the settings, the database and the workers' own identity."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from config import Settings
from portal import db, files, work
from portal.db import Identity, acting_as
from portal.work.bell import Bell

_current: dict[str, "Context"] = {}


class Context:
    """An instance as the workers see it; `stretch` is how many seconds a job goes on taking what is due."""

    def __init__(self, settings: Settings, *, pool: int = 2, stretch: float = 0.0) -> None:
        self.settings = settings
        self.stretch = stretch
        self.identity = Identity(settings.worker_token, "portal_worker")
        self.bell = Bell(settings.redis_url)
        self.app = Flask("workers")
        db.init(self.app, app_url=settings.app_database_url, gate_url=settings.gate_database_url, pool=pool)
        files.configure(settings.files_url)
        files.configure_scanner(settings.clamd_url)
        work.ring_with(self.bell)
        _current["context"] = self

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Play the workers in this block, in this thread."""
        with self.app.app_context(), acting_as(self.identity):
            yield


def current() -> Context:
    """The context that this process made at its start."""
    return _current["context"]
