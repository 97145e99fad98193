"""A claim's story: what was declared, then each step in its time, by the workflow's own table."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.calendar import PeriodCode, paris_date
from portal.claims.workflow import RULES, Action, ClaimState, next_state, pause, resume
from portal.demo.customers import Customer
from portal.demo.firms import Firm
from portal.demo.staff import LEADS

DECISIONS = {
    Action.APPROVE: "approved", Action.APPROVE_SECOND: "approved", Action.GRANT: "approved",
    Action.OVERTURN: "approved", Action.REJECT: "rejected", Action.DENY: "rejected",
}  # fmt: skip


@dataclass
class Line:
    """One family of the claim, and what was approved of it; `ordered` is what the vendor's order says."""

    family: str
    declared: Decimal
    approved: Decimal | None = None
    cut: str | None = None
    share: Decimal | None = None
    agreement: str = "CSP"
    ordered: Decimal | None = None


@dataclass(frozen=True)
class Proof:
    """A piece of evidence: its type, the day it bears, and which of the stored papers it is."""

    kind: str
    dated_on: date
    paper: int


@dataclass(frozen=True)
class Step:
    """Something that somebody does to a claim."""

    action: Action
    at: datetime
    actor_id: int | None
    reason: str | None = None
    note: str = ""


@dataclass
class Story:
    """A claim: what the firm declared and what became of it."""

    firm: Firm
    period: PeriodCode
    customer: Customer
    title: str
    project_type: str
    roles: tuple[str, ...]
    lines: list[Line]
    signed_on: date
    ordered_on: date
    created_at: datetime
    author_id: int
    order_no: str = ""
    enrolment_no: str = ""
    reseller: Firm | None = None
    confidential: bool = False
    proofs: list[Proof] = field(default_factory=list)
    order: str = "EXACT"  # how the vendor's orders answer: EXACT, PROBABLE, NONE, CANCELLED, GAP
    ordered_at: datetime | None = None
    id: int = 0
    reference: str = ""
    state: ClaimState = ClaimState.DRAFT
    steps: list[tuple[Step, ClaimState]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def second_needed(self) -> bool:
        """Whether one approval is not enough."""
        return self.customer.public or self.approved > RULES.second_approval_above

    @property
    def approved(self) -> Decimal:
        """The sum of what was approved, shares applied."""
        return sum(
            (line.approved * (line.share or 1) for line in self.lines if line.approved is not None),
            Decimal(0),
        )

    @property
    def counts(self) -> bool:
        """Whether what was approved stands."""
        decided = self.values.get("decision") in ("approved", "approved_in_part")
        return decided and self.state in (ClaimState.APPROVED, ClaimState.APPEALED)

    @property
    def tele(self) -> bool:
        """Whether the tele desk answers, with more time."""
        return not self.firm.dedicated

    @property
    def lead_id(self) -> int:
        """Who gives the second approval."""
        return LEADS[self.firm.segment]

    def tell(self, steps: Iterable[Step], *, until: datetime) -> "Story":
        """Let the steps happen, as far as time has come."""
        for step in steps:
            if step.at > until:
                break
            self.happen(step)
        return self

    def happen(self, step: Step) -> None:
        """One step: the table says where it leads, the fields say what is known after it."""
        self.state = next_state(self.state, step.action)
        on = paris_date(step.at)
        self.values |= {"updated_at": step.at, "updated_by_id": step.actor_id, "info_due_on": None}
        self.values |= self._learnt(step, on)
        self.steps.append((step, self.state))

    def _learnt(self, step: Step, on: date) -> dict[str, Any]:
        action = step.action
        if action is Action.SUBMIT:
            return {
                "submitted_by_id": step.actor_id, "submitted_at": step.at, "declared_honour_at": step.at,
                "declared_honour_by_id": step.actor_id, "decide_by": RULES.decide_by(on, tele=self.tele),
            }  # fmt: skip
        if action is Action.TAKE:
            return {"taken_by_id": step.actor_id, "taken_at": step.at}
        if action is Action.ASK:
            left = pause(self.values["decide_by"], on)
            return {"clock_left": left, "decide_by": None, "info_due_on": RULES.info_due_on(on)}
        if action is Action.ANSWER:
            return {"clock_left": None, "decide_by": resume(self.values["clock_left"], on)}
        if action is Action.PASS_ON:
            return {"first_decided_by_id": step.actor_id, "first_decided_at": step.at}
        if action is Action.APPEAL:
            return {"decide_by": RULES.judge_by(on)}
        if action in DECISIONS:
            return self._decided(step, on)
        return {}

    def _decided(self, step: Step, on: date) -> dict[str, Any]:
        decision = DECISIONS[step.action]
        if decision == "approved" and any(line.cut for line in self.lines):
            decision = "approved_in_part"
        rejected = decision == "rejected"
        return {
            "decision": decision, "decided_by_id": step.actor_id, "decided_at": step.at,
            "reason_code": step.reason, "cure_by": RULES.cure_by(on) if rejected else None,
        }  # fmt: skip


def line_id(story: Story, place: int) -> int:
    """The id of a claim's line, of its evidence and of its file, counted from one."""
    return story.id * 10 + place
