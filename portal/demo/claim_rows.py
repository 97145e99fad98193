"""Stories as rows: what the services would have written, step by step."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from random import Random
from typing import Any

from portal.calendar import PeriodCode, paris_date
from portal.claims.workflow import RULES, Action, ClaimState
from portal.demo import evidence
from portal.demo.story import Step, Story, line_id

Row = dict[str, Any]
Papers = dict[tuple[str, int], tuple[str, int]]

GRANTS = {Action.APPROVE, Action.PASS_ON, Action.GRANT, Action.OVERTURN}
JUDGEMENTS = {Action.OVERTURN: "overturned", Action.UPHOLD: "upheld", Action.UPHOLD_PART: "upheld"}
FIELDS = (
    "updated_by_id", "declared_honour_at", "declared_honour_by_id", "submitted_by_id", "submitted_at",
    "decide_by",
    "clock_left", "info_due_on", "taken_by_id", "taken_at", "first_decided_by_id", "first_decided_at",
    "decision",
    "decided_by_id", "decided_at", "reason_code", "cure_by",
)  # fmt: skip


def number_stories(stories: Iterable[Story]) -> list[Story]:
    """In the order of their creation: ids, and references by fiscal year."""
    numbered, last = (
        sorted(stories, key=lambda story: (story.created_at, story.order_no, story.firm.id)),
        dict[str, int](),
    )
    for number, story in enumerate(numbered, 1):
        year = str(PeriodCode.fiscal_year_of(paris_date(story.created_at)))
        last[year] = last.get(year, 0) + 1
        story.id, story.reference = number, f"D-{year}-{last[year]:06d}"
    return numbered


def claim_row(story: Story, grid_id: int) -> Row:
    """The claim as it stands after its last step."""
    customer, reseller = story.customer, story.reseller
    sent = "submitted_at" in story.values
    return {
        "id": story.id, "partner_id": story.firm.id, "reference": story.reference,
        "version": 1 + len(story.steps),
        "state": story.state, "customer_siren": customer.siren, "customer_name": customer.name,
        "customer_sector": customer.sector, "customer_public": customer.public, "title": story.title,
        "project_type": story.project_type, "roles": list(story.roles),
        "reseller_name": reseller.name if reseller else "", "reseller_unknown": reseller is None,
        "order_no": story.order_no, "enrolment_no": story.enrolment_no, "signed_on": story.signed_on,
        "ordered_on": story.ordered_on, "confidential": story.confidential, "created_by_id": story.author_id,
        "created_at": story.created_at, "updated_at": story.values.get("updated_at", story.created_at),
        "grid_id": grid_id if sent else None, **{name: story.values.get(name) for name in FIELDS},
    }  # fmt: skip


def line_rows(story: Story) -> Iterator[Row]:
    """Its lines; what was granted of them appears with the first approval."""
    granted = any(step.action in GRANTS for step, _ in story.steps)
    for place, line in enumerate(story.lines, 1):
        yield {
            "id": line_id(story, place), "partner_id": story.firm.id, "claim_id": story.id, "position": place,
            "family": line.family, "agreement": line.agreement, "declared_amount": line.declared,
            "approved_amount": line.approved if granted else None,
            "cut_reason_code": line.cut if granted else None,
            "share": line.share if granted else None,
        }  # fmt: skip


def event_rows(story: Story) -> Iterator[Row]:
    """The timeline, from the day the draft was begun."""
    same = {"partner_id": story.firm.id, "claim_id": story.id}
    yield same | {
        "kind": "started", "state": ClaimState.DRAFT, "at": story.created_at, "actor_id": story.author_id,
        "reason_code": None, "note": "",
    }  # fmt: skip
    for step, state in story.steps:
        yield same | _event(step, state)


def _event(step: Step, state: ClaimState) -> Row:
    return {
        "kind": step.action, "state": state, "at": step.at, "actor_id": step.actor_id,
        "reason_code": step.reason,
        "note": step.note,
    }  # fmt: skip


def appeal_rows(story: Story) -> Iterator[Row]:
    """Its appeal, and the judgement where it came."""
    steps = [step for step, _ in story.steps]
    for place, step in enumerate(steps):
        if step.action is not Action.APPEAL:
            continue
        judged = next((later for later in steps[place:] if later.action in JUDGEMENTS), None)
        yield {
            "partner_id": story.firm.id, "claim_id": story.id, "level": 1, "asks": "decision",
            "grounds": step.note, "made_by_id": step.actor_id, "made_at": step.at,
            "judge_by": RULES.judge_by(paris_date(step.at)),
            "outcome": JUDGEMENTS[judged.action] if judged else None,
            "judged_by_id": judged.actor_id if judged else None, "judged_at": judged.at if judged else None,
            "reasons": judged.note if judged else "",
        }  # fmt: skip


def audit_rows(story: Story) -> Iterator[Row]:
    """The record of who did it."""
    same = {"partner_id": story.firm.id, "subject_kind": "claim", "subject_id": story.reference}
    details: Row = {}
    yield same | {
        "action": "claim.started",
        "at": story.created_at,
        "actor_id": story.author_id,
        "details": details,
    }
    source = ClaimState.DRAFT
    for step, state in story.steps:
        details = {"source": source, "target": state, "reason": step.reason}
        yield same | {
            "action": f"claim.{step.action}",
            "at": step.at,
            "actor_id": step.actor_id,
            "details": details,
        }
        source = state


def file_rows(story: Story, papers: Papers) -> Iterator[Row]:
    """The files given with it."""
    for place, proof in enumerate(story.proofs, 1):
        sha256, size = papers[proof.kind, proof.paper]
        yield {
            "id": line_id(story, place), "partner_id": story.firm.id, "sha256": sha256, "size": size,
            "media_type": evidence.MEDIA_TYPE, "name": evidence.file_name(proof.kind, story.reference),
            "state": "clean", "created_at": story.created_at + timedelta(minutes=3 * place),
        }  # fmt: skip


def evidence_rows(story: Story) -> Iterator[Row]:
    """What each file proves."""
    for place, proof in enumerate(story.proofs, 1):
        number = line_id(story, place)
        yield {
            "id": number, "partner_id": story.firm.id, "claim_id": story.id, "file_id": number,
            "evidence_type": proof.kind, "dated_on": proof.dated_on, "uploaded_by_id": story.author_id,
            "uploaded_at": story.created_at + timedelta(minutes=3 * place),
        }  # fmt: skip


def tick_rows(story: Story, grid_id: int, checks: list[str]) -> Iterator[Row]:
    """The whole grid ticked by whoever approved first."""
    for step, _ in story.steps:
        if step.action in (Action.APPROVE, Action.PASS_ON):
            for check in checks:
                yield {
                    "partner_id": story.firm.id, "claim_id": story.id, "grid_id": grid_id,
                    "check_code": check,
                    "ticked_by_id": step.actor_id, "ticked_at": step.at,
                }  # fmt: skip


def reading_rows(story: Story) -> Iterator[Row]:
    """The PAM read what it decided on."""
    rng = Random(story.id)
    for step, _ in story.steps:
        if step.action is Action.TAKE:
            for place in range(1, len(story.proofs) + 1):
                yield {
                    "partner_id": story.firm.id, "file_id": line_id(story, place), "user_id": step.actor_id,
                    "at": step.at + timedelta(minutes=rng.randint(1, 9)),
                }  # fmt: skip
