"""The life of a claim: its states and steps, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.errors import Refused


class ClaimState(StrEnum):
    """Where a claim stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    INFO_REQUESTED = "info_requested"
    PENDING_SECOND = "pending_second"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    IN_CONFLICT = "in_conflict"
    APPEALED = "appealed"
    REVOKED = "revoked"


S = ClaimState


class Action(StrEnum):
    """What somebody does to a claim; the value is also the event's kind, as a participle."""

    SUBMIT = "submitted"
    TAKE = "taken"
    ASK = "info_requested"
    ANSWER = "answered"
    WITHDRAW = "withdrawn"
    EXPIRE = "expired"
    APPROVE = "approved"
    PASS_ON = "passed_on"
    APPROVE_SECOND = "approved_second"
    REJECT = "rejected"
    FIND_CONFLICT = "conflict_found"
    RESUME = "conflict_resolved"
    GRANT = "conflict_won"
    DENY = "conflict_lost"
    APPEAL = "appealed"
    UPHOLD = "upheld"
    UPHOLD_PART = "upheld_in_part"
    OVERTURN = "approved_on_appeal"
    REVOKE = "revoked"


class Actor(StrEnum):
    """On which side somebody acts."""

    PARTNER = "partner"
    PAM = "pam"
    LEAD = "lead"
    PROGRAMME = "programme"
    FINANCE = "finance"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: who, from where, to where, under which guards, with which mail."""

    action: Action
    sources: frozenset[ClaimState]
    target: ClaimState
    actors: frozenset[Actor]
    guards: tuple[str, ...] = ()
    mail: str | None = None


def _step(
    action: Action,
    sources: set[ClaimState],
    target: ClaimState,
    actors: set[Actor],
    *guards: str,
    mail: str | None = None,
) -> Step:
    return Step(action, frozenset(sources), target, frozenset(actors), guards, mail)


OPEN = frozenset({S.SUBMITTED, S.IN_REVIEW, S.INFO_REQUESTED, S.PENDING_SECOND})
CLOSED = frozenset(S) - OPEN - {S.DRAFT, S.IN_CONFLICT, S.APPEALED}
PARTNER, PAM, LEAD, CLOCK = Actor.PARTNER, Actor.PAM, Actor.LEAD, Actor.CLOCK
JUDGES, JUDGED = {LEAD, Actor.PROGRAMME}, ("judge_of_its_level", "decided_nothing_before", "reasoned")
SIGNED = "settled_by_a_lead_or_signed_by_each_firm"  # the workers carry out what was signed
STAND_IN = "lead_for_what_a_pam_wrote"

STEPS: tuple[Step, ...] = (
    _step(
        Action.SUBMIT, {S.DRAFT}, S.SUBMITTED, {PARTNER},
        "complete", "in_window", "no_own_duplicate", mail="claim.submitted",
    ),
    _step(Action.TAKE, {S.SUBMITTED}, S.IN_REVIEW, {PAM, LEAD}, STAND_IN),
    _step(
        Action.ASK, {S.IN_REVIEW}, S.INFO_REQUESTED, {PAM, LEAD}, STAND_IN, "coded",
        mail="claim.info_requested",
    ),
    _step(Action.ANSWER, {S.INFO_REQUESTED}, S.IN_REVIEW, {PARTNER}, mail="claim.answered"),
    _step(
        Action.WITHDRAW, {S.SUBMITTED, S.IN_REVIEW, S.INFO_REQUESTED}, S.WITHDRAWN, {PARTNER},
        mail="claim.withdrawn",
    ),
    _step(Action.EXPIRE, {S.DRAFT, S.INFO_REQUESTED}, S.EXPIRED, {CLOCK}, "due_passed", mail="claim.expired"),
    _step(
        Action.APPROVE, {S.IN_REVIEW}, S.APPROVED, {PAM},
        "grid_complete", "numbered", "cuts_coded", "within_limit", "not_the_maker", mail="claim.approved",
    ),
    _step(
        Action.PASS_ON, {S.IN_REVIEW}, S.PENDING_SECOND, {PAM, LEAD},
        STAND_IN, "grid_complete", "numbered", "cuts_coded", "not_the_maker", mail="claim.pending_second",
    ),
    _step(
        Action.APPROVE_SECOND, {S.PENDING_SECOND}, S.APPROVED, {LEAD}, "not_the_first", "not_the_maker",
        mail="claim.approved",
    ),
    _step(
        Action.REJECT, {S.IN_REVIEW, S.PENDING_SECOND}, S.REJECTED, {PAM, LEAD}, "coded",
        mail="claim.rejected",
    ),
    _step(Action.FIND_CONFLICT, {*OPEN, S.APPROVED}, S.IN_CONFLICT, {PAM, LEAD, CLOCK}),
    _step(Action.RESUME, {S.IN_CONFLICT}, S.IN_REVIEW, {LEAD, CLOCK}, SIGNED),
    _step(
        Action.GRANT, {S.IN_CONFLICT}, S.APPROVED, {LEAD, CLOCK}, SIGNED, "approved_before", "not_the_maker",
        mail="claim.approved",
    ),
    _step(Action.DENY, {S.IN_CONFLICT}, S.REJECTED, {LEAD}, "coded", mail="claim.rejected"),
    _step(
        Action.APPEAL, {S.REJECTED, S.APPROVED}, S.APPEALED, {PARTNER},
        "refused_or_cut", "within_30_days", "twice_at_most", mail="claim.appealed",
    ),
    _step(Action.UPHOLD, {S.APPEALED}, S.REJECTED, JUDGES, *JUDGED, mail="claim.appeal_upheld"),
    _step(Action.UPHOLD_PART, {S.APPEALED}, S.APPROVED, JUDGES, *JUDGED, mail="claim.appeal_upheld"),
    _step(
        Action.OVERTURN, {S.APPEALED}, S.APPROVED, JUDGES, *JUDGED, "grid_complete", "nothing_taken_back",
        mail="claim.appeal_won",
    ),
    _step(
        Action.REVOKE, {S.APPROVED}, S.REVOKED, {Actor.FINANCE, Actor.PROGRAMME}, "coded", "reasoned",
        "proposed_by_the_other", mail="claim.revoked",
    ),
)  # fmt: skip
TABLE: Mapping[Action, Step] = {step.action: step for step in STEPS}


class IllegalStep(Refused):
    """The table has no such step from this state."""

    code = "illegal_step"


def next_state(state: ClaimState, action: Action, actor: Actor | None = None) -> ClaimState:
    """Where the action leads from this state; IllegalStep where the table has no such row for this side."""
    step = TABLE[action]
    if state not in step.sources or (actor is not None and actor not in step.actors):
        raise IllegalStep(state=str(state), action=str(action))
    return step.target


def possible_actions(state: ClaimState, actor: Actor) -> tuple[Action, ...]:
    """What this side may do from this state, in the order of the table."""
    return tuple(step.action for step in STEPS if state in step.sources and actor in step.actors)
