"""Jobs of mail."""

from portal import work


def warm_up() -> None:
    """x"""


def send(held: work.Lease) -> None:
    """x"""
