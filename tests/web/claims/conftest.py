"""The world of claims, seen through browsers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal import clock, files
from portal.db import db
from tests.conftest import Acting
from tests.factories.people import AT
from tests.integration.claims.conftest import World, make_world
from tests.web.conftest import Browser, ClientFor


@pytest.fixture(autouse=True)
def _on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The portal's calendar stands where the tests' claims are."""
    monkeypatch.setenv("PORTAL_CLOCK_OFFSET_DAYS", str(clock.offset_to(AT.date())))


@pytest.fixture
def world(owner: Session, acting: Acting, app: Flask, tmp_path: Path) -> World:
    files.configure(tmp_path.as_uri())
    return make_world(owner, acting)


@pytest.fixture
def firm(world: World, client_for: ClientFor) -> Browser:
    """The member's browser."""
    return client_for(world.member)


@pytest.fixture
def pam(world: World, client_for: ClientFor) -> Browser:
    """The account manager's browser."""
    return client_for(world.pam)


def page(browser: Browser, path: str, status: int = 200) -> str:
    """A page's text, of this status."""
    answer = browser.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)[:3000]
    return answer.get_data(as_text=True)


@pytest.fixture
def queries(app: Flask) -> Iterator[list[str]]:
    """The statements sent to PostgreSQL, as they go."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *others: object) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)
