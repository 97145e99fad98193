"""Who asks, and in which language: settled before each view, forgotten after it."""

from contextlib import ExitStack

from flask import Flask, Request, current_app, g, request
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response as AnyResponse

from portal import clock, users
from portal.access.identity import Person, resume
from portal.db import NOBODY, act_as, acting_as, at_the_gate, transaction
from portal.i18n import DEFAULT_LOCALE, LOCALES, use_locale

ANONYMOUS = {"static", "health.healthz"}  # never ask who, not even of the database


def install(app: Flask, login: LoginManager) -> None:
    """Flask-Login over our own session cookie: signing out ends the row, and so the session."""
    login.session_protection = None
    login.request_loader(_resume)
    login.init_app(app, add_context_processor=False)
    app.before_request(_begin)
    app.teardown_request(_end)


def cookie_name() -> str:
    """Name of the cookie that holds the session's token."""
    return "__Host-session" if current_app.config["SECURE"] else "session"


def presented_token() -> str:
    """The token that the browser holds, live or not."""
    return g.get("token") or request.cookies.get(cookie_name(), "")


def hand_over(response: AnyResponse, token: str) -> AnyResponse:
    """Give the browser this session's token; without one, take it back."""
    response.set_cookie(
        cookie_name(), token, max_age=None if token else 0, path="/", httponly=True, samesite="Lax",
        secure=current_app.config["SECURE"],
    )  # fmt: skip
    return response


def sign_in(email: str, password: str) -> str | None:
    """Token of a new session for these, or None without saying why; ends the one that the browser held."""
    with at_the_gate(), transaction():
        return users.sign_in(
            email=email, password=password, address=request.remote_addr or "", replaces=presented_token(),
            user_agent=request.user_agent.string, at=clock.real_now(),
        )  # fmt: skip


def enter(token: str) -> None:
    """Go on with this request as whom the token stands for."""
    g.token = token
    g.pop("_login_user", None)
    _recognise()


def _resume(asked: Request) -> Person | None:
    token = presented_token()
    return resume(token) if token else None


def _begin() -> None:
    g.person = None
    g.asking = ExitStack()
    g.asking.enter_context(acting_as(NOBODY))
    g.asking.enter_context(use_locale(_browser_locale()))
    if request.endpoint not in ANONYMOUS:
        _recognise()


def _recognise() -> None:
    if current_user.is_authenticated:
        g.person = current_user._get_current_object()
        act_as(g.person.identity)
        g.asking.enter_context(use_locale(g.person.locale))


def _browser_locale() -> str:
    chosen = request.cookies.get("locale")
    if chosen in LOCALES:
        return chosen
    return request.accept_languages.best_match(LOCALES, DEFAULT_LOCALE) or DEFAULT_LOCALE


def _end(error: BaseException | None) -> None:
    asking = g.pop("asking", None)
    if asking:
        asking.close()
