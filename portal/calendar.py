"""Days, fiscal periods and French working days, without clock or database."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Self
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

_CODE = re.compile(r"FY([0-9]{2})(?:-(H[12]|Q[1-4]))?")
_FISCAL_YEAR_STARTS_IN = 7
# Part of the year: the month it starts after (counted from July) and its length in months.
_PARTS = {"": (0, 12), "H1": (0, 6), "H2": (6, 6), "Q1": (0, 3), "Q2": (3, 3), "Q3": (6, 3), "Q4": (9, 3)}
_SATURDAY = 5


def paris_date(instant: datetime) -> date:
    """The calendar day in Paris of an aware instant."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its offset")
    return instant.astimezone(PARIS).date()


def day_bounds(on: date) -> tuple[datetime, datetime]:
    """The instants, in UTC, at which a Paris day starts and ends (23, 24 or 25 hours later)."""
    midnights = (datetime.combine(day, time.min, PARIS) for day in (on, on + timedelta(days=1)))
    starts_at, ends_at = (midnight.astimezone(UTC) for midnight in midnights)
    return starts_at, ends_at


@dataclass(frozen=True, slots=True)
class PeriodCode:
    """A fiscal year (FY26: 1 July 2025 – 30 June 2026), one of its halves or one of its quarters."""

    year: int
    part: str = ""

    def __post_init__(self) -> None:
        if self.part not in _PARTS or not 2000 <= self.year <= 2099:
            raise ValueError(f"no fiscal period {self.year} {self.part}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """FY26, FY26-H2 or FY26-Q3; ValueError for anything else."""
        found = _CODE.fullmatch(text)
        if not found:
            raise ValueError("must be a fiscal period such as FY26, FY26-H2 or FY26-Q3")
        return cls(2000 + int(found[1]), found[2] or "")

    @classmethod
    def fiscal_year_of(cls, day: date) -> Self:
        """The fiscal year a day belongs to."""
        return cls(day.year + (day.month >= _FISCAL_YEAR_STARTS_IN))

    @classmethod
    def half_of(cls, day: date) -> Self:
        """The half-year a day belongs to."""
        return cls(cls.fiscal_year_of(day).year, f"H{_fiscal_month(day) // 6 + 1}")

    @classmethod
    def quarter_of(cls, day: date) -> Self:
        """The quarter a day belongs to."""
        return cls(cls.fiscal_year_of(day).year, f"Q{_fiscal_month(day) // 3 + 1}")

    def __str__(self) -> str:
        return f"FY{self.year % 100:02d}" + (f"-{self.part}" if self.part else "")

    @property
    def starts_on(self) -> date:
        """Its first day."""
        return _first_of_fiscal_month(self.year, _PARTS[self.part][0])

    @property
    def ends_before(self) -> date:
        """The day after its last one."""
        return _first_of_fiscal_month(self.year, sum(_PARTS[self.part]))

    @property
    def last_day(self) -> date:
        """Its last day."""
        return self.ends_before - timedelta(days=1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.ends_before - self.starts_on).days

    def contains(self, day: date) -> bool:
        """Whether the day is one of its own."""
        return self.starts_on <= day < self.ends_before

    @property
    def fiscal_year(self) -> Self:
        """The year it is a part of."""
        return type(self)(self.year)

    @property
    def half(self) -> Self | None:
        """The half-year it is, or is a quarter of; None for a whole year."""
        return type(self).half_of(self.starts_on) if self.part else None

    @property
    def quarters(self) -> tuple[Self, ...]:
        """The quarters it is made of."""
        quarters = (type(self)(self.year, f"Q{n}") for n in (1, 2, 3, 4))
        return tuple(quarter for quarter in quarters if self.contains(quarter.starts_on))

    @property
    def parts(self) -> tuple[Self, ...]:
        """The periods of the next smaller kind it is made of; a quarter has none."""
        if not self.part:
            return type(self)(self.year, "H1"), type(self)(self.year, "H2")
        return self.quarters if self.part[0] == "H" else ()

    @property
    def next(self) -> Self:
        """The following period of the same kind."""
        return self.same_kind_on(self.ends_before)

    @property
    def previous(self) -> Self:
        """The preceding period of the same kind."""
        return self.same_kind_on(self.starts_on - timedelta(days=1))

    @property
    def closes_fiscal_year(self) -> bool:
        """Whether the fiscal year ends with it."""
        return self.ends_before == self.fiscal_year.ends_before

    def same_kind_on(self, day: date) -> Self:
        """The period of its own kind that a day belongs to."""
        kind = type(self)
        of = {"": kind.fiscal_year_of, "H": kind.half_of, "Q": kind.quarter_of}
        return of[self.part[:1]](day)


def _fiscal_month(day: date) -> int:
    return (day.month - _FISCAL_YEAR_STARTS_IN) % 12


@cache
def _first_of_fiscal_month(fiscal_year: int, month: int) -> date:
    year, month_of_year = divmod(_FISCAL_YEAR_STARTS_IN - 1 + month, 12)
    return date(fiscal_year - 1 + year, month_of_year + 1, 1)


@cache
def french_public_holidays(year: int) -> frozenset[date]:
    """The eleven public holidays of metropolitan France since 2008 (article L3133-1 Code du travail)."""
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    easter = _easter(year)
    monday, ascension, whit_monday = (easter + timedelta(days=after) for after in (1, 39, 50))
    return frozenset({date(year, month, day) for month, day in fixed} | {monday, ascension, whit_monday})


def _easter(year: int) -> date:
    # Gregorian computus in Butcher's form; the tests compare it with the `holidays` package.
    century = year // 100
    golden = year % 19
    moon = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon -= (moon // 28) * (1 - (moon // 28) * (29 // (moon + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    after_equinox = moon - weekday
    month = 3 + (after_equinox + 40) // 44
    return date(year, month, after_equinox + 28 - 31 * (month // 4))


def is_working_day(on: date) -> bool:
    """Monday to Friday, French public holidays excepted."""
    return on.weekday() < _SATURDAY and on not in french_public_holidays(on.year)


def add_working_days(on: date, n: int) -> date:
    """The n-th working day after a day, which itself is not counted (before it when n is negative)."""
    step = timedelta(days=1 if n > 0 else -1)
    for _ in range(abs(n)):
        on += step
        while not is_working_day(on):
            on += step
    return on


def working_days_between(after: date, until: date) -> int:
    """How many working days come after the first day and up to the second, included; negative if earlier."""
    if until < after:
        return -working_days_between(until, after)
    days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
    return sum(map(is_working_day, days))
