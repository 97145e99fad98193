"""What every answer carries, errors included, and where unsafe requests may come from."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import Forbidden

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SAFE = {"GET", "HEAD", "OPTIONS"}
LARGEST = {"verify.check": 6 * 1024 * 1024}  # where anybody may send a file
YEAR = 31_536_000


def install(app: Flask) -> None:
    """Guard the door and dress the answers."""
    app.before_request(_refuse_other_sites)
    app.after_request(_dress)
    app.url_defaults(_version)


def _refuse_other_sites() -> None:
    """Browsers say where a request was born; anything but our own pages may not change things."""
    if request.endpoint in LARGEST:
        request.max_content_length = LARGEST[request.endpoint]
    born = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.method not in SAFE and born not in ("same-origin", "none"):
        raise Forbidden


def _dress(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SECURE"]:
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    if request.endpoint == "static":
        kept = "v" in request.args or request.path.endswith(".woff2")
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if kept else "no-cache"
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _version(endpoint: str, values: dict[str, Any]) -> None:
    """A file's address changes with its content; fonts keep theirs, since style sheets name them."""
    if endpoint == "static" and not values.get("filename", ".woff2").endswith(".woff2"):
        values["v"] = _fingerprint(str(current_app.static_folder), values["filename"], current_app.debug)


@cache
def _fingerprint(folder: str, name: str, debug: bool) -> str | None:
    path = Path(folder, name)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() and not debug else None
