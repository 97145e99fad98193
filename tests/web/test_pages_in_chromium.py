"""Pages in a real browser: nobody shut out, nothing cut off, nothing asked of another host."""

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from portal.users.models import Role
from tests import factories
from tests.web.conftest import ClientFor
from tests.web.lived_in import CLOSED, People, inhabitants, pages
from tests.workers.conftest import context, drain

__all__ = ["context", "drain", "inhabitants"]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIOLATIONS = """rules => axe.run({runOnly: rules, resultTypes: ["violations"]})
    .then(found => found.violations.map(one => [one.id, one.nodes.map(node => node.html)]))"""
AXE = Axe().axe_script
STATES = tuple((width, scheme) for width in (1280, 360) for scheme in ("light", "dark"))
LARGEST = 150_000
# The pages on which the half-year is lived, by role; what is in braces is looked up.
MAIN: dict[Role | None, tuple[str, ...]] = {
    None: ("/account/sign-in",),
    Role.PARTNER_ADMIN: ("/", "/claims", "/claims/{claims}", "/claims/new", "/statements/{statements}"),
    Role.PAM: ("/staff/queue", "/staff/claims/{claims}"),
    Role.FINANCE: (f"/staff/closing/{CLOSED}", "/staff/ledger/{journal_entries}"),
}
OpenPage = Callable[[Role | None], Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application answers a browser."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_page(chromium: Chromium, address: str, owner: Session, inhabitants: People) -> Iterator[OpenPage]:
    """`open_page(role)`: an empty page in a browser of its own, signed in; None is a stranger's."""
    opened = []

    def new(role: Role | None) -> Page:
        window = chromium.new_context(base_url=address, locale="fr-FR", reduced_motion="reduce")
        opened.append(window)
        if role:
            token = factories.make_session(owner, inhabitants[role])
            window.add_cookies([{"name": "session", "value": token, "url": address}])
        return window.new_page()

    yield new
    for window in opened:
        window.close()


def faults(page: Page, path: str, states: Iterable[tuple[int, str]] = STATES) -> list[tuple[str, str, Any]]:
    """Everything wrong with one page, in each of these widths and schemes."""
    found: list[tuple[str, str, Any]] = []
    sizes: list[int] = []

    def note(kind: str, what: Any) -> None:
        found.append((path, kind, what))

    page.on("console", lambda said: note("console", said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: note("script", str(error)))
    page.on("request", lambda asked: note("outside", asked.url) if "//127.0.0.1:" not in asked.url else None)
    page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0))))
    page.goto(path)
    if sum(sizes) > LARGEST:
        note("weight", sum(sizes))
    page.evaluate(AXE)
    for width, scheme in states:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        needed = page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            note(f"wider than {width}", needed)
        for rule, places in page.evaluate(VIOLATIONS, RULES):
            note(f"{width} {scheme} {rule}", places)
    page.close()
    return found


class TestMainPages:
    def test_are_open_to_everybody_and_whole_at_every_width(
        self, owner: Session, open_page: OpenPage
    ) -> None:
        things = {
            table: owner.execute(text(f"select public_id from {table} where {which} order by id limit 1")).scalar_one()
            for table, which in (
                ("claims", "state = 'submitted'"), ("statements", "true"), ("journal_entries", "true")
            )
        }  # fmt: skip
        found = []
        for role, paths in MAIN.items():
            for path in paths:
                found += faults(open_page(role), path.format(**things), ((1280, "light"), (360, "dark")))
        assert not found, "\n".join(map(str, found))

    def test_fill_their_forms_without_scripts(self, chromium: Chromium, address: str) -> None:
        window = chromium.new_context(base_url=address, java_script_enabled=False)
        page = window.new_page()
        page.goto("/account/sign-in")
        page.fill("input[name=email]", "nobody@palier.example")
        page.fill("input[name=password]", "wrong")
        page.press("input[name=password]", "Enter")
        assert page.input_value("input[name=email]") == "nobody@palier.example"
        assert page.locator(".summary").count() == 1
        window.close()


@pytest.mark.slow
class TestEveryPage:
    def test_is_open_to_everybody_and_whole_at_every_width(
        self, app: Flask, client_for: ClientFor, inhabitants: People, open_page: OpenPage
    ) -> None:
        found = []
        for role in (None, *inhabitants):
            person = inhabitants[role] if role else None
            first = ("/account/sign-in", "/verify", "/search?q=arvelia")
            for path, _text in pages(app, client_for(person), *first):
                found += faults(open_page(role), path)
        assert not found, "\n".join(map(str, found))
