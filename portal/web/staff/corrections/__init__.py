"""Corrections of closed periods: found or proposed by one, let through by another."""

from portal.web.staff.corrections import leaving, lists, proposals, runs
from portal.web.staff.corrections.door import bp

__all__ = ["bp", "leaving", "lists", "proposals", "runs"]
