"""The world of claims, for those who mean harm."""

from tests.web.claims.conftest import _on_the_day, firm, pam, world

__all__ = ["_on_the_day", "firm", "pam", "world"]
