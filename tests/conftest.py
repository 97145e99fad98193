"""What tests stand on: a real PostgreSQL, built by the migrations, and people who act in it."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from portal import db as database_module
from portal.db import Identity, acting_as, driver_url
from portal.users.models import User
from tests import databases, factories

Acting = Callable[[User], AbstractContextManager[None]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs minutes runs only when asked for."""
    for mark in ("slow", "storm"):
        option = "full" if mark == "slow" else mark
        if os.environ.get(f"PALIER_{option.upper()}"):
            continue
        for item in items:
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=f"runs with test --{option}"))


@pytest.fixture(scope="session")
def server() -> str:
    """Owner's URL of a PostgreSQL server where scratch databases may be made."""
    url = os.environ.get("TEST_DATABASE_URL")
    if not url:
        pytest.exit("TEST_DATABASE_URL is not set: run the tests with `python3 -m portal test`", 2)
    return url


@pytest.fixture(scope="session")
def scratch(server: str) -> Iterator[str]:
    """Owner's URL of this test process's own database."""
    url = databases.create(server)
    yield url
    databases.drop(server, url)


@pytest.fixture(scope="session")
def bound_app(scratch: str) -> Iterator[Flask]:
    """A bare application bound to the scratch database with the portal's own logins."""
    app = Flask("tests")
    database_module.init(
        app,
        app_url=databases.with_login(scratch, "portal_app"),
        gate_url=databases.with_login(scratch, "portal_gate"),
    )
    yield app
    with app.app_context():
        database_module.db.engine.dispose()
        database_module.gate_engine().dispose()


@pytest.fixture
def database(scratch: str) -> str:
    """Owner's URL of the scratch database, emptied for this test."""
    databases.clear(scratch)
    return scratch


@pytest.fixture
def portal(database: str, bound_app: Flask) -> Iterator[Flask]:
    """An application context in which services run as nobody until somebody acts."""
    with bound_app.app_context():
        yield bound_app
        database_module.db.session.remove()


@pytest.fixture
def owner(database: str) -> Iterator[Session]:
    """A session of the database's owner, to arrange what a test begins with; commit what others must see."""
    engine = create_engine(driver_url(database), poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _utc(connection: object, record: object) -> None:
        connection.execute("set timezone to 'UTC'")  # type: ignore[attr-defined]
        connection.commit()  # type: ignore[attr-defined]

    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


@pytest.fixture
def acting(owner: Session, portal: Flask) -> Acting:
    """`with acting(user): …` plays a person, `acting(None)` the workers, through a real session token."""

    @contextmanager
    def play(user: User | None) -> Iterator[None]:
        token = factories.make_session(owner, user)
        role = user.role.database_role if user else "portal_worker"
        with acting_as(Identity(token, role)):
            yield

    return play
