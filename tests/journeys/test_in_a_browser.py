"""Real Chromium over real sockets: what only a browser shows."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from portal.cli.supervisor.web import free_port
from tests.journeys.browsing import ACCOUNTS
from tests.journeys.conftest import Town

CHROMIUM = next(
    (path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture
def address(town: Town) -> Iterator[str]:
    """Where the portal answers."""
    port = free_port()
    server = make_server("127.0.0.1", port, town.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """A narrow window whose every request to another host, script fault and refused style is a failure."""
    troubles: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 360, "height": 740}, base_url=address, locale="fr-FR")
        opened.set_default_timeout(60_000)
        opened.on("pageerror", lambda error: troubles.append(str(error)))
        opened.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        opened.on("request", lambda asked: None if address in asked.url else troubles.append(asked.url))
        yield opened
        browser.close()
    assert troubles == []


def sign_in(page: Page, role: str) -> None:
    """As a person does."""
    page.goto("/account/sign-in")
    page.get_by_label("Adresse e-mail").fill(ACCOUNTS[role]["email"])
    page.get_by_label("Mot de passe").fill(ACCOUNTS[role]["password"])
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_partner_reads_its_home_on_a_phone_without_scrolling_sideways(page: Page) -> None:
    sign_in(page, "partner_admin")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Déclarer un projet")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate(
        "performance.getEntriesByType('resource').every(r => r.name.startsWith(location.origin))"
    )


def test_a_pam_reads_and_decides_by_keyboard(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    sign_in(page, "pam")
    page.get_by_role("link", name="D-FY27-").first.click()
    page.wait_for_url("**/staff/claims/**")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("j")
    assert "/staff/claims/" in page.url
