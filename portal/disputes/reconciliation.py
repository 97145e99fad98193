"""What a firm expected beside what is stated, and why they differ; one dispute for all that is contested."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import insert, select

from portal import audit
from portal.db import AnyRow, db
from portal.disputes.expected import Expected
from portal.disputes.lines import StatementLine, find_line
from portal.disputes.models import Cause, Dispute, DisputeReason, Reconciliation, ReconciliationLine
from portal.disputes.services import open_dispute
from portal.errors import NotFound
from portal.money import ZERO
from portal.statements.models import DisputedKind, Statement
from portal.statements.shape import StatementDocument

_PENDING = {"PENDING", "UNDER_APPEAL", "NO_TRANSACTION", "ON_HOLD"}
CONTESTED = frozenset({Cause.REJECTED, Cause.SHARE, Cause.WEIGHT, Cause.AMOUNT, Cause.CAPPED, Cause.UNKNOWN})


def compare(document: StatementDocument, expected: Sequence[Expected]) -> list[dict[str, Any]]:
    """Each expected line beside the statement's, then what is stated and was not expected; pure."""
    stated = _stated(document)
    rows, met = [], set()
    for one in expected:
        found = [row for row in stated if _is(row, one)]
        met |= {row["reference"] for row in found}
        rows.append(_row(one, found))
    left = [row for row in stated if row["reference"] not in met and row["kind"] is DisputedKind.CLAIM]
    rows += [{**_bare(row), "expected": None, "cause": Cause.UNKNOWN} for row in left]
    return [{**row, "position": place} for place, row in enumerate(rows, 1)]


def _stated(document: StatementDocument) -> list[dict[str, Any]]:
    credits = {claim["ref"]: claim for claim in document["result"]["trace"]["claims"]}
    counted = [
        {
            "kind": DisputedKind.CLAIM,
            "key": claim["ref"],
            "reference": claim["reference"],
            "order_no": claim["order_no"],
            "credit": credits[claim["ref"]],
            "claim": claim,
            "stated": Decimal(credits[claim["ref"]]["credited"]),
        }
        for claim in document["claims"]
    ]
    left = [
        {
            "kind": DisputedKind.NOT_COUNTED,
            "key": f"{one['reference']}/{one['family']}",
            "order_no": "",
            "reference": one["reference"],
            "left": one,
            "stated": ZERO,
        }
        for one in document["not_counted"]
    ]
    return [*counted, *left]


def _is(row: Mapping[str, Any], one: Expected) -> bool:
    if one.reference:
        return bool(row["reference"] == one.reference)
    return one.order_no in [number.strip() for number in row["order_no"].split(",")]


def _bare(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("reference", "order_no", "stated", "kind", "key")}


def _row(one: Expected, found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    shown = {"reference": one.reference, "order_no": one.order_no, "expected": one.amount}
    if not found:
        return {**shown, "stated": None, "kind": None, "key": None, "cause": Cause.NOT_DECLARED}
    stated = sum((row["stated"] for row in found), ZERO)
    first = found[0]
    shown |= {"stated": stated, "kind": first["kind"], "key": first["key"], "reference": first["reference"]}
    return {**shown, "cause": Cause.SAME if stated == one.amount else _cause(first, one.amount)}


def _cause(row: Mapping[str, Any], expected: Decimal) -> Cause:
    """The first thing that explains the difference, in the order in which a claim becomes a credit."""
    if "left" in row:
        left = row["left"]
        if left["counts_in"]:
            return Cause.OTHER_PERIOD
        return Cause.PENDING if left["reason"] in _PENDING else Cause.REJECTED
    credit, claim = row["credit"], row["claim"]
    if Decimal(claim["approved"]) < min(expected, Decimal(claim["declared"])):
        return Cause.AMOUNT
    if "shares" in credit:
        return Cause.SHARE
    if Decimal(credit.get("uncapped", credit["credited"])) != Decimal(credit["credited"]):
        return Cause.CAPPED
    if Decimal(credit.get("weight", "1")) != 1 or Decimal(credit.get("measure_weight", "1")) != 1:
        return Cause.WEIGHT
    return Cause.UNKNOWN


def reconcile(
    *,
    statement: Statement,
    expected: Sequence[Expected],
    content: bytes,
    name: str,
    actor_id: int,
    at: datetime,
) -> Reconciliation:
    """Keep what the firm expected beside what is stated; the file itself is not kept."""
    document = cast(StatementDocument, statement.document)
    kept = Reconciliation(
        partner_id=statement.partner_id,
        statement_id=statement.id,
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by_id=actor_id,
        uploaded_at=at,
    )
    db.session.add(kept)
    db.session.flush()
    own = {"partner_id": statement.partner_id, "reconciliation_id": kept.id}
    db.session.execute(insert(ReconciliationLine), [{**row, **own} for row in compare(document, expected)])
    audit.record(
        "statement.reconciled",
        subject=("statement", statement.id),
        at=at,
        actor_id=actor_id,
        partner_id=statement.partner_id,
        sha256=kept.sha256,
        lines=len(expected),
    )
    return kept


def get_reconciliation(public_id: UUID) -> Reconciliation:
    """A reconciliation; NotFound where the reader may not see it or there is none."""
    query = select(Reconciliation).where(Reconciliation.public_id == public_id)
    found = db.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def list_differences(reconciliation_id: int) -> Mapping[Cause, Sequence[AnyRow]]:
    """The lines of a reconciliation by cause, each in the order of the file."""
    rows = db.session.execute(
        select(
            *(ReconciliationLine.position, ReconciliationLine.reference, ReconciliationLine.order_no),
            *(ReconciliationLine.expected, ReconciliationLine.stated, ReconciliationLine.cause),
            *(ReconciliationLine.kind, ReconciliationLine.key),
        )
        .where(ReconciliationLine.reconciliation_id == reconciliation_id)
        .order_by(ReconciliationLine.position)
    )
    found: dict[Cause, list[AnyRow]] = defaultdict(list)
    for row in rows:
        found[row.cause].append(row)
    return found


def dispute_differences(
    *, reconciliation: Reconciliation, statement: Statement, words: str, actor_id: int, at: datetime
) -> Dispute:
    """One dispute for every stated line whose difference the firm can contest."""
    document = cast(StatementDocument, statement.document)
    lines: dict[tuple[str, str], tuple[StatementLine, Decimal | None]] = {}
    for cause, rows in list_differences(reconciliation.id).items():
        for row in rows if cause in CONTESTED else ():
            line = find_line(document, row.kind, row.key) if row.kind and row.expected is not None else None
            if line is not None:
                lines[line.kind, line.key] = (line, row.expected)
    return open_dispute(
        statement=statement,
        lines=list(lines.values()),
        reason=DisputeReason.RECONCILIATION,
        words=words,
        actor_id=actor_id,
        at=at,
        reconciliation_id=reconciliation.id,
    )
