"""Sealing closed periods: the list of their rows is kept under its own hash, and names the seal before it.

The list lives in the file store, page by page, each page and the index under their SHA-256. The seal is the
index's hash: who holds a printed one can ask the store for the very list it was printed from, whatever has
been done to the database since.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice

from sqlalchemy import func, select, text

from portal import audit, files, ledger
from portal.closing.models import PeriodSeal
from portal.closing.sealed_rows import SealedRow, Span, rows_of
from portal.db import AnyRow, db
from portal.margin.models import MarginRun, RunState
from portal.periods.models import Period, PeriodState

_PAGE = 1000  # rows of a page
_CHAIN = 0x63686169  # the lock of whoever adds to the chain
_HEAD = "Palier seal 1"


@dataclass(frozen=True)
class Index:
    """What a seal is the hash of: the period, the seal before, the sums, and the hashes of the pages."""

    period: str
    position: int
    previous: str
    lines: int
    amount: Decimal
    last_entry: int
    last_payment: int
    pages: tuple[str, ...]

    def written(self) -> bytes:
        """The index as it is hashed."""
        facts = (
            f"period {self.period}", f"position {self.position}", f"previous {self.previous or '-'}",
            f"lines {self.lines}", f"amount {self.amount}", f"last_entry {self.last_entry}",
            f"last_payment {self.last_payment}",
        )  # fmt: skip
        return "\n".join((_HEAD, *facts, *(f"page {page}" for page in self.pages), "")).encode()

    @property
    def sha256(self) -> str:
        """The seal."""
        return hashlib.sha256(self.written()).hexdigest()

    @classmethod
    def parse(cls, content: bytes) -> "Index":
        """The index that was kept."""
        facts = dict(line.split(" ", 1) for line in content.decode().splitlines()[1:8])
        pages = [line.split(" ", 1)[1] for line in content.decode().splitlines()[8:]]
        return cls(
            facts["period"], int(facts["position"]), facts["previous"].replace("-", ""), int(facts["lines"]),
            Decimal(facts["amount"]), int(facts["last_entry"]), int(facts["last_payment"]), tuple(pages),
        )  # fmt: skip


def seal_closed_periods(*, at: datetime) -> list[str]:
    """Seal every closed period that has no seal yet, in the order in which they closed; their codes."""
    db.session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _CHAIN})
    sealed = select(PeriodSeal.period_id)
    waiting = db.session.execute(
        select(Period.id, Period.code)
        .where(Period.state == PeriodState.CLOSED, Period.id.not_in(sealed))
        .order_by(Period.closed_at, Period.starts_on)
    ).all()
    for place, (period_id, code) in enumerate(waiting, 1):
        _seal(period_id, code, later=[row.id for row in waiting[place:]], at=at)
    return [row.code for row in waiting]


def _seal(period_id: int, code: str, *, later: list[int], at: datetime) -> None:
    before = find_latest()
    last_entry, last_payment = ledger.last_ids(later)
    after = (before.last_entry, before.last_payment) if before else (0, 0)
    index = make_index(
        Span(code, after[0], last_entry, after[1], last_payment),
        position=before.position + 1 if before else 1,
        previous=before.sha256 if before else "",
        keep=True,
    )
    db.session.add(
        PeriodSeal(
            period_id=period_id, position=index.position, sha256=files.put(index.written()),
            previous_sha256=index.previous or None, lines=index.lines, amount=index.amount,
            last_entry=last_entry, last_payment=last_payment, sealed_at=at,
        )
    )  # fmt: skip
    db.session.flush()
    audit.record(
        "period.sealed", subject=("period", code), at=at, actor_id=None, sha256=index.sha256,
        lines=index.lines, amount=str(index.amount),
    )  # fmt: skip


def make_index(span: Span, *, position: int, previous: str, keep: bool) -> Index:
    """The index of the rows as they stand; its pages are kept when it is to be a seal."""
    lines, amount, pages = 0, Decimal("0.00"), []
    rows = rows_of(span)
    while page := list(islice(rows, _PAGE)):
        lines += len(page)
        amount += sum((moved for _row, moved in page), Decimal(0))
        content = "".join(f"{row}\n" for row, _moved in page).encode()
        pages.append(files.put(content) if keep else hashlib.sha256(content).hexdigest())
    return Index(
        span.period, position, previous, lines, amount, span.last_entry, span.last_payment, tuple(pages)
    )


def kept_rows(index: Index) -> Iterator[SealedRow]:
    """The rows that were sealed, page by page, each checked against its hash."""
    for page in index.pages:
        for line in files.get(page).decode().splitlines():
            yield SealedRow.parse(line)


def find_latest() -> PeriodSeal | None:
    """The seal on which the next one stands; what is approved today prints it."""
    return db.session.execute(
        select(PeriodSeal).order_by(PeriodSeal.position.desc()).limit(1)
    ).scalar_one_or_none()


def list_seals() -> list[AnyRow]:
    """The whole chain, the latest first."""
    return list(
        db.session.execute(
            select(
                *(Period.code, PeriodSeal.position, PeriodSeal.sha256, PeriodSeal.previous_sha256),
                *(PeriodSeal.lines, PeriodSeal.amount, PeriodSeal.last_entry, PeriodSeal.last_payment),
                PeriodSeal.sealed_at,
            )
            .join(Period, Period.id == PeriodSeal.period_id)
            .order_by(PeriodSeal.position.desc())
        )
    )


def printed_seal(run: MarginRun) -> tuple[str, str] | None:
    """(period, seal) that the statements of an approved run print."""
    if run.state is not RunState.APPROVED or run.printed_seal is None:
        return None
    code = db.session.execute(
        select(Period.code)
        .join(PeriodSeal, PeriodSeal.period_id == Period.id)
        .where(PeriodSeal.sha256 == run.printed_seal)
    ).scalar_one()
    return code, run.printed_seal


def count_unsealed() -> int:
    """Closed periods that wait for their seal."""
    return db.session.execute(
        select(func.count()).where(
            Period.state == PeriodState.CLOSED, Period.id.not_in(select(PeriodSeal.period_id))
        )
    ).scalar_one()
