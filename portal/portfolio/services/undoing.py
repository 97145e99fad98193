"""Taking a reorganisation back, as long as nothing was written after it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import String, cast, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from portal import audit
from portal.audit.models import AuditRecord
from portal.db import db
from portal.errors import Refused
from portal.partners.models import Partner
from portal.portfolio.models import LineKind, PamAssignment, Reorganisation, ReorganisationLine
from portal.portfolio.services.known import differences, images
from portal.portfolio.services.reorganisation import tell_of_moves

REASON = "Réorganisation annulée"


def undo_reorganisation(*, done: Reorganisation, actor_id: int, at: datetime) -> None:
    """Every firm is again what it was before the file; refused once something was written after it."""
    db.session.refresh(done, with_for_update=True)
    if done.undone_at is not None:
        raise Refused("reorg_undone")
    lines = list(_touched(done))
    db.session.execute(
        select(PamAssignment.id)
        .where(PamAssignment.partner_id.in_([line.partner_id for line in lines]))
        .with_for_update()
    )
    _refuse_written_after(done, lines)
    for line in lines:
        if line.kind is not LineKind.JOINED:
            _restore(line, actor_id, at)
    _send_away([line for line in lines if line.kind is LineKind.JOINED])
    done.undone_by_id, done.undone_at = actor_id, at
    db.session.flush()
    for line in lines:
        if line.kind is not LineKind.JOINED:
            audit.record(
                "pam.restored", subject=("partner", line.partner_id), at=at, actor_id=actor_id,
                partner_id=line.partner_id, reorganisation=str(done.public_id),
            )  # fmt: skip
    audit.record(
        "portfolio.reorganisation_undone", subject=("reorganisation", done.public_id), at=at,
        actor_id=actor_id, name=done.name,
    )  # fmt: skip
    tell_of_moves(list(_moves_back(lines)), reason=REASON, purpose=f"reorganisation:{done.id}:undone", at=at)


def why_not_undone(done: Reorganisation) -> Refused | None:
    """What was written after the file, which keeps it from being undone; None while it can be."""
    if done.undone_at is not None:
        return Refused("reorg_undone")
    try:
        _refuse_written_after(done, list(_touched(done)))
    except Refused as refused:
        return refused
    return None


def _touched(done: Reorganisation) -> Sequence[ReorganisationLine]:
    return (
        db.session.execute(
            select(ReorganisationLine)
            .where(ReorganisationLine.reorganisation_id == done.id, ReorganisationLine.after.is_not(None))
            .order_by(ReorganisationLine.line)
        )
        .scalars()
        .all()
    )


def _refuse_written_after(done: Reorganisation, lines: Sequence[ReorganisationLine]) -> None:
    ids = [line.partner_id for line in lines if line.partner_id]
    marked = (
        select(AuditRecord.id)
        .where(AuditRecord.action == "portfolio.reorganised")
        .where(AuditRecord.subject_id == cast(done.public_id, String))
        .scalar_subquery()
    )
    later = db.session.execute(
        select(AuditRecord.action, AuditRecord.at, Partner.code, Partner.legal_name)
        .join(Partner, Partner.id == AuditRecord.partner_id)
        .where(AuditRecord.id > marked, AuditRecord.partner_id.in_(ids), AuditRecord.subject_kind != "user")
        .order_by(AuditRecord.id)
        .limit(1)
    ).one_or_none()
    if later is not None:
        raise Refused("reorg_written_after", firm=f"{later.legal_name} ({later.code})", at=later.at)
    now = images(ids)
    for line in lines:
        if line.partner_id is None or now.get(line.partner_id) != line.after:
            raise Refused("reorg_written_after", firm=f"{line.legal_name} ({line.code})", at=None)


def _restore(line: ReorganisationLine, actor_id: int, at: datetime) -> None:
    """The firm's turns and facts as they were; whoever restores a turn signs it."""
    before, after = line.before or {}, line.after or {}
    came, gone, otherwise = differences(before, after)
    signed = {"assigned_by_id": actor_id, "assigned_at": at}
    db.session.execute(delete(PamAssignment).where(PamAssignment.id.in_(came)))
    for turn_id, pam_id, _starts_on, ends_before, reason in otherwise:
        same = (pam_id, reason) == next((turn[1], turn[4]) for turn in after["turns"] if turn[0] == turn_id)
        values: dict[str, Any] = {"ends_before": _day(ends_before)}
        values |= {} if same else {"pam_id": pam_id, "reason": reason, **signed}
        db.session.execute(update(PamAssignment).where(PamAssignment.id == turn_id).values(values))
    rows = [
        {
            "partner_id": line.partner_id, "pam_id": pam_id, "starts_on": _day(starts_on),
            "ends_before": _day(ends_before), "reason": reason, **signed,
        }
        for _id, pam_id, starts_on, ends_before, reason in gone
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(PamAssignment), rows)
    facts = {
        "settled_coverage": before["coverage"], "next_coverage": before.get("next_coverage"),
        "next_coverage_on": _day(before.get("next_coverage_on")), "merged_into_id": before["merged_into_id"],
        "ends_before": _day(before["ends_before"]),
    }  # fmt: skip
    db.session.execute(update(Partner).where(Partner.id == line.partner_id).values(facts))


def _send_away(lines: Sequence[ReorganisationLine]) -> None:
    """Firms that came with the file were never there; PostgreSQL keeps those that something names since."""
    ids = [line.partner_id for line in lines]
    try:
        db.session.execute(delete(PamAssignment).where(PamAssignment.partner_id.in_(ids)))
        db.session.execute(
            delete(Partner).where(Partner.id.in_(ids)).execution_options(synchronize_session=False)
        )
        db.session.flush()
    except IntegrityError as error:
        firms = ", ".join(f"{line.legal_name} ({line.code})" for line in lines[:3])
        raise Refused("reorg_written_after", firm=firms, at=None) from error


def _moves_back(lines: Sequence[ReorganisationLine]) -> list[tuple[int, int, int, date]]:
    """Who comes back to whom, for those who were told."""
    moves = []
    for line in lines:
        if line.kind is not LineKind.CHANGED or line.partner_id is None:
            continue
        was, now = (_pam_on(image, line.effective_on) for image in (line.before, line.after))
        if was and now and was != now:
            moves.append((line.partner_id, now, was, line.effective_on))
    return moves


def _pam_on(image: dict[str, Any] | None, on: date) -> int | None:
    for _id, pam_id, starts_on, ends_before, _reason in (image or {}).get("turns", []):
        if starts_on <= on.isoformat() and (ends_before is None or on.isoformat() < ends_before):
            return int(pam_id)
    return None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
