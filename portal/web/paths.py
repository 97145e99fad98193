"""Addresses of the portal itself, the only ones it sends people to."""

from urllib.parse import urlsplit

from flask import request


def local(target: str | None) -> str | None:
    """The target when it is a path of the portal, else None."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or any(ord(sign) < 32 for sign in target):
        return None
    return target


def here() -> str:
    """The path being asked for, with its query."""
    return request.full_path.rstrip("?")


def came_from() -> str:
    """The portal's page that led here, else its home."""
    parts = urlsplit(request.referrer or "")
    ours = parts.netloc == request.host and parts.path != "/account/sign-in"
    return (local(f"{parts.path}{'?' + parts.query if parts.query else ''}") if ours else None) or "/"
