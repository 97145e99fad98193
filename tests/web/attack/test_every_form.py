"""Every form and every list of the portal, given what no person would type: refused, never broken."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from lxml import html

from portal.users.models import Role
from tests.web.conftest import Browser, ClientFor
from tests.web.lived_in import People, inhabitants, pages
from tests.workers.conftest import context, drain

__all__ = ["context", "drain", "inhabitants"]

HOSTILE = (
    "\x00\x0b\u202e",
    "x" * 5000,
    "9" * 30,
    "-1",
    "NaN",
    "<b onmouseover=alert(1)>",
    "٣",
    "[]",
    "\ud7ff\U0010ffff",
)
ASKED = (
    "page", "sort", "state", "q", "period", "segment", "coverage", "step", "view", "export", "code", "on",
    "subject", "actor", "partner", "run", "family", "account", "more", "day", "month", "team", "kind",
)  # fmt: skip
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
FIRST = ("/account/sign-in", "/account/reset", "/verify", "/search?q=arvelia")


def forms(app: Flask, browser: Browser) -> Iterator[tuple[str, str, list[str]]]:
    """Method, address and fields of each form within reach."""
    for path, text in pages(app, browser, *FIRST):
        for form in html.fromstring(text).forms:
            yield form.method, form.action or path, [name for name in form.fields if name != "csrf_token"]


class TestEveryForm:
    def test_refuses_what_it_cannot_take_and_runs_no_markup(
        self, app: Flask, client_for: ClientFor, inhabitants: People
    ) -> None:
        broken, seen = [], set()
        for role, person in [(None, None), *inhabitants.items()]:
            browser = client_for(person)
            for method, path, names in list(forms(app, browser)):
                key = (method, UUIDS.sub("*", path), tuple(names))
                if key in seen or "sign-out" in path or "/end" in path:
                    continue
                seen.add(key)
                for text in HOSTILE:
                    answer = self.send(browser, method, path, dict.fromkeys(names, text))
                    if answer.status_code >= 500 or "<b onmouse" in answer.text:
                        broken.append((str(role), *key, text[:9], answer.status_code))
        assert not broken, "\n".join(map(str, broken))
        assert len(seen) > 40

    def send(self, browser: Browser, method: str, path: str, fields: dict[str, str]):
        if method == "GET":
            return browser.get(path.partition("?")[0], query_string=fields)
        return browser.send(path, fields)


class TestEveryList:
    @pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.FINANCE, Role.PROGRAMME_MANAGER, Role.ADMIN])
    def test_takes_any_question_in_its_address(
        self, app: Flask, client_for: ClientFor, inhabitants: People, role: Role
    ) -> None:
        browser, broken = client_for(inhabitants[role]), []
        for path in {path for path, _text in pages(app, browser, *FIRST)}:
            for text in HOSTILE:
                answer = browser.get(path, query_string=dict.fromkeys(ASKED, text[:300]))
                if answer.status_code >= 500 or "<b onmouse" in answer.text:
                    broken.append((path, text[:9], answer.status_code))
        assert not broken, "\n".join(map(str, broken))
