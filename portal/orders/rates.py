"""Monthly rates: units of a currency for one euro, for the orders of a month."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal import audit, work
from portal.db import db
from portal.errors import Invalid
from portal.orders.inputs import Fault
from portal.orders.models import OrderLine
from portal.periods.models import FxRate

MOST_RATES = 500
_LINE = re.compile(r"([A-Za-z]{3})[;\t, ]+([0-9]{4})-([0-9]{2})[;\t ]+([0-9]{1,8}(?:[.,][0-9]{1,10})?)")


@dataclass(frozen=True, slots=True)
class Rate:
    """What one euro was worth in a currency, for a month."""

    currency: str
    month: date
    rate: Decimal


class RatesRefused(Invalid):
    """Some lines cannot be read: nothing was kept."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.lines = tuple(faults)
        super().__init__({f"line {fault.line}": fault.code for fault in faults})


def read_rates(text: str) -> list[Rate]:
    """One rate a line, `USD 2026-03 1,0837`; raise RatesRefused with each fault and its line."""
    found: dict[tuple[str, date], Rate] = {}
    faults = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        rate = _read(line.strip())
        if rate is None or len(found) >= MOST_RATES:
            faults.append(Fault(number, "", "not_a_rate", line.strip()[:60]))
        elif (rate.currency, rate.month) in found:
            faults.append(Fault(number, "", "rate_repeated", line.strip()[:60]))
        else:
            found[rate.currency, rate.month] = rate
    if faults:
        raise RatesRefused(faults)
    return list(found.values())


def _read(line: str) -> Rate | None:
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    currency, year, month, written = match.groups()
    rate = Decimal(written.replace(",", "."))
    if currency.upper() == "EUR" or not 1 <= int(month) <= 12 or not 2000 <= int(year) <= 2099 or not rate:
        return None
    return Rate(currency.upper(), date(int(year), int(month), 1), rate)


def set_rates(*, rates: Sequence[Rate], actor_id: int, at: datetime) -> int:
    """Keep these rates, and value again what another rate valued; how many changed."""
    known = {(row.currency, row.month): row.rate for row in list_rates()}
    changed = [one for one in rates if known.get((one.currency, one.month)) != one.rate]
    for one in changed:
        values = {"currency": one.currency, "month": one.month, "rate": one.rate}
        db.session.execute(
            insert(FxRate).values(values).on_conflict_do_update(
                index_elements=[FxRate.currency, FxRate.month], set_={"rate": one.rate}
            )
        )  # fmt: skip
        audit.record(
            "rate.set", subject=("rate", f"{one.currency} {one.month:%Y-%m}"), at=at, actor_id=actor_id,
            rate=str(one.rate), before=str(known.get((one.currency, one.month), "")),
        )  # fmt: skip
        if (one.currency, one.month) in known:
            work.add("orders.rerate", subject=f"{one.currency} {one.month}", dedup=f"{one}:{at}")
    return len(changed)


def list_rates() -> Sequence[FxRate]:
    """Every rate, the latest month first."""
    query = select(FxRate).order_by(FxRate.month.desc(), FxRate.currency)
    return db.session.execute(query).scalars().all()


def lines_at_rate(currency: str, month: date) -> Sequence[int]:
    """The current order lines that a rate values."""
    ends_before = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    query = select(OrderLine.id).where(
        OrderLine.currency == currency, OrderLine.is_current,
        OrderLine.ordered_on >= month, OrderLine.ordered_on < ends_before,
    )  # fmt: skip
    return db.session.execute(query).scalars().all()
