"""The one clock. Domain time may be moved in the demo; leases, sessions and codes stay on real time."""

import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def offset_days() -> int:
    """Days between the real date and the portal's, set for every process by the supervisor."""
    return int(os.environ.get("PORTAL_CLOCK_OFFSET_DAYS", "0"))


def offset_to(day: date) -> int:
    """Days by which the portal's calendar has to be moved for it to be this day in Paris."""
    return (day - real_now().astimezone(PARIS).date()).days


def real_now() -> datetime:
    """The machine's instant, aware UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """The domain's instant, aware UTC: today's date as the portal sees it, with the real time of day."""
    local = real_now().astimezone(PARIS).replace(tzinfo=None) + timedelta(days=offset_days())
    return local.replace(tzinfo=PARIS).astimezone(UTC)


def today() -> date:
    """The domain's calendar day in Paris."""
    return now().astimezone(PARIS).date()
