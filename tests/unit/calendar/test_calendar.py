from datetime import UTC, date, datetime, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calendar import (
    PeriodCode,
    add_working_days,
    day_bounds,
    french_public_holidays,
    paris_date,
    working_days_between,
)

codes = st.builds(
    PeriodCode, st.integers(2001, 2098), st.sampled_from(["", "H1", "H2", "Q1", "Q2", "Q3", "Q4"])
)
days = st.dates(date(2001, 7, 1), date(2098, 6, 30))


class TestParisDate:
    @pytest.mark.parametrize(
        ("instant", "day"),
        [
            ("2026-06-30T22:30:00Z", date(2026, 7, 1)),
            ("2026-06-30T21:59:59Z", date(2026, 6, 30)),
            ("2025-12-31T23:00:00Z", date(2026, 1, 1)),
            ("2026-06-30T23:30:00-08:00", date(2026, 7, 1)),
        ],
    )
    def test_is_the_calendar_day_of_paris(self, instant, day):
        assert paris_date(datetime.fromisoformat(instant)) == day

    def test_refuses_an_instant_without_offset(self):
        with pytest.raises(ValueError, match=r"^an instant needs its offset$"):
            paris_date(datetime(2026, 6, 30, 22, 30))  # noqa: DTZ001


class TestDayBounds:
    @pytest.mark.parametrize(
        ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)]
    )
    def test_follow_the_clock_changes(self, day, hours):
        starts_at, ends_at = day_bounds(day)
        assert ends_at - starts_at == timedelta(hours=hours)
        assert starts_at.tzinfo is UTC
        assert paris_date(starts_at) == paris_date(ends_at - timedelta(microseconds=1)) == day


class TestPeriodCode:
    @pytest.mark.parametrize(
        ("code", "starts_on", "last_day", "days"),
        [
            ("FY26", date(2025, 7, 1), date(2026, 6, 30), 365),
            ("FY26-H1", date(2025, 7, 1), date(2025, 12, 31), 184),
            ("FY26-H2", date(2026, 1, 1), date(2026, 6, 30), 181),
            ("FY26-Q1", date(2025, 7, 1), date(2025, 9, 30), 92),
            ("FY26-Q2", date(2025, 10, 1), date(2025, 12, 31), 92),
            ("FY26-Q3", date(2026, 1, 1), date(2026, 3, 31), 90),
            ("FY28-Q3", date(2028, 1, 1), date(2028, 3, 31), 91),
            ("FY26-Q4", date(2026, 4, 1), date(2026, 6, 30), 91),
        ],
    )
    def test_runs_from_july_to_june(self, code, starts_on, last_day, days):
        period = PeriodCode.parse(code)
        assert (period.starts_on, period.last_day, period.days) == (starts_on, last_day, days)
        assert str(period) == code

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "FY",
            "FY6",
            "FY2026",
            "FY26-H3",
            "FY26-Q0",
            "FY26-Q5",
            "fy26",
            "FY26-",
            "FY26 ",
            "FY２６",
            "FY26\n",
        ],
    )
    def test_refuses_what_is_no_period(self, text):
        with pytest.raises(ValueError, match="fiscal period"):
            PeriodCode.parse(text)

    def test_knows_its_parts_and_what_it_is_part_of(self):
        year, half, quarter = map(PeriodCode.parse, ("FY26", "FY26-H2", "FY26-Q3"))
        assert [str(part) for part in year.parts] == ["FY26-H1", "FY26-H2"]
        assert [str(part) for part in half.parts] == ["FY26-Q3", "FY26-Q4"]
        assert quarter.parts == ()
        assert [str(part) for part in year.quarters] == ["FY26-Q1", "FY26-Q2", "FY26-Q3", "FY26-Q4"]
        assert quarter.quarters == (quarter,)
        assert (year.half, half.half, quarter.half) == (None, half, half)
        assert half.fiscal_year == quarter.fiscal_year == year

    def test_closes_the_fiscal_year_when_it_ends_in_june(self):
        closing = [
            code
            for code in ("FY26", "FY26-H1", "FY26-H2", "FY26-Q3", "FY26-Q4")
            if PeriodCode.parse(code).closes_fiscal_year
        ]
        assert closing == ["FY26", "FY26-H2", "FY26-Q4"]

    @given(codes)
    def test_neighbours_touch_without_gap_or_overlap(self, period):
        assert period.next.starts_on == period.ends_before
        assert period.next.previous == period.previous.next == period
        assert len(period.next.part) == len(period.part)
        assert PeriodCode.parse(str(period)) == period
        assert sum(part.days for part in period.quarters) == period.days

    @given(days)
    def test_a_day_belongs_to_one_period_of_each_kind(self, day):
        for period in (PeriodCode.fiscal_year_of(day), PeriodCode.half_of(day), PeriodCode.quarter_of(day)):
            assert period.contains(day)
            assert not period.next.contains(day)
            assert not period.previous.contains(day)


class TestWorkingDays:
    def test_leave_out_french_public_holidays(self):
        for year in range(2008, 2100):
            assert french_public_holidays(year) == set(holidays.country_holidays("FR", years=year)), year

    @pytest.mark.parametrize(
        ("on", "n", "day"),
        [
            (date(2026, 4, 30), 1, date(2026, 5, 4)),
            (date(2026, 4, 30), 5, date(2026, 5, 11)),
            (date(2026, 5, 2), 0, date(2026, 5, 2)),
            (date(2026, 5, 2), 1, date(2026, 5, 4)),
            (date(2026, 5, 4), -1, date(2026, 4, 30)),
            (date(2026, 6, 12), -1, date(2026, 6, 11)),
            (date(2026, 6, 12), -5, date(2026, 6, 5)),
            (date(2026, 6, 13), 0, date(2026, 6, 13)),
        ],
    )
    def test_are_added_from_the_day_after(self, on, n, day):
        assert add_working_days(on, n) == day

    @given(days, st.integers(0, 60))
    def test_count_back_what_was_added(self, on, n):
        assert working_days_between(on, add_working_days(on, n)) == n
        assert working_days_between(add_working_days(on, n), on) == -n
