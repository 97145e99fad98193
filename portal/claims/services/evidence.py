"""Evidence: added, replaced by a new version, withdrawn; a file itself never changes."""

from datetime import date, datetime
from typing import IO, Any

from sqlalchemy import update

from portal import audit, catalogue, files
from portal.calendar import paris_date
from portal.claims.models import Claim, ClaimEvidence
from portal.claims.services.steps import add_event, change, stale
from portal.claims.workflow import ClaimState
from portal.db import db
from portal.errors import Invalid, NotFound, Refused

OPEN_TO_EVIDENCE = (
    ClaimState.DRAFT, ClaimState.SUBMITTED, ClaimState.IN_REVIEW, ClaimState.INFO_REQUESTED,
)  # fmt: skip


def add_evidence(
    *,
    claim: Claim,
    source: bytes | IO[bytes],
    name: str,
    evidence_type: str,
    dated_on: date | None,
    actor_id: int,
    at: datetime,
    replaces: ClaimEvidence | None = None,
) -> ClaimEvidence:
    """Join a file to a claim, as a new piece or as the new version of one."""
    _check(claim, evidence_type, dated_on, at)
    file = files.store_file(source=source, name=name, partner_id=claim.partner_id, at=at)
    paper = ClaimEvidence(
        partner_id=claim.partner_id, claim_id=claim.id, file_id=file.id, evidence_type=evidence_type,
        dated_on=dated_on, uploaded_by_id=actor_id, uploaded_at=at,
    )  # fmt: skip
    db.session.add(paper)
    db.session.flush()
    if replaces:
        _replace(claim, replaces, paper)
    kind = "evidence_replaced" if replaces else "evidence_added"
    _note(claim, kind, name=file.name, file_hash=file.sha256, actor_id=actor_id, at=at)
    return paper


def withdraw_evidence(*, claim: Claim, seen: int, paper: ClaimEvidence, actor_id: int, at: datetime) -> None:
    """Take a piece of evidence back; the file stays, marked withdrawn."""
    if claim.version != seen:
        raise stale(claim)
    if paper.claim_id != claim.id:
        raise NotFound
    if claim.state not in OPEN_TO_EVIDENCE:
        raise Refused("evidence_closed")
    if paper.withdrawn_at or paper.replaced_by_id:
        return
    paper.withdrawn_at = at
    db.session.flush()
    _note(claim, "evidence_withdrawn", paper=str(paper.public_id), actor_id=actor_id, at=at)


def _check(claim: Claim, evidence_type: str, dated_on: date | None, at: datetime) -> None:
    if claim.state not in OPEN_TO_EVIDENCE:
        raise Refused("evidence_closed")
    faults: dict[str, str] = {}
    if evidence_type not in catalogue.list_evidence_types():
        faults["evidence_type"] = "not_a_choice" if evidence_type else "required"
    if dated_on and dated_on > paris_date(at):
        faults["dated_on"] = "day_in_future"
    if faults:
        raise Invalid(faults)


def _replace(claim: Claim, old: ClaimEvidence, new: ClaimEvidence) -> None:
    if old.claim_id != claim.id or old.replaced_by_id or old.withdrawn_at:
        raise Refused("evidence_closed")
    db.session.execute(update(ClaimEvidence).where(ClaimEvidence.id == old.id).values(replaced_by_id=new.id))


def _note(claim: Claim, kind: str, *, actor_id: int, at: datetime, **details: Any) -> None:
    """A change of evidence makes older pages stale, and stands on the timeline."""
    change(claim, seen=claim.version, source=claim.state, actor_id=actor_id, at=at)
    named = {"name": details.pop("name")} if "name" in details else {}
    add_event(claim, kind, actor_id=actor_id, at=at, details=named)
    details |= {} if claim.confidential else named  # the record is read by many
    audit.record(
        f"claim.{kind}", subject=("claim", claim.reference), at=at, actor_id=actor_id,
        partner_id=claim.partner_id, **details,
    )  # fmt: skip
