"""Schemes with one rate for their whole base: rounded once, or line by line."""

from dataclasses import dataclass
from decimal import Decimal

from portal.margin.engine.crediting import Credit
from portal.margin.engine.facts import ZERO
from portal.margin.engine.plan import Payout, Rounding
from portal.margin.engine.rates import Rate
from portal.money import round_quotient, split_in_order

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class LineAmount:
    """What a component prints for one line; `uncapped` where the claim cap bit."""

    ref: str
    amount: Decimal
    uncapped: Decimal | None = None


def pay_lines(
    lines: tuple[Credit, ...], rate: Rate, payout: Payout
) -> tuple[Decimal, tuple[LineAmount, ...]]:
    """The amount of a component and its printed lines, which sum to it."""
    weighted = [line.measured * payout.multipliers.get(line.claim.family, _ONE) for line in lines]
    if payout.rounding is Rounding.LINE:
        printed = tuple(
            _line(line.claim.ref, round_quotient(value * rate.numerator, rate.denominator), payout.claim_cap)
            for line, value in zip(lines, weighted, strict=True)
        )
        return sum((line.amount for line in printed), ZERO), printed
    total = round_quotient(sum(weighted, ZERO) * rate.numerator, rate.denominator)
    amounts = split_in_order(total, weighted) if any(weighted) else [ZERO] * len(lines)
    return total, tuple(
        LineAmount(line.claim.ref, amount) for line, amount in zip(lines, amounts, strict=True)
    )


def _line(ref: str, amount: Decimal, cap: Decimal | None) -> LineAmount:
    if cap is not None and amount > cap:
        return LineAmount(ref, cap, uncapped=amount)
    return LineAmount(ref, amount)
