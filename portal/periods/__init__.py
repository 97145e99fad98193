"""Fiscal periods and the state of their close."""

from portal.periods.models import Period, PeriodState
from portal.periods.queries import (
    current_period,
    get_period,
    list_periods,
    list_unstated,
    select_earlier,
    select_inside,
    select_later,
)

__all__ = [
    "Period",
    "PeriodState",
    "current_period",
    "get_period",
    "list_periods",
    "list_unstated",
    "select_earlier",
    "select_inside",
    "select_later",
]
