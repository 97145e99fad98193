"""Browsers for tests: the whole application on the scratch database, and people signed in to it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import Settings
from portal import db as database_module
from portal.app import create_app
from portal.users import passwords
from portal.users.models import User
from tests import databases, factories

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Browser(FlaskClient):
    """A client that sends the form token as a page's own forms do, and reads answers to their end."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Any request, its answer read to the end, so that served files are closed."""
        return super().open(*args, **{"buffered": True, **options})

    def send(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """POST a form of the portal, its token included."""
        return self.post(path, data={"csrf_token": self.form_token(), **(data or {})}, **options)

    def form_token(self) -> str:
        """The token that the portal's forms carry for this browser."""
        found = TOKEN.search(self.get("/no-such-page").get_data(as_text=True))
        assert found, "no form on the page"
        return found[1]


CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
ClientFor = Callable[[User | None], Browser]


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost nothing; what they cost in earnest is a unit test's to say."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP)


@pytest.fixture(scope="session")
def settings(scratch: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an instance on the scratch database, with a Redis that is away unless a test brings one."""
    home: Path = tmp_path_factory.mktemp("home")
    return Settings.from_env(
        {
            "PORTAL_HOME": str(home), "DATABASE_APP_URL": databases.with_login(scratch, "portal_app"),
            "DATABASE_GATE_URL": databases.with_login(scratch, "portal_gate"), "SECRET_KEY": "s" * 32,
            "REDIS_URL": f"unix://{home}/none.sock", "SMTP_URL": "smtp://127.0.0.1:1",
            "WORKER_TOKEN": "w" * 32,
        }
    )  # fmt: skip


@pytest.fixture(scope="session")
def web_app(settings: Settings) -> Iterator[Flask]:
    """The application, made once."""
    made = create_app(settings)
    made.test_client_class = Browser
    yield made
    with made.app_context():
        database_module.db.engine.dispose()
        database_module.gate_engine().dispose()


@pytest.fixture
def app(web_app: Flask, database: str) -> Flask:
    """The application on an emptied database."""
    return web_app


@pytest.fixture
def client_for(app: Flask, owner: Session) -> ClientFor:
    """`client_for(user)`: a browser in which this person is signed in; None is a stranger's."""

    def open_browser(user: User | None) -> Browser:
        browser = app.test_client()
        assert isinstance(browser, Browser)
        if user is not None:
            browser.set_cookie("session", factories.make_session(owner, user))
        return browser

    return open_browser
