"""The workers as a test plays them: their identity, and items done one after the other in this process."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config import Settings
from portal import clock, work
from portal.work.models import WorkItem, WorkState
from tests import databases, factories
from workers import job
from workers.context import Context

Drain = Callable[..., int]


def settings_for(url: str, home: Path, *, token: str, **given: str) -> Settings:
    """Settings of an instance on a scratch database."""
    places = {"redis_url": "unix:///nowhere.sock", "smtp_url": "smtp://127.0.0.1:9", **given}
    return Settings(
        home=home,
        port=8000,
        database_url=url,
        app_database_url=databases.with_login(url, "portal_app"),
        gate_database_url=databases.with_login(url, "portal_gate"),
        files_url=(home / "files").as_uri(),
        base_url="https://palier.example",
        secret_key="0" * 32,
        worker_token=token,
        demo=True,
        today=None,
        **places,
    )


@pytest.fixture
def context(database: str, owner: Session, tmp_path: Path) -> Iterator[Context]:
    """The workers' context on the test's database."""
    made = Context(settings_for(database, tmp_path, token=factories.make_session(owner, None)))
    yield made
    work.ring_with(lambda ids, *, first=False: None)
    with made.app.app_context():
        from portal.db import db, gate_engine

        db.engine.dispose()
        gate_engine().dispose()


@pytest.fixture
def drain(context: Context, owner: Session) -> Drain:
    """Do every item that is due, and those they add, as workers would; how many were done."""

    def run(*kinds: str) -> int:
        done = 0
        while True:
            query = select(WorkItem.id).where(
                WorkItem.state == WorkState.READY,
                WorkItem.run_after <= clock.real_now() + timedelta(milliseconds=300),
            )
            query = query.where(WorkItem.kind.in_(kinds)) if kinds else query
            due = owner.execute(query.order_by(WorkItem.priority.desc(), WorkItem.created_at)).scalars().all()
            owner.rollback()
            if not due:
                return done
            for item_id in due:
                job.run(str(item_id))
                done += 1

    return run


@pytest.fixture
def due_now(owner: Session) -> Callable[[], None]:
    """Let items that wait for another attempt be due at once."""

    def hurry() -> None:
        owner.execute(
            update(WorkItem).where(WorkItem.state == WorkState.READY).values(run_after=clock.real_now())
        )
        owner.commit()

    return hurry
