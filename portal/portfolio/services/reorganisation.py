"""Taking in a reorganisation: every line or none, the same file once."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from portal import audit
from portal.calendar import paris_date
from portal.db import db
from portal.errors import Invalid
from portal.partners.models import Partner, Segment, Unit
from portal.partners.names import search_key
from portal.portfolio.emails import tell_of_handover
from portal.portfolio.inputs import Unreadable, read_rows
from portal.portfolio.models import LineKind, PamAssignment, Reorganisation, ReorganisationLine
from portal.portfolio.outcomes import Known, Outcome, Report, loads
from portal.portfolio.regrouping import judge
from portal.portfolio.services.handover import able_pam, move
from portal.portfolio.services.known import images, read_known
from portal.portfolio.services.notes import ask_for_notes

REASON = "Réorganisation"


class ReorganisationRefused(Invalid):
    """Lines are refused, or merges not accepted: nothing was imported."""

    def __init__(self, report: Report, fault: str = "reorg_faults") -> None:
        self.report = report
        super().__init__({"file": fault})


def check_reorganisation(*, content: bytes, at: datetime) -> Report:
    """A dry run: what each line would do and why some are refused; nothing is written."""
    return _judged(content, at)[0]


def _judged(content: bytes, at: datetime, *, lock: bool = False) -> tuple[Report, Known | None]:
    sha256 = hashlib.sha256(content).hexdigest()
    already = db.session.execute(
        select(Reorganisation).where(Reorganisation.sha256 == sha256, Reorganisation.undone_at.is_(None))
    ).scalar_one_or_none()
    if already is not None:
        return Report(sha256, already=already), None
    try:
        rows = list(read_rows(content))
    except Unreadable as unreadable:
        return Report(sha256, faults=unreadable.faults), None
    known = read_known(paris_date(at), lock=lock)
    outcomes, faults = judge(rows, known)
    return Report(sha256, tuple(outcomes), tuple(faults), tuple(loads(known, outcomes))), known


def reorganise(
    *, content: bytes, name: str, merges_accepted: bool, actor_id: int, at: datetime
) -> Reorganisation:
    """Take a file in, whole; the same file again changes nothing.

    Raise ReorganisationRefused for refused lines, or merges that nobody accepted.
    """
    report, known = _judged(content, at, lock=True)
    if report.already is not None:
        return report.already
    if report.faults or known is None:
        raise ReorganisationRefused(report)
    if report.merges and not merges_accepted:
        raise ReorganisationRefused(report, "reorg_merges")
    done = Reorganisation(
        sha256=report.sha256, name=name, lines=report.lines, imported_by_id=actor_id, imported_at=at,
        loads=[{"pam_id": pam_id, "before": was, "after": now} for pam_id, was, now in report.loads],
    )  # fmt: skip
    db.session.add(done)
    db.session.flush()
    touched = {one.firm.id for one in report.outcomes if one.firm and one.kind is not LineKind.UNCHANGED}
    before = images(touched)
    ids = {code: firm.id for code, firm in known.firms.items()} | _join(report, done, at)
    _change(report, done, at)
    _merge(report, ids)
    _keep_lines(report, done, ids, before)
    _record(report, done, at)
    _tell(report, done, at)
    return done


def _given(one: Outcome, done: Reorganisation, at: datetime) -> dict[str, Any]:
    return {
        "pam_id": one.pam_id, "reason": REASON, "assigned_by_id": done.imported_by_id, "assigned_at": at,
        "reorganisation_id": done.id,
    }  # fmt: skip


def _join(report: Report, done: Reorganisation, at: datetime) -> dict[str, int]:
    """New firms with their PAMs; their ids by code."""
    joined = {one.row.code: one for one in report.of_kind(LineKind.JOINED)}
    if not joined:
        return {}
    rows = [
        {
            "code": code, "siren": one.row.siren, "legal_name": one.row.name,
            "search_name": search_key(one.row.name), "segment": one.segment, "settled_coverage": one.coverage,
            "unit": Unit.EPG if one.segment is Segment.ALLIANCE else Unit.PST, "starts_on": one.on,
        }
        for code, one in joined.items()
    ]  # fmt: skip
    inserted = db.session.execute(insert(Partner).returning(Partner.code, Partner.id), rows)
    ids = dict(inserted.all())
    turns = [
        {"partner_id": ids[code], "starts_on": one.on, **_given(one, done, at)}
        for code, one in joined.items()
        if one.pam_id
    ]
    if turns:
        db.session.execute(insert(PamAssignment), turns)
    return ids


def _change(report: Report, done: Reorganisation, at: datetime) -> None:
    changed = [one for one in report.of_kind(LineKind.CHANGED) if one.firm]
    facts = [{"id": one.firm.id, **_covered(one)} for one in changed if one.firm and one.coverage]
    if facts:
        db.session.execute(update(Partner), facts)
    move([
        (_as_row(one), one.on, _given(one, done, at)) for one in changed if one.moves
    ])  # fmt: skip


def _covered(one: Outcome) -> dict[str, Any]:
    """Who answers from the line's day on; until then, and after a change already dated later, as it was."""
    assert one.firm is not None
    if one.ahead:
        return {
            "settled_coverage": one.firm.coverage, "next_coverage": one.coverage, "next_coverage_on": one.on,
        }  # fmt: skip
    return {
        "settled_coverage": one.coverage, "next_coverage": one.firm.next_coverage,
        "next_coverage_on": one.firm.next_coverage_on,
    }  # fmt: skip


def _as_row(one: Outcome) -> Any:
    assert one.leaving is not None and one.firm is not None
    return _Row(
        one.leaving.id, one.firm.id, one.leaving.pam_id, one.leaving.starts_on, one.leaving.ends_before
    )


@dataclass(frozen=True)
class _Row:
    id: int
    partner_id: int
    pam_id: int
    starts_on: date
    ends_before: date | None


def _merge(report: Report, ids: dict[str, int]) -> None:
    """What is merged away ends on its day; its claims, objectives and statements stay its own."""
    gone = [one for one in report.merges if one.firm]
    if not gone:
        return
    db.session.execute(
        update(Partner),
        [
            {"id": one.firm.id, "ends_before": one.on, "merged_into_id": ids[one.into]}
            for one in gone
            if one.firm
        ],
    )  # fmt: skip
    unlived = [turn.id for one in gone if one.firm for turn in one.firm.turns if turn.starts_on >= one.on]
    db.session.execute(delete(PamAssignment).where(PamAssignment.id.in_(unlived)))
    closed = [{"id": one.leaving.id, "ends_before": one.on} for one in gone if one.leaving and one.closed]
    if closed:
        db.session.execute(update(PamAssignment), closed)


def _keep_lines(
    report: Report, done: Reorganisation, ids: dict[str, int], before: dict[int, dict[str, Any]]
) -> None:
    of = {one.row.line: _partner_id(one, ids) for one in report.outcomes}
    after = images({*before, *(of[one.row.line] for one in report.of_kind(LineKind.JOINED))})
    db.session.execute(
        insert(ReorganisationLine),
        [
            {
                "reorganisation_id": done.id, "line": one.row.line, "code": one.row.code,
                "legal_name": one.row.name, "kind": one.kind, "partner_id": of[one.row.line],
                "effective_on": one.on, "single": one.single,
                "before": before.get(one.firm.id) if one.firm else None,
                "after": after.get(of[one.row.line]) if one.kind is not LineKind.MERGED or one.firm else None,
            }
            for one in report.outcomes
        ],
    )  # fmt: skip


def _partner_id(one: Outcome, ids: dict[str, int]) -> int:
    """The firm that the line is about: itself where it is known, else the one it is merged into."""
    return one.firm.id if one.firm else ids[one.into or one.row.code]


def _record(report: Report, done: Reorganisation, at: datetime) -> None:
    by = done.imported_by_id
    for one in report.outcomes:
        if one.firm is None or one.kind is LineKind.UNCHANGED:
            continue
        merged = one.kind is LineKind.MERGED
        audit.record(
            "partner.merged" if merged else "pam.assigned", subject=("partner", one.firm.id), at=at,
            actor_id=by, partner_id=one.firm.id, before=one.leaving and one.leaving.pam_id, after=one.pam_id,
            starts_on=one.on.isoformat(), reason=REASON, into=one.into, coverage=one.coverage,
        )  # fmt: skip
    audit.record(
        "portfolio.reorganised", subject=("reorganisation", done.public_id), at=at, actor_id=by,
        name=done.name, sha256=done.sha256, lines=done.lines, opened=report.opened, closed=report.closed,
        merged=len(report.merges),
    )  # fmt: skip


def _tell(report: Report, done: Reorganisation, at: datetime) -> None:
    moves = [
        (one.firm.id, one.leaving.pam_id, one.pam_id, one.on)
        for one in report.of_kind(LineKind.CHANGED)
        if one.firm and one.leaving and one.pam_id
    ]
    tell_of_moves(moves, reason=REASON, purpose=f"reorganisation:{done.id}", at=at)
    ask_for_notes(moves=moves, reason=REASON, actor_id=done.imported_by_id, at=at)


def tell_of_moves(
    moves: Sequence[tuple[int, int, int, date]], *, reason: str, purpose: str, at: datetime
) -> None:
    """The mails of many handovers: (partner, who leaves, who comes, from which day on)."""
    coming: dict[tuple[int, date], dict[int, int]] = defaultdict(dict)
    for partner_id, leaving_id, coming_id, on in moves:
        coming[coming_id, on][partner_id] = leaving_id
    for (pam_id, on), before in coming.items():
        tell_of_handover(
            before=before, pam=able_pam(pam_id), starts_on=on, reason=reason,
            purpose=f"{purpose}:{pam_id}:{on}", at=at,
        )  # fmt: skip
