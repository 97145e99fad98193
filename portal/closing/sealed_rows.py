"""The rows that a seal covers, one line each: what it is, the hash of all it says, a few words of it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal import ledger
from portal.db import AnyRow, AnySelect, db
from portal.margin.models import Adjustment, MarginResult, MarginRun, PlanVersion, RunState
from portal.partners.models import Partner
from portal.periods.models import Period
from portal.statements.models import Statement


@dataclass(frozen=True, order=True)
class SealedRow:
    """One line of the list: in the order of kinds, then of keys."""

    kind: str
    key: str
    sha256: str
    said: str

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.sha256} {self.said}"

    @classmethod
    def parse(cls, line: str) -> "SealedRow":
        """The row that a line of the list names."""
        return cls(*line.split(" ", 3))


@dataclass(frozen=True)
class Span:
    """Which rows belong to a seal: those of the period, and what the journal had since the seal before."""

    period: str
    after_entry: int
    last_entry: int
    after_payment: int
    last_payment: int


def rows_of(span: Span) -> Iterator[tuple[SealedRow, Decimal]]:
    """Every row under a seal, streamed in the order of the list, with the amount that it moves."""
    return chain(
        _adjustments(span.period),
        _entries(span),
        _payments(span),
        _period(span.period),
        _plans(span.period),
        _results(span.period),
        _runs(span.period),
        _statements(span.period),
    )


NOTHING = Decimal("0.00")
_Rows = Iterator[tuple[SealedRow, Decimal]]


def _row(kind: str, key: object, row: AnyRow, *said: object) -> SealedRow:
    words = " ".join(" ".join(str(one).split()) for one in said)
    return SealedRow(kind, str(key), digest(dict(row._mapping)), words)


def digest(values: Mapping[str, Any]) -> str:
    """The hash of a row, its columns by name, written in one way whatever wrote them."""
    written = json.dumps(
        dict(values), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
    )
    return hashlib.sha256(written.encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _streamed(query: AnySelect) -> Iterator[AnyRow]:
    yield from db.session.execute(query, execution_options={"yield_per": 200})


def _adjustments(period: str) -> _Rows:
    origin = aliased(Period)
    query = (
        select(
            *(Adjustment.id, Partner.code, origin.code.label("origin"), Adjustment.amount),
            *(Adjustment.origin_claim_line_id, Adjustment.origin_statement_id, Adjustment.reason_code),
            *(Adjustment.note, Adjustment.proposed_by_id, Adjustment.proposed_at),
            *(Adjustment.approved_by_id, Adjustment.approved_at),
        )
        .join(Partner, Partner.id == Adjustment.partner_id)
        .join(origin, origin.id == Adjustment.origin_period_id)
        .join(Period, Period.id == Adjustment.period_id)
        .where(Period.code == period, Adjustment.approved_at.is_not(None))
        .order_by(Adjustment.id)
    )
    for row in _streamed(query):
        yield _row("adjustment", f"{row.id:019d}", row, row.code, row.origin, row.amount), NOTHING


def _entries(span: Span) -> _Rows:
    for row in ledger.stream_entries(span.after_entry, span.last_entry):
        said = (row.code, row.period, row.kind, row.moved, row.reference)
        yield _row("entry", f"{row.id:019d}", row, *said), row.moved


def _payments(span: Span) -> _Rows:
    for row in ledger.stream_payments(span.after_payment, span.last_payment):
        said = (row.code, row.amount, row.paid_on, row.reference)
        yield _row("payment", f"{row.id:019d}", row, *said), NOTHING


def _period(period: str) -> _Rows:
    days = (Period.starts_on, Period.ends_before, Period.cut_off_on, Period.pays_on)
    for row in _streamed(
        select(Period.code, *days, Period.state, Period.closed_at).where(Period.code == period)
    ):
        yield _row("period", row.code, row, row.state), NOTHING


def _approved(period: str) -> AnySelect:
    return (
        select(MarginRun.id)
        .join(Period, Period.id == MarginRun.period_id)
        .where(Period.code == period, MarginRun.state == RunState.APPROVED)
    )


def _plans(period: str) -> _Rows:
    used = select(MarginResult.plan_id).where(MarginResult.run_id.in_(_approved(period)))
    query = (
        select(
            *(PlanVersion.code, PlanVersion.version, PlanVersion.segment, PlanVersion.document),
            *(PlanVersion.state, PlanVersion.written_by_id, PlanVersion.published_by_id),
            PlanVersion.published_at,
        )
        .where(PlanVersion.id.in_(used))
        .order_by(PlanVersion.code.collate("C"), PlanVersion.version)
    )
    for row in _streamed(query):
        yield _row("plan", f"{row.code}/{row.version:06d}", row, row.segment), NOTHING


def _results(period: str) -> _Rows:
    query = (
        select(
            *(Partner.code, MarginResult.position, PlanVersion.code.label("plan"), PlanVersion.version),
            *(MarginResult.facts, MarginResult.facts_sha256, MarginResult.result, MarginResult.credited),
            *(MarginResult.gross, MarginResult.earnings, MarginResult.adjustments, MarginResult.carry_in),
            *(MarginResult.balance, MarginResult.payable, MarginResult.carry_out),
        )
        .join(Partner, Partner.id == MarginResult.partner_id)
        .join(PlanVersion, PlanVersion.id == MarginResult.plan_id)
        .where(MarginResult.run_id.in_(_approved(period)))
        .order_by(Partner.code.collate("C"))
    )
    for row in _streamed(query):
        yield _row("result", row.code, row, row.credited, row.earnings, row.payable), NOTHING


def _runs(period: str) -> _Rows:
    query = select(
        *(MarginRun.number, MarginRun.partners, MarginRun.started_by_id, MarginRun.started_at),
        *(MarginRun.computed_at, MarginRun.inputs_sha256, MarginRun.outputs_sha256, MarginRun.proposed_by_id),
        *(MarginRun.proposed_at, MarginRun.approved_by_id, MarginRun.approved_at, MarginRun.printed_seal),
    ).where(MarginRun.id.in_(_approved(period)))
    for row in _streamed(query):
        yield _row("run", f"{row.number:06d}", row, row.partners), NOTHING


def _statements(period: str) -> _Rows:
    query = (
        select(
            *(Statement.number, Partner.code, Statement.serial, Statement.version, Statement.locale),
            *(Statement.document, Statement.document_sha256, Statement.short_code, Statement.payable),
            *(Statement.issued_on, Statement.issued_at, Statement.dispute_until),
        )
        .join(Partner, Partner.id == Statement.partner_id)
        .join(Period, Period.id == Statement.period_id)
        .where(Period.code == period)
        .order_by(Statement.number.collate("C"))
    )
    for row in _streamed(query):
        yield _row("statement", row.number, row, row.code, row.payable), NOTHING
