"""A file of payments: each line names a statement, or a partner who has one due; all or nothing."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from sqlalchemy import or_

from portal import audit, ledger
from portal.calendar import paris_date
from portal.db import AnyRow, db
from portal.errors import Invalid
from portal.files import Cell
from portal.orders.inputs import MOST_FAULTS, Fault, Unreadable, read_file
from portal.orders.lines import read_cell_amount, read_cell_instant, read_cell_text
from portal.partners.models import Partner
from portal.statements.models import Statement
from portal.statements.settlement import Transfer, faults_of, occasion_of, select_dues

REQUIRED = ("statement", "amount", "paid_on", "reference")


@dataclass(frozen=True)
class PaymentLine:
    """One line, read: for what, and the transfer."""

    line: int
    named: str
    transfer: Transfer


@dataclass(frozen=True)
class PaymentReport:
    """What taking a file in would do, or the faults for which it does nothing."""

    sha256: str
    faults: tuple[Fault, ...] = ()
    already: ledger.PaymentFile | None = None
    payments: tuple[tuple[AnyRow, Transfer], ...] = ()

    @property
    def amount(self) -> Decimal:
        """The sum of its payments."""
        return sum((transfer.amount for _row, transfer in self.payments), Decimal("0.00"))


class PaymentsRefused(Invalid):
    """The file has faults: nothing of it is recorded."""

    def __init__(self, report: PaymentReport) -> None:
        self.report = report
        super().__init__({f"line {fault.line}": fault.code for fault in report.faults})


def check_payments(*, content: bytes, today: date) -> PaymentReport:
    """A dry run: every fault with its line, or the payments that would be recorded."""
    sha256 = hashlib.sha256(content).hexdigest()
    already = ledger.find_payment_file(sha256)
    if already is not None:
        return PaymentReport(sha256, already=already)
    faults: list[Fault] = []
    lines = list(_lines(content, faults))
    payments = tuple(_matched(lines, faults, today=today))
    faults.sort(key=lambda fault: fault.line)
    if not faults and not payments:
        faults.append(Fault(1, "", "file_empty"))
    return PaymentReport(sha256, tuple(faults[:MOST_FAULTS]), payments=() if faults else payments)


def import_payments(
    *, content: bytes, name: str, actor_id: int, at: datetime, today: date
) -> ledger.PaymentFile:
    """Record every payment of a file, or none; the same file again changes nothing."""
    report = check_payments(content=content, today=today)
    if report.already is not None:
        return report.already
    if report.faults:
        raise PaymentsRefused(report)
    file = ledger.add_payment_file(
        sha256=report.sha256, name=name, lines=len(report.payments), amount=report.amount,
        imported_by_id=actor_id, imported_at=at,
    )  # fmt: skip
    for row, transfer in report.payments:
        occasion = occasion_of(row, transfer, actor_id=actor_id, at=at)
        ledger.record_payment(occasion, statement_id=row.id, amount=transfer.amount, file_id=file.id)
    audit.record(
        "payment.imported", subject=("payment_file", file.id), at=at, actor_id=actor_id, name=name,
        sha256=report.sha256, lines=len(report.payments), amount=str(report.amount),
    )  # fmt: skip
    return file


def _lines(content: bytes, faults: list[Fault]) -> Iterator[PaymentLine]:
    """Lines that can be read; what cannot is added to the faults."""
    try:
        for line, cells in read_file(BytesIO(content), required=REQUIRED, optional=()):
            if read := _line(line, cells, faults):
                yield read
    except Unreadable as unreadable:
        faults += unreadable.faults


def _line(line: int, cells: Mapping[str, Cell], faults: list[Fault]) -> PaymentLine | None:
    found: dict[str, Any] = {}
    readers = (read_cell_text, read_cell_amount, read_cell_instant, read_cell_text)
    for name, read in zip(REQUIRED, readers, strict=True):
        try:
            if cells[name] == "":
                raise ValueError("required")
            found[name] = read(cells[name])
        except ValueError as wrong:
            faults.append(Fault(line, name, str(wrong), str(cells[name])[:60]))
    if len(found) < len(REQUIRED):
        return None
    transfer = Transfer(found["amount"], paris_date(found["paid_on"]), found["reference"])
    return PaymentLine(line, found["statement"].upper(), transfer)


@dataclass
class _Remaining:
    """What is still due of a statement once the lines above are counted."""

    row: Any
    due: Decimal = Decimal(0)
    references: set[str] = field(default_factory=set)


def _matched(
    lines: list[PaymentLine], faults: list[Fault], *, today: date
) -> Iterator[tuple[AnyRow, Transfer]]:
    """Each line with the statement it pays; those that pay none, or too much, are faults."""
    named = {line.named for line in lines}
    dues = select_dues().where(or_(Statement.number.in_(named), Partner.code.in_(named)))
    left = {row.id: _Remaining(row, row.due) for row in db.session.execute(dues.order_by(Statement.id))}
    for statement_id, reference in ledger.references_of(list(left)):
        left[statement_id].references.add(reference)
    by_name: dict[str, list[_Remaining]] = {}
    for one in left.values():
        by_name.setdefault(one.row.number, []).append(one)
        by_name.setdefault(one.row.code, []).append(one)
    for line in lines:
        found = by_name.get(line.named, [])
        owed = [one for one in found if one.row.number == line.named or one.due > 0]
        if len(owed) != 1:
            code = ("payment_twofold" if owed else "payment_known_none") if found else "payee_unknown"
            faults.append(Fault(line.line, "statement", code, line.named))
        elif fault := _taken(line, owed[0], today=today):
            faults.append(fault)
        else:
            yield owed[0].row, line.transfer


def _taken(line: PaymentLine, left: _Remaining, *, today: date) -> Fault | None:
    """Count a line against what is left of its statement; what is wrong with it, if anything is."""
    transfer = line.transfer
    if transfer.reference in left.references:
        return Fault(line.line, "reference", "payment_known", transfer.reference)
    wrong = faults_of(_Due(left.row, left.due), transfer, today=today)
    for place, code in wrong.items():
        shown = str(left.due) if place == "amount" else transfer.on.isoformat()
        return Fault(line.line, "paid_on" if place == "on" else place, code, shown)
    left.due -= transfer.amount
    left.references.add(transfer.reference)
    return None


class _Due:
    """A row of dues of which a part is already counted."""

    def __init__(self, row: AnyRow, due: Decimal) -> None:
        self._row, self.due = row, due

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)
