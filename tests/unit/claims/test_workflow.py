"""The table of a claim's life, told as tables."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calendar import is_working_day
from portal.claims.workflow import (
    OPEN,
    RULES,
    STEPS,
    TABLE,
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

DRAFT, SUBMITTED, IN_REVIEW, ASKED, SECOND, APPROVED, *_others = ClaimState
REJECTED, WITHDRAWN, EXPIRED, CONFLICT, APPEALED, REVOKED = _others
LEGAL = [
    (DRAFT, Action.SUBMIT, SUBMITTED),
    (DRAFT, Action.EXPIRE, EXPIRED),
    (SUBMITTED, Action.TAKE, IN_REVIEW),
    (SUBMITTED, Action.WITHDRAW, WITHDRAWN),
    (SUBMITTED, Action.FIND_CONFLICT, CONFLICT),
    (IN_REVIEW, Action.ASK, ASKED),
    (IN_REVIEW, Action.WITHDRAW, WITHDRAWN),
    (IN_REVIEW, Action.APPROVE, APPROVED),
    (IN_REVIEW, Action.PASS_ON, SECOND),
    (IN_REVIEW, Action.REJECT, REJECTED),
    (IN_REVIEW, Action.FIND_CONFLICT, CONFLICT),
    (ASKED, Action.ANSWER, IN_REVIEW),
    (ASKED, Action.WITHDRAW, WITHDRAWN),
    (ASKED, Action.EXPIRE, EXPIRED),
    (ASKED, Action.FIND_CONFLICT, CONFLICT),
    (SECOND, Action.APPROVE_SECOND, APPROVED),
    (SECOND, Action.REJECT, REJECTED),
    (SECOND, Action.FIND_CONFLICT, CONFLICT),
    (APPROVED, Action.FIND_CONFLICT, CONFLICT),
    (APPROVED, Action.APPEAL, APPEALED),
    (APPROVED, Action.REVOKE, REVOKED),
    (REJECTED, Action.APPEAL, APPEALED),
    (CONFLICT, Action.RESUME, IN_REVIEW),
    (CONFLICT, Action.GRANT, APPROVED),
    (CONFLICT, Action.DENY, REJECTED),
    (APPEALED, Action.UPHOLD, REJECTED),
    (APPEALED, Action.UPHOLD_PART, APPROVED),
    (APPEALED, Action.OVERTURN, APPROVED),
]
ILLEGAL = [
    (state, action)
    for state in ClaimState
    for action in Action
    if (state, action) not in {(source, legal) for source, legal, _ in LEGAL}
]
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


class TestTable:
    @pytest.mark.parametrize(("state", "action", "target"), LEGAL)
    def test_leads_each_legal_step_where_the_rules_say(
        self, state: ClaimState, action: Action, target: ClaimState
    ) -> None:
        assert next_state(state, action) is target

    @pytest.mark.parametrize(("state", "action"), ILLEGAL)
    def test_refuses_every_other_step(self, state: ClaimState, action: Action) -> None:
        with pytest.raises(IllegalStep):
            next_state(state, action)

    def test_has_one_row_for_each_action(self) -> None:
        assert set(TABLE) == set(Action)
        assert len(STEPS) == len(Action)

    def test_lets_no_step_of_the_clock_approve(self) -> None:
        steps = [step for step in STEPS if Actor.CLOCK in step.actors and step.sources != {CONFLICT}]
        assert {step.target for step in steps} == {EXPIRED, CONFLICT}
        carried = {step.action for step in STEPS if Actor.CLOCK in step.actors and step.sources == {CONFLICT}}
        assert carried == {Action.RESUME, Action.GRANT}, "what every firm has signed, and nothing else"

    def test_never_lets_the_partner_decide(self) -> None:
        decided = {APPROVED, REJECTED, REVOKED, SECOND}
        assert not [step for step in STEPS if Actor.PARTNER in step.actors and step.target in decided]

    @pytest.mark.parametrize("state", [WITHDRAWN, EXPIRED, REVOKED])
    def test_ends_there(self, state: ClaimState) -> None:
        assert not [step for step in STEPS if state in step.sources]

    def test_lets_the_firm_withdraw_only_what_nobody_decided(self) -> None:
        states = {state for state in ClaimState if Action.WITHDRAW in possible_actions(state, Actor.PARTNER)}
        assert states == OPEN - {SECOND}

    @given(st.lists(st.sampled_from(Action), max_size=30))
    def test_approves_nothing_that_was_not_submitted(self, actions: list[Action]) -> None:
        state, submitted = DRAFT, False
        for action in actions:
            try:
                state = next_state(state, action)
            except IllegalStep:
                continue
            submitted |= action is Action.SUBMIT
            assert submitted or state in (DRAFT, EXPIRED)


class TestRules:
    @pytest.mark.parametrize(
        ("given_on", "tele", "last"),
        [
            (date(2026, 11, 23), False, date(2026, 12, 7)),  # ten working days from a Monday
            (date(2026, 11, 23), True, date(2026, 12, 14)),
            (date(2026, 12, 21), False, date(2027, 1, 6)),  # Christmas and New Year are not counted
            (date(2026, 7, 13), False, date(2026, 7, 28)),  # nor is 14 July
            (date(2026, 11, 21), False, date(2026, 12, 4)),  # declared on a Saturday: from Monday on
        ],
    )
    def test_counts_the_decision_in_working_days(self, given_on: date, tele: bool, last: date) -> None:
        assert RULES.decide_by(given_on, tele=tele) == last

    def test_keeps_the_window_open_on_its_ninetieth_day(self) -> None:
        assert RULES.window_ends_on(date(2026, 8, 25)) == date(2026, 11, 23)

    def test_counts_answers_cures_and_appeals_in_calendar_days(self) -> None:
        on = date(2026, 12, 20)
        assert RULES.info_due_on(on) == date(2027, 1, 4)
        assert RULES.cure_by(on) == RULES.appeal_by(on) == date(2027, 1, 19)

    def test_asks_for_a_second_person_above_fifty_thousand(self) -> None:
        assert RULES.second_approval_above == Decimal("50000.00")


class TestClock:
    @given(DAYS, st.integers(0, 30), st.integers(0, 60))
    def test_gives_back_after_a_pause_what_was_left(self, on: date, left: int, away: int) -> None:
        deadline = resume(left, on)
        assert pause(deadline, on) == left

    @given(DAYS.filter(is_working_day), st.integers(-10, 15))
    def test_keeps_a_late_claim_late(self, on: date, left: int) -> None:
        assert (pause(resume(left, on), on) < 0) == (left < 0)

    @pytest.mark.parametrize(
        ("decide_by", "left", "used", "late"),
        [
            (date(2026, 12, 7), 10, 0, False),
            (date(2026, 11, 30), 5, 50, False),
            (date(2026, 11, 23), 0, 100, False),
            (date(2026, 11, 20), -1, 110, True),
        ],
    )
    def test_tells_what_is_left_and_used(self, decide_by: date, left: int, used: int, late: bool) -> None:
        found = clock(decide_by=decide_by, clock_left=None, on=date(2026, 11, 23), delay=10)
        assert found is not None
        assert (found.left, found.used, found.late, found.paused) == (left, used, late, False)

    def test_stands_still_while_the_ball_is_with_the_partner(self) -> None:
        for on in (date(2026, 11, 23), date(2027, 3, 1)):
            found = clock(decide_by=None, clock_left=4, on=on, delay=10)
            assert found is not None
            assert (found.left, found.paused, found.late) == (4, True, False)

    def test_does_not_run_for_what_was_never_submitted(self) -> None:
        assert clock(decide_by=None, clock_left=None, on=date(2026, 11, 23), delay=10) is None
