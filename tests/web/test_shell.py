"""What every page does: headers, form tokens, hosts, errors in plain words."""

import errno
import sys
from dataclasses import replace

import pytest
from flask import Flask, Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config import Settings
from portal.app import create_app
from portal.users.models import Role
from portal.web import asking, health
from tests import factories
from tests.web.conftest import ClientFor


class TestHeaders:
    @pytest.mark.parametrize(
        "path", ["/account/sign-in", "/nothing", "/healthz", "/account/sign-out", "/static/mark.svg"]
    )
    def test_are_on_every_answer_errors_included(self, client_for: ClientFor, path: str) -> None:
        headers = client_for(None).get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert (
            headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
        )
        assert headers["Permissions-Policy"]
        assert headers["X-Request-ID"]

    def test_keep_pages_out_of_caches_and_files_in_them(self, client_for: ClientFor) -> None:
        browser = client_for(None)
        page = browser.get("/account/sign-in")
        assert page.headers["Cache-Control"] == "no-store"
        sheet = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
        assert "?v=" in sheet
        assert "immutable" in browser.get(sheet).headers["Cache-Control"]
        assert browser.get(sheet.partition("?")[0]).headers["Cache-Control"] == "no-cache"

    def test_bind_an_https_portal_to_https(self, settings: Settings) -> None:
        secure = create_app(replace(settings, base_url="https://palier.example"))
        answer = secure.test_client().get("/account/sign-in", base_url="https://palier.example")
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        with secure.test_request_context():
            signed_in = asking.hand_over(Response(), "token")
        for cookie in (answer.headers["Set-Cookie"], signed_in.headers["Set-Cookie"]):
            assert cookie.startswith("__Host-")
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
            assert "Domain" not in cookie and "Expires" not in cookie


class TestLog:
    def test_that_a_full_disk_takes_no_more_costs_nobody_the_page(
        self, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(sys.stderr, "write", full)
        assert client_for(None).get("/account/sign-in").status_code == 200


class TestStrangers:
    def test_with_another_host_are_refused(self, client_for: ClientFor) -> None:
        answer = client_for(None).get("/account/sign-in", headers={"Host": "elsewhere.example"})
        assert (answer.status_code, answer.text) == (400, "Unknown host.\n")

    def test_cannot_send_a_form_without_its_token(self, client_for: ClientFor) -> None:
        assert client_for(None).post("/account/reset", data={"email": "a@b.example"}).status_code == 400

    @pytest.mark.parametrize("born", ["cross-site", "same-site"])
    def test_cannot_send_a_form_from_another_site_even_with_a_token(
        self, client_for: ClientFor, born: str
    ) -> None:
        answer = client_for(None).send(
            "/account/reset", {"email": "a@b.example"}, headers={"Sec-Fetch-Site": born}
        )
        assert answer.status_code == 403

    def test_asking_as_programs_get_a_problem(self, client_for: ClientFor) -> None:
        answer = client_for(None).get("/account/profile", headers={"Accept": "application/json"})
        assert answer.status_code == 401
        assert answer.content_type == "application/problem+json"
        assert answer.json == {"type": "about:blank", "status": 401, "code": "signed_out", "detail": None}

    def test_cannot_send_more_than_the_portal_takes(self, client_for: ClientFor) -> None:
        fields = {f"field{number}": "x" for number in range(600)}
        answer = client_for(None).post("/account/reset", data=fields, content_type="multipart/form-data")
        assert answer.status_code == 413


class TestHome:
    def test_leads_strangers_to_the_door_and_staff_to_their_day(
        self, client_for: ClientFor, owner: Session
    ) -> None:
        staff = factories.make_user(owner, Role.ADMIN)
        assert client_for(staff).get("/").location == "/staff/users"

    @pytest.mark.parametrize("role", [role for role in Role if not role.is_partner])
    def test_is_somewhere_for_every_role(self, client_for: ClientFor, owner: Session, role: Role) -> None:
        browser = client_for(factories.make_user(owner, role))
        answer = browser.get("/", follow_redirects=True)
        assert answer.status_code == 200, answer.request.path


class TestErrors:
    def test_of_the_database_give_a_plain_page_and_no_more(
        self, client_for: ClientFor, app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_args: object) -> None:
            raise OperationalError("select", {}, Exception("connection refused"))

        monkeypatch.setattr("portal.web.asking.resume", away)
        browser = client_for(None)
        browser.set_cookie("session", "anything")
        answer = browser.get("/account/sign-in")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "De retour dans un instant" in answer.text
        assert "refused" not in answer.text

    def test_that_nobody_foresaw_give_a_number_to_say(
        self, client_for: ClientFor, app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken() -> None:
            raise RuntimeError("secret detail")

        monkeypatch.setitem(app.view_functions, "health.healthz", broken)
        answer = client_for(None).get("/healthz")
        assert answer.status_code == 500
        assert answer.headers["X-Request-ID"] in answer.text
        assert "secret detail" not in answer.text

    def test_of_health_are_told_to_those_who_watch(
        self, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert client_for(None).get("/healthz").json["status"] == "ok"

        def away(*_args: object) -> None:
            raise OperationalError("select", {}, Exception("gone"))

        monkeypatch.setattr(health.db.session, "execute", away)
        assert client_for(None).get("/healthz").status_code == 503
