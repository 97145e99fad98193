"""The demo's calendar: everything is told relative to one fixed day."""

from datetime import UTC, date, datetime, time, timedelta

from portal.calendar import PARIS, PeriodCode, add_working_days, is_working_day

TODAY = date(2026, 11, 23)
TOLD_AHEAD_ON = date(2026, 11, 16)  # the plans and objectives of the coming half-year
REORGANISED_ON = date(2026, 7, 1)
PERIODS = tuple(PeriodCode.parse(code) for code in ("FY25-H2", "FY26-H1", "FY26-H2", "FY27-H1"))
CLOSED = PERIODS[:-1]
OPEN = PERIODS[-1]
COMING = OPEN.next
PAYS_ON = {
    "FY25-H2": date(2025, 8, 29), "FY26-H1": date(2026, 2, 27),
    "FY26-H2": date(2026, 8, 28), "FY27-H1": date(2027, 2, 26), "FY27-H2": date(2027, 8, 27),
}  # fmt: skip
CUT_OFF = timedelta(days=14)  # after the first day that is no longer of the period: the fifteenth


def instant(on: date, hour: int = 10, minute: int = 0) -> datetime:
    """An instant of that day in Paris, aware UTC."""
    return datetime.combine(on, time(hour, minute), PARIS).astimezone(UTC)


NOW = instant(TODAY, 8, 30)


def working(on: date) -> date:
    """That day, or the next working one."""
    return on if is_working_day(on) else add_working_days(on, 1)


def cut_off_on(period: PeriodCode) -> date:
    """The last day on which decisions still count in the period."""
    return period.ends_before + CUT_OFF
