"""Routes are looked at in the same browsers as pages."""

from tests.web.conftest import app, client_for, settings, web_app

__all__ = ["app", "client_for", "settings", "web_app"]
