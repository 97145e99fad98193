"""Every step of every side, against the programme's own table; any life at all, drawn at random; the drawing."""

import importlib.util
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from portal.calendar import is_working_day
from portal.claims.workflow import (
    CLOSED,
    OPEN,
    RULES,
    Action,
    Actor,
    ClaimState,
    IllegalStep,
    clock,
    next_state,
    pause,
    possible_actions,
    resume,
)

S, A = ClaimState, Action
FIRM, PAM, LEAD = Actor.PARTNER, Actor.PAM, Actor.LEAD
PROGRAMME, FINANCE, CLOCK = Actor.PROGRAMME, Actor.FINANCE, Actor.CLOCK
UNDECIDED = (S.SUBMITTED, S.IN_REVIEW, S.INFO_REQUESTED, S.PENDING_SECOND)

# Written a second time, by hand, from the programme's rules: from, step, who, to.
RULED: tuple[tuple[tuple[ClaimState, ...], Action, tuple[Actor, ...], ClaimState], ...] = (
    ((S.DRAFT,), A.SUBMIT, (FIRM,), S.SUBMITTED),
    ((S.SUBMITTED,), A.TAKE, (PAM, LEAD), S.IN_REVIEW),
    ((S.IN_REVIEW,), A.ASK, (PAM, LEAD), S.INFO_REQUESTED),
    ((S.INFO_REQUESTED,), A.ANSWER, (FIRM,), S.IN_REVIEW),
    ((S.SUBMITTED, S.IN_REVIEW, S.INFO_REQUESTED), A.WITHDRAW, (FIRM,), S.WITHDRAWN),
    ((S.DRAFT, S.INFO_REQUESTED), A.EXPIRE, (CLOCK,), S.EXPIRED),
    ((S.IN_REVIEW,), A.APPROVE, (PAM,), S.APPROVED),
    ((S.IN_REVIEW,), A.PASS_ON, (PAM, LEAD), S.PENDING_SECOND),
    ((S.PENDING_SECOND,), A.APPROVE_SECOND, (LEAD,), S.APPROVED),
    ((S.IN_REVIEW, S.PENDING_SECOND), A.REJECT, (PAM, LEAD), S.REJECTED),
    ((*UNDECIDED, S.APPROVED), A.FIND_CONFLICT, (PAM, LEAD, CLOCK), S.IN_CONFLICT),
    ((S.IN_CONFLICT,), A.RESUME, (LEAD, CLOCK), S.IN_REVIEW),
    ((S.IN_CONFLICT,), A.GRANT, (LEAD, CLOCK), S.APPROVED),
    ((S.IN_CONFLICT,), A.DENY, (LEAD,), S.REJECTED),
    ((S.REJECTED, S.APPROVED), A.APPEAL, (FIRM,), S.APPEALED),
    ((S.APPEALED,), A.UPHOLD, (LEAD, PROGRAMME), S.REJECTED),
    ((S.APPEALED,), A.UPHOLD_PART, (LEAD, PROGRAMME), S.APPROVED),
    ((S.APPEALED,), A.OVERTURN, (LEAD, PROGRAMME), S.APPROVED),
    ((S.APPROVED,), A.REVOKE, (FINANCE, PROGRAMME), S.REVOKED),
)
LEADS_TO = {
    (source, action, actor): target
    for sources, action, actors, target in RULED
    for source in sources
    for actor in actors
}
EVERY = [(state, action, actor) for state in S for action in A for actor in Actor]


class TestEveryStep:
    @pytest.mark.parametrize("state", list(S))
    def test_leads_where_the_programme_says_or_is_refused(self, state: ClaimState) -> None:
        for action in A:
            for actor in Actor:
                wanted = LEADS_TO.get((state, action, actor))
                if wanted is None:
                    with pytest.raises(IllegalStep):
                        next_state(state, action, actor)
                else:
                    assert next_state(state, action, actor) is wanted
                assert (wanted is not None) == (action in possible_actions(state, actor))

    def test_is_looked_at(self) -> None:
        assert len(EVERY) == len(S) * len(A) * len(Actor)
        assert {action for _, action, _ in LEADS_TO} == set(A)


class Life(RuleBasedStateMachine):
    """A claim to which anybody tries to do anything, on any day, with its clocks."""

    @initialize(begun=st.dates(date(2026, 1, 1), date(2027, 12, 31)), tele=st.booleans())
    def begin(self, begun: date, tele: bool) -> None:
        self.state, self.on = S.DRAFT, begun
        self.delay = RULES.decision_delay(tele=tele)
        self.decide_by: date | None = None
        self.left: int | None = None
        self.steps: list[tuple[Action, Actor]] = []

    @rule(days=st.integers(0, 40))
    def wait(self, days: int) -> None:
        self.on += timedelta(days=days)

    @rule(action=st.sampled_from(Action), actor=st.sampled_from(Actor))
    def attempt(self, action: Action, actor: Actor) -> None:
        before = self.state
        wanted = LEADS_TO.get((before, action, actor))
        try:
            self.state = next_state(before, action, actor)
        except IllegalStep:
            assert wanted is None
            return
        assert self.state is wanted
        self.steps.append((action, actor))
        self.keep_time(action)

    @precondition(lambda self: possible(self.state))
    @rule(choice=st.randoms(use_true_random=False))
    def go_on(self, choice: Random) -> None:
        self.attempt(*choice.choice(possible(self.state)))

    def keep_time(self, action: Action) -> None:
        if action is A.SUBMIT:
            self.decide_by = RULES.decide_by(self.on, tele=self.delay == RULES.tele_decision_days)
        if action is A.ASK and self.decide_by:
            self.left, self.decide_by = pause(self.decide_by, self.on), None
        if action is A.ANSWER and self.left is not None:
            left, self.left = self.left, None
            self.decide_by = resume(left, self.on)
            assert pause(self.decide_by, self.on) == left or not is_working_day(self.on)

    @invariant()
    def nothing_is_decided_by_silence(self) -> None:
        if not hasattr(self, "steps"):
            return
        decided = {A.APPROVE, A.APPROVE_SECOND, A.REJECT, A.DENY, A.OVERTURN, A.REVOKE, A.PASS_ON}
        assert not [one for one in self.steps if one[0] in decided and one[1] in (CLOCK, FIRM)]

    @invariant()
    def what_is_approved_was_submitted_and_approved_by_a_person(self) -> None:
        if getattr(self, "state", None) is not S.APPROVED:
            return
        done = [action for action, _ in self.steps]
        assert done[0] is A.SUBMIT
        assert {A.APPROVE, A.APPROVE_SECOND, A.GRANT, A.OVERTURN, A.UPHOLD_PART} & set(done)

    @invariant()
    def a_paused_clock_stands_still(self) -> None:
        if getattr(self, "state", None) is S.INFO_REQUESTED and self.left is not None:
            standing = clock(decide_by=None, clock_left=self.left, on=self.on, delay=self.delay)
            assert standing is not None
            assert (standing.paused, standing.left) == (True, self.left)

    @invariant()
    def every_state_is_open_closed_or_between(self) -> None:
        if hasattr(self, "state"):
            kinds = (
                self.state in OPEN,
                self.state in CLOSED,
                self.state in (S.DRAFT, S.IN_CONFLICT, S.APPEALED),
            )
            assert sum(kinds) == 1


def possible(state: ClaimState) -> list[tuple[Action, Actor]]:
    """Every step that somebody may take from here."""
    return [(action, actor) for actor in Actor for action in possible_actions(state, actor)]


TestAnyLife = Life.TestCase
TestAnyLife.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)


@pytest.fixture
def drawing() -> Iterator[object]:
    path = Path(__file__).parents[3] / "docs/draw_claim_life.py"
    spec = importlib.util.spec_from_file_location("draw_claim_life", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module


class TestTheDrawing:
    def test_shows_the_table(self, drawing: object) -> None:
        kept = drawing.PAGE.read_text(encoding="utf-8")  # type: ignore[attr-defined]
        assert kept == drawing.page(), "draw it again: python docs/draw_claim_life.py"  # type: ignore[attr-defined]


class TestAppealLevel:
    @pytest.mark.parametrize(
        ("judged", "days", "level"),
        [(0, 0, 1), (0, 30, 1), (0, 31, None), (1, 30, 2), (1, 31, None), (2, 0, None)],
    )
    def test_is_open_for_thirty_days_and_twice(self, judged: int, days: int, level: int | None) -> None:
        told = date(2026, 12, 20)
        assert RULES.appeal_level(judged=judged, decided_on=told, on=told + timedelta(days=days)) == level


class TestAlarm:
    @pytest.mark.parametrize(
        ("used", "mark"),
        [(0, None), (69, None), (70, 70), (99, 70), (100, 100), (119, 100), (120, 120), (300, 120)],
    )
    def test_is_the_last_mark_passed(self, used: int, mark: int | None) -> None:
        assert RULES.alarm(used) == mark
