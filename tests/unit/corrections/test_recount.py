"""What a closed period computed again gives, as tables; and what is true of it whatever the inputs."""

from datetime import UTC, datetime
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.corrections.recount import (
    Cause,
    Figures,
    Outcome,
    Standing,
    cause_of,
    changed_lines,
    changes_between,
    difference,
    reason_of,
    why_nothing,
)
from portal.margin.engine import evaluate, parse_facts, parse_plan
from tests.unit.engine.documents import facts, plans
from tests.unit.engine.tables import claim, component, plan
from tests.unit.engine.tables import facts as facts_of

CUT_OFF = datetime(2026, 7, 15, tzinfo=UTC)
BEFORE, AFTER = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
STANDS = Standing("approved", BEFORE, appealed=False, contested=False, verified=D("900.00"), cancelled=False)


def figures(approved: str, share: str | None = None) -> Figures:
    return Figures(D(approved), D(approved), D(share) if share else None)


def standing(**given: object) -> Standing:
    return Standing(**{name: given.get(name, getattr(STANDS, name)) for name in Standing.__slots__})


class TestDifference:
    @pytest.mark.parametrize(
        ("stated", "adjusted", "after", "amount"),
        [
            ("8000.00", "0.00", "8000.00", "0.00"),  # claim 8 accepted later: capped
            ("8000.00", "0.00", "3871.12", "-4128.88"),  # the order of claim 2 cancelled
            ("8000.00", "-4128.88", "3871.12", "0.00"),  # computed again: nothing is doubled
            ("8000.00", "-4128.88", "8000.00", "4128.88"),  # the order is booked again
            ("0.00", "0.00", "412.37", "412.37"),
            ("412.37", "0.00", "0.00", "-412.37"),  # never below 0.00: no more than was stated
        ],
    )
    def test_is_what_was_not_stated_yet(self, stated: str, adjusted: str, after: str, amount: str) -> None:
        assert difference(stated=D(stated), adjusted=D(adjusted), after=D(after)) == D(amount)

    @given(plans, st.lists(facts, min_size=2, max_size=5))
    def test_of_every_step_sums_to_the_whole_and_comes_back_to_nothing(self, any_plan, steps) -> None:
        rules = parse_plan(any_plan)
        earned = [evaluate(rules, parse_facts(one)).payment.earnings for one in [*steps, steps[0]]]
        adjustments: list[D] = []
        for after in earned[1:]:
            adjustments.append(difference(stated=earned[0], adjusted=sum(adjustments, D(0)), after=after))
            assert earned[0] + sum(adjustments) == after
        assert sum(adjustments) == 0


class TestCause:
    @pytest.mark.parametrize(
        ("was", "now", "given", "cause"),
        [
            (None, "900.00", {"decided_at": AFTER}, Cause.LATE_CLAIM),
            (None, "900.00", {"decided_at": BEFORE}, Cause.LATE_CLAIM),
            (None, "900.00", {"decided_at": AFTER, "appealed": True}, Cause.APPEAL_WON),
            ("500.00", "900.00", {"decided_at": AFTER, "appealed": True}, Cause.APPEAL_WON),
            ("950.00", "900.00", {}, Cause.FINAL_AMOUNT_DIFFERS),
            ("800.00", "900.00", {}, Cause.FINAL_AMOUNT_DIFFERS),
            ("950.00", "900.00", {"cancelled": True}, Cause.CREDIT_NOTE),
            ("950.00", "700.00", {}, None),
            ("900.00", None, {"verified": D("0.00")}, Cause.CREDIT_NOTE),
            ("900.00", None, {"state": "revoked"}, Cause.AUDIT_FINDING),
            ("900.00", None, {"state": "rejected", "contested": True}, Cause.SHARE_CHANGED),
            ("900.00", None, {"verified": None}, None),
        ],
    )
    def test_is_told_by_where_the_claim_stands(
        self, was: str | None, now: str | None, given: dict[str, object], cause: Cause | None
    ) -> None:
        found = cause_of(was and figures(was), now and figures(now), standing(**given), CUT_OFF)  # type: ignore[arg-type]
        assert found is cause

    def test_is_another_share_where_the_amount_is_the_same(self) -> None:
        assert cause_of(figures("900.00"), figures("900.00", "0.5"), STANDS, CUT_OFF) is Cause.SHARE_CHANGED


class TestReason:
    def test_is_the_one_that_all_causes_share(self) -> None:
        rules, other = plan(), plan() | {"version": 2}
        results = [
            evaluate(parse_plan(one), parse_facts(facts_of(claim("900.00")))) for one in (rules, other)
        ]
        changes = changes_between(*results, {}, cut_off_at=CUT_OFF)
        assert [(one.what, one.before, one.after) for one in changes] == [("plan", "P v1", "P v2")]
        assert reason_of(changes) == "RULE_CORRECTED"

    def test_is_left_to_a_person_where_a_figure_changed(self) -> None:
        rules = parse_plan(plan())
        known = [facts_of(claim("900.00")) | {"target": target} for target in ("100.00", "200.00")]
        changes = changes_between(
            *(evaluate(rules, parse_facts(one)) for one in known), {}, cut_off_at=CUT_OFF
        )
        assert [one.what for one in changes] == ["target"]
        assert reason_of(changes) is None


class TestChangedLines:
    def test_are_none_where_only_the_masked_names_of_others_differ(self) -> None:
        rules, results = parse_plan(plan()), []
        for other in ("~1", "-1"):
            line = claim("900.00", shares={"P-00042": "0.5", other: "0.5"})
            results.append(evaluate(rules, parse_facts(facts_of(line))))
        assert list(changed_lines(*results)) == []

    def test_leave_out_what_is_no_line_of_the_period(self) -> None:
        rules = parse_plan(plan())
        later = claim("900.00", ordered_at="2030-01-01")
        results = [evaluate(rules, parse_facts(facts_of(*lines))) for lines in ((), (later,))]
        assert list(changed_lines(*results)) == []


class TestWhyNothing:
    def test_names_what_binds(self) -> None:
        capped = plan(component("FLAT", rate="0.5"), partner_cap="100.00")
        flat = plan(component("FLAT", rate="0"))
        gated = plan(component("FLAT", rate="0.5"), gates=[{"type": "MIN_PROJECTS", "count": 9}])
        cases = ((capped, Outcome.PARTNER_CAP), (flat, Outcome.NO_RATE), (gated, Outcome.GATE))
        for document, outcome in cases:
            rules = parse_plan(document)
            lines = [(claim("900.00", ref="1"),), (claim("900.00", ref="1"), claim("500.00", ref="2"))]
            before, after = (evaluate(rules, parse_facts(facts_of(*one))) for one in lines)
            assert why_nothing(before, after) is outcome
