"""Somebody at a browser without scripts: pages read as a person reads them, forms as they stand on the page."""

import io
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from portal import demo

SPACES = re.compile(r"[\s\u00a0\u202f]+")
ACCOUNTS = {account["role"]: account for account in demo.accounts()}
File = tuple[bytes, str]


class Visitor:
    """One person and what the browser shows."""

    def __init__(self, app: Flask, role: str, *, locale: str = "fr") -> None:
        self.client: FlaskClient = app.test_client()
        self.path = ""
        self.content = b""
        account = ACCOUNTS[role]
        self.open("/account/sign-in")
        self.send("sign-in", email=account["email"], password=account["password"])
        if locale != "fr":
            self.send("/account/locale", locale=locale)

    def open(self, path: str, *, status: int = 200) -> "Visitor":
        """Go to a page, along its redirections."""
        return self._show(self.client.get(path, follow_redirects=True, buffered=True), status)

    def send(
        self,
        action: str,
        *,
        status: int = 200,
        files: dict[str, File] | None = None,
        press: str = "",
        **given: Any,
    ) -> "Visitor":
        """Fill the form of the page whose action ends so, leave what is not given as it is, and send it."""
        form = self._form(action)
        data: dict[str, Any] = {}
        for name, value in form.form_values():
            data.setdefault(name, []).append(value)
        data |= given
        data |= {name: (io.BytesIO(content), called) for name, (content, called) in (files or {}).items()}
        data |= {press: "1"} if press else {}
        answer = self.client.post(form.action or self.path, data=data, follow_redirects=True, buffered=True)
        return self._show(answer, status)

    def follow(self, text: str, *, status: int = 200) -> "Visitor":
        """Follow the first link that says this."""
        return self.open(self.link(text), status=status)

    def link(self, text: str) -> str:
        """Where the first link that says this leads."""
        for link in self.page.iter("a"):
            if text in _read(link):
                return str(link.get("href"))
        raise AssertionError(f"no link says {text!r} on {self.path}: {self.text[:2000]}")

    def download(self, text: str) -> bytes:
        """What the first link that says this gives."""
        answer = self.client.get(self.link(text), buffered=True)
        assert answer.status_code == 200
        return bytes(answer.data)

    @property
    def page(self) -> Any:
        """The page as a tree."""
        return html.document_fromstring(self.content.decode())

    @property
    def text(self) -> str:
        """What the page says, its spaces all alike."""
        return _read(self.page.body)

    def says(self, *sentences: str) -> "Visitor":
        """The page says all of this; AssertionError with what it says otherwise."""
        missing = [one for one in sentences if one not in self.text]
        assert not missing, f"{missing} not on {self.path}: {self.text}"
        return self

    def _form(self, action: str) -> Any:
        for form in self.page.forms:
            if (form.action or self.path).partition("?")[0].endswith(action):
                return form
        raise AssertionError(f"no form leads to {action} on {self.path}: {self.text[:2000]}")

    def _show(self, answer: Any, status: int) -> "Visitor":
        self.path, self.content = answer.request.full_path.rstrip("?"), answer.data
        assert answer.status_code == status, f"{self.path} answers {answer.status_code}: {self.text[:3000]}"
        return self


def _read(element: Any) -> str:
    return SPACES.sub(" ", " ".join(element.itertext()))
