"""Tokens and codes: 256 random bits for their holder, a hash for the database."""

import hashlib
import secrets


def new_secret() -> str:
    """Something nobody can guess, fit for a cookie or a link."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is kept of it."""
    return hashlib.sha256(secret.encode()).digest()
