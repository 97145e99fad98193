"""Importing the vendor's order lines: all of a file or nothing, once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO

from sqlalchemy import select

from portal import audit, files
from portal.catalogue.models import ProductFamily
from portal.db import db
from portal.errors import Invalid
from portal.orders import staging
from portal.orders.inputs import MOST_FAULTS, Fault, Unreadable, read_file
from portal.orders.lines import Known, OrderRow, read_line
from portal.orders.models import OrderImport
from portal.partners.models import Partner
from portal.periods.models import FxRate


@dataclass(frozen=True)
class OrderReport:
    """What importing a file would do, or the faults for which it does nothing."""

    sha256: str
    faults: tuple[Fault, ...] = ()
    more_faults: bool = False
    already: OrderImport | None = None
    lines: int = 0
    created: int = 0
    amended: int = 0
    cancelled: int = 0
    unchanged: int = 0
    amount: Decimal = Decimal("0.00")


class OrdersRefused(Invalid):
    """The file has faults: nothing of it was imported."""

    def __init__(self, report: OrderReport) -> None:
        self.report = report
        super().__init__({f"line {fault.line}": fault.code for fault in report.faults})


def check_orders(*, source: IO[bytes]) -> OrderReport:
    """A dry run: every fault with its line, or what would be created, amended and cancelled.

    The lines are left staged until the end of the transaction.
    """
    sha256 = files.hash_of(source)
    already = db.session.execute(select(OrderImport).where(OrderImport.sha256 == sha256)).scalar_one_or_none()
    if already is not None:
        return OrderReport(sha256, already=already)
    faults: list[Fault] = []
    staging.stage(_good_lines(source, _known(), faults))
    faults = faults or staging.find_conflicts()
    if faults:
        faults.sort(key=lambda fault: fault.line)
        return OrderReport(sha256, tuple(faults[:MOST_FAULTS]), more_faults=len(faults) > MOST_FAULTS)
    return OrderReport(sha256, **staging.count_news()._mapping)


def import_orders(*, source: IO[bytes], name: str, actor_id: int | None, at: datetime) -> OrderImport:
    """Take a file in, whole; the same file again changes nothing. Raise OrdersRefused for its faults."""
    report = check_orders(source=source)
    if report.already is not None:
        return report.already
    if report.faults:
        raise OrdersRefused(report)
    imported = OrderImport(
        sha256=report.sha256, name=name, lines=report.lines, created=report.created, amended=report.amended,
        unchanged=report.unchanged, imported_by_id=actor_id, imported_at=at,
    )  # fmt: skip
    db.session.add(imported)
    db.session.flush()
    staging.take_in(imported.id)
    audit.record(
        "order.imported", subject=("order_import", imported.id), at=at, actor_id=actor_id, name=name,
        sha256=report.sha256, lines=report.lines, created=report.created, amended=report.amended,
    )  # fmt: skip
    return imported


def _good_lines(source: IO[bytes], known: Known, faults: list[Fault]) -> Iterator[OrderRow]:
    """Lines that can be read, one by one; what cannot is added to the faults, as many as are shown."""
    try:
        for line, cells in read_file(source):
            row = read_line(line, cells, known)
            if isinstance(row, OrderRow):
                yield row
            else:
                faults += row
            if len(faults) > MOST_FAULTS:
                return
    except Unreadable as unreadable:
        faults += unreadable.faults


def _known() -> Known:
    families = db.session.execute(select(ProductFamily.code)).scalars()
    partners = db.session.execute(select(Partner.code, Partner.id))
    rates = db.session.execute(select(FxRate.currency, FxRate.month))
    months = frozenset((row.currency, row.month) for row in rates)
    return Known(frozenset(families), {row.code: row.id for row in partners}, months)
