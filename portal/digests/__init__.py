"""Digests: what waits, told once a day to account managers and once a month to firms; never an empty one."""

from portal.digests.services import send_daily, send_monthly

__all__ = ["send_daily", "send_monthly"]
