"""Strict reading of single values: texts, amounts, rates, whole numbers, days, words of closed lists."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from portal.calendar import PeriodCode
from portal.margin.engine.faults import FaultAt
from portal.money import NotANumber, read_amount, read_rate

E = TypeVar("E", bound=StrEnum)

_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Number(str):
    """A number of a JSON or YAML document, as the text that was written."""

    __slots__ = ()


def text(value: object) -> str:
    """A text that is not empty."""
    read = free_text(value)
    if not read.strip():
        raise FaultAt("", "empty_text")
    return read


def free_text(value: object) -> str:
    """Any text that a database and a terminal can hold."""
    if not isinstance(value, str) or isinstance(value, Number):
        raise FaultAt("", "not_quoted" if isinstance(value, Number) else "not_text")
    if "\0" in value or (not value.isascii() and _SURROGATE.search(value)):
        raise FaultAt("", "odd_character")
    return str(value)


def amount(value: Any) -> Decimal:
    """An amount in euros or in the currency of the claim."""
    try:
        return read_amount(value)
    except NotANumber as refusal:
        raise FaultAt("", refusal.code) from None


def rate(value: Any) -> Decimal:
    """A rate, weight or score."""
    try:
        return read_rate(value)
    except NotANumber as refusal:
        raise FaultAt("", refusal.code) from None


def amount_from_zero(value: Any) -> Decimal:
    """An amount that is not negative."""
    return _not_negative(amount(value))


def rate_from_zero(value: Any) -> Decimal:
    """A rate that is not negative."""
    return _not_negative(rate(value))


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise FaultAt("", "negative")
    return value


def whole(value: object) -> int:
    """A whole number that is not negative."""
    written = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _WHOLE.fullmatch(written):
        raise FaultAt("", "not_whole")
    return int(written)


def whole_above_zero(value: object) -> int:
    """A whole number of at least 1."""
    read = whole(value)
    if read < 1:
        raise FaultAt("", "below_one")
    return read


def flag(value: object) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise FaultAt("", "not_flag")
    return value


def choice(kind: type[E]) -> Callable[[Any], E]:
    """A reader of one word of a closed list."""

    words = {str(word): word for word in kind}

    def read_choice(value: object) -> E:
        if not isinstance(value, str) or value not in words:
            raise FaultAt("", "not_among", words=", ".join(words))
        return words[value]

    return read_choice


def period(value: object) -> PeriodCode:
    """A fiscal period."""
    try:
        return PeriodCode.parse(text(value))
    except FaultAt:
        raise
    except ValueError:
        raise FaultAt("", "not_period") from None


def day(value: object) -> date:
    """A calendar day, as 2026-03-10."""
    found = _day_of(text(value))
    if found is None:
        raise FaultAt("", "not_day")
    return found


@lru_cache(4096)
def _day_of(written: str) -> date | None:
    if not _DAY.fullmatch(written):
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
