"""The application: its table of contents."""

from urllib.parse import urlsplit

from flask import Flask
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings
from portal import db, files, i18n, web, work
from portal.web import asking, bodies, errors, layout, logs, resumed, security, viewing
from portal.work.bell import Bell

MEGABYTE = 1024 * 1024
# Several evidence files at once; one file's own limit is the form's to explain.
LARGEST_REQUEST = 64 * MEGABYTE


def create_app(settings: Settings | None = None) -> Flask:
    """The portal on these settings, by default those of the environment."""
    settings = settings or Settings.from_env()
    app = Flask("portal", template_folder="../templates", static_folder="static")
    _configure(app, settings)
    db.init(app, app_url=settings.app_database_url, gate_url=settings.gate_database_url)
    i18n.install(app.jinja_env)
    files.configure(settings.files_url)
    files.configure_scanner(settings.clamd_url)
    work.ring_with(Bell(settings.redis_url))
    logs.install(app)
    security.install(app)
    bodies.install(app)
    asking.install(app, LoginManager())
    viewing.install(app)
    forgery = CSRFProtect(app)
    resumed.install(app)
    layout.install(app)
    errors.install(app)
    web.register(app)
    # A mail program presses this one without a page; the link itself is the proof (RFC 8058).
    forgery.exempt(app.view_functions["account.unsubscribe_now"])
    return app


def _configure(app: Flask, settings: Settings) -> None:
    """Flask's own switches; with an https address the portal stands behind one proxy that it believes."""
    secure = settings.base_url.startswith("https://")
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SECURE=secure,
        # Flask's session carries the form token and the flashes; who is signed in is another cookie.
        SESSION_COOKIE_NAME="__Host-form" if secure else "form",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        TRUSTED_HOSTS=[urlsplit(settings.base_url).hostname, "127.0.0.1", "localhost"],
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=MEGABYTE,
        MAX_FORM_PARTS=500,
        WTF_CSRF_TIME_LIMIT=None,
        PREFERRED_URL_SCHEME="https" if secure else "http",
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    if secure:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
