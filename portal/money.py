"""Amounts of money: how they are read, rounded to the cent, split and taxed, always exactly."""

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from decimal import (
    MAX_EMAX,
    MAX_PREC,
    MIN_EMIN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    FloatOperation,
    Inexact,
    InvalidOperation,
    localcontext,
)

CENT = Decimal("0.01")
ZERO = Decimal("0.00")

# Sums and products of any length stay exact; whatever would lose a digit raises instead.
EXACT = Context(
    prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact, InvalidOperation, FloatOperation]
)
_TO_THE_CENT = Context(
    prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, rounding=ROUND_HALF_UP, traps=[InvalidOperation]
)

_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_AMOUNT = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,2})?")
_DECIMALS = 2


class NotANumber(ValueError):
    """What was written is not a number in plain notation, or not an amount; `code` and message say why."""

    def __init__(self, code: str, words: str) -> None:
        self.code = code
        super().__init__(words)


def exactly() -> AbstractContextManager[Context]:
    """Arithmetic in which nothing is ever rounded by accident."""
    return localcontext(EXACT)


def read_rate(text: str | int | Decimal) -> Decimal:
    """A rate, weight or score of any length, in plain notation: no exponent, NaN, sign + or float."""
    if isinstance(text, bool) or not isinstance(text, str | int | Decimal):
        raise NotANumber("not_decimal", "must be a decimal number")
    if isinstance(text, int):
        return Decimal(text)
    if not _PLAIN.fullmatch(str(text)):
        raise NotANumber("not_plain", "must be a number in plain decimal notation, such as 0.025")
    value = Decimal(text)
    return value if value else value.copy_abs()


def read_amount(text: str | int | Decimal) -> Decimal:
    """An amount of at most sixteen digits and two decimals, given back with exactly two decimals."""
    if not isinstance(text, bool | float) and _AMOUNT.fullmatch(str(text)):
        return round_cents(Decimal(text))
    read_rate(text)
    if len(str(text).partition(".")[2]) > _DECIMALS:
        raise NotANumber("too_many_decimals", "must have at most two decimals")
    raise NotANumber("too_many_digits", "must have at most sixteen digits before the point")


def round_cents(value: Decimal) -> Decimal:
    """To the cent, half away from zero; never a negative zero."""
    return value.quantize(CENT, context=_TO_THE_CENT) or ZERO


def round_quotient(numerator: Decimal, denominator: Decimal) -> Decimal:
    """numerator / denominator rounded once to the cent, half away from zero, from the exact quotient."""
    above, below = numerator.as_integer_ratio(), denominator.as_integer_ratio()
    dividend, divisor = above[0] * below[1] * 100, above[1] * below[0]
    if not divisor:
        raise ZeroDivisionError("a quotient needs a denominator other than zero")
    cents = (2 * abs(dividend) + abs(divisor)) // (2 * abs(divisor))
    return from_cents(cents if (dividend < 0) == (divisor < 0) else -cents)


def from_cents(cents: int) -> Decimal:
    """A whole number of cents as an amount."""
    return Decimal(cents).scaleb(-_DECIMALS, context=_TO_THE_CENT)


def in_cents(amount: Decimal) -> int:
    """An amount as a whole number of cents; ValueError where it has a part of a cent."""
    cents = amount.scaleb(_DECIMALS, context=_TO_THE_CENT)
    whole = int(cents)
    if whole != cents:
        raise ValueError(f"{amount:f} is not a whole number of cents")
    return whole


def split(total: Decimal, shares: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The total shared in proportion by largest remainder: ties to the larger share, then the smaller code.

    Shares are ≥ 0 and need not sum to 1; a negative total mirrors the positive one.
    """
    codes = sorted(shares)
    parts = dict(zip(codes, split_in_order(total, [shares[code] for code in codes]), strict=True))
    return {code: parts[code] for code in shares}


def split_in_order(total: Decimal, shares: Sequence[Decimal]) -> list[Decimal]:
    """As split, where the last tie goes to the share that comes first."""
    weights = _whole_numbers(shares)
    whole = sum(weights)
    if min(weights, default=0) < 0 or whole <= 0:
        raise ValueError("shares must not be negative and must sum above zero")
    cents = in_cents(total)
    floors, remainders = [], []
    for weight in weights:
        floor, remainder = divmod(abs(cents) * weight, whole)
        floors.append(floor)
        remainders.append(remainder)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-remainders[i], -weights[i], i))
    for i in by_remainder[: abs(cents) - sum(floors)]:
        floors[i] += 1
    return [from_cents(-part if cents < 0 else part) for part in floors]


def _whole_numbers(shares: Sequence[Decimal]) -> list[int]:
    decimals = max((-int(share.as_tuple().exponent) for share in shares), default=0)
    return [int(share.scaleb(max(decimals, 0), context=EXACT)) for share in shares]


def vat(net: Decimal, rate: Decimal) -> Decimal:
    """The tax on a document's net total, rounded once."""
    return round_cents(EXACT.multiply(net, rate))


def plain(value: Decimal) -> str:
    """A decimal in plain notation, as it is written in documents."""
    return format(value, "f")
