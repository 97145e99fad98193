import pytest

from tests.unit.engine.tables import answered, claim, component, facts, plan


def passes(gate, document):
    return answered(plan(gates=[gate]), document)["gates"][0]["passed"]


class TestMinAttainment:
    @pytest.mark.parametrize(
        ("target", "passed"), [("125.00", True), ("125.01", False), ("0.00", False), (None, False)]
    )
    def test_compares_the_exact_attainment(self, target, passed):
        gate = {"type": "MIN_ATTAINMENT", "value": "0.80"}
        assert passes(gate, facts("100.00", target=target)) is passed

    def test_fails_without_a_target_even_at_zero(self):
        assert passes({"type": "MIN_ATTAINMENT", "value": "0"}, facts("100.00")) is False

    def test_of_a_component_looks_at_the_whole_plan(self):
        gated = component(
            "FLAT", rate="1", families=["SQL"], gates=[{"type": "MIN_ATTAINMENT", "value": "1"}]
        )
        lines = [claim("99.00", "1"), claim("1.00", "2", family="SQL")]
        assert answered(plan(gated), facts(*lines, target="100.00"))["gross"] == "1.00"


class TestCompetencyHeld:
    @pytest.mark.parametrize(
        ("held", "on_last_day", "every_day"),
        [
            ([], False, False),
            ([("2024-05-01", None)], True, True),
            ([("2026-01-01", "2026-07-01")], True, True),
            ([("2026-01-02", "2026-07-01")], True, False),
            ([("2026-01-01", "2026-06-30")], False, False),
            ([("2026-06-30", "2026-07-01")], True, False),
            ([("2026-03-15", None), ("2025-01-01", "2026-03-15")], True, True),
            ([("2025-01-01", "2026-03-15"), ("2026-03-16", None)], True, False),
            ([("2025-01-01", "2026-05-01"), ("2026-02-01", "2026-03-01"), ("2026-04-01", None)], True, True),
            ([("2026-08-01", None), ("2025-01-01", "2026-07-01")], True, True),
            ([("2026-06-30", "2026-06-30")], False, False),
            ([("2026-06-30", "2026-01-01")], False, False),
        ],
    )
    def test_looks_at_the_last_day_or_at_every_day(self, held, on_last_day, every_day):
        competencies = [{"code": "INFRA", "from": start, "until": end} for start, end in held]
        document = facts(competencies=[*competencies, {"code": "CLOUD", "from": "2020-01-01"}])
        gate = {"type": "COMPETENCY_HELD", "code": "INFRA"}
        assert passes(gate, document) is on_last_day
        assert passes(gate | {"continuous": False}, document) is on_last_day
        assert passes(gate | {"continuous": True}, document) is every_day


class TestMinProjects:
    LINES = (
        claim("60.00", "1", project="J"),
        claim("40.00", "2", project="J", family="SQL"),
        claim("99.99", "3"),
        claim("0.00", "4"),
    )

    @pytest.mark.parametrize(
        ("keys", "passed"),
        [
            ({"count": 2}, True),
            ({"count": 3}, False),
            ({"count": 3, "min_credited": "0.00"}, True),
            ({"count": 1, "min_credited": "100.00"}, True),
            ({"count": 2, "min_credited": "100.00"}, False),
            ({"count": 1, "min_credited": "100.01"}, False),
            ({"count": 0}, True),
        ],
    )
    def test_counts_distinct_projects_of_the_whole_plan(self, keys, passed):
        assert passes({"type": "MIN_PROJECTS", **keys}, facts(*self.LINES)) is passed

    def test_of_a_component_counts_projects_of_other_families_too(self):
        gated = component("FLAT", rate="1", families=["SQL"], gates=[{"type": "MIN_PROJECTS", "count": 2}])
        assert answered(plan(gated), facts(*self.LINES))["gross"] == "40.00"


class TestMinCsat:
    @pytest.mark.parametrize(
        ("csat", "passed"), [("7.5", True), ("7.50", True), ("7.4999", False), (None, False)]
    )
    def test_passes_at_its_score(self, csat, passed):
        assert passes({"type": "MIN_CSAT", "score": "7.5"}, facts(csat=csat)) is passed

    def test_fails_on_a_missing_score_even_at_zero(self):
        assert passes({"type": "MIN_CSAT", "score": "0"}, facts()) is False


class TestFailedGate:
    GATE = {"type": "MIN_CSAT", "score": "7.5"}

    def test_of_the_plan_takes_everything_floors_included(self):
        floored = component("FLAT", rate="0.02", floor="500.00")
        answer = answered(plan(floored, gates=[self.GATE]), facts("1000.00"))
        assert answer["components"] == [{"code": "C1", "base": "1000.00", "amount": "0.00", "passed": False}]
        assert answer["gross"] == "0.00"

    def test_of_the_plan_still_has_prior_earnings_deducted(self):
        answer = answered(plan(gates=[self.GATE]), facts("1000.00", prior_earnings="12.00"))
        assert (answer["gross"], answer["earnings"], answer["payable"]) == ("0.00", "-12.00", "0.00")

    def test_of_a_component_takes_that_component_alone(self):
        gated = component("FLAT", rate="0.02", floor="500.00", gates=[self.GATE])
        free = component("FLAT", rate="0.01") | {"code": "C2"}
        answer = answered(plan(gated, free), facts("1000.00"))
        assert [(one["amount"], one["passed"]) for one in answer["components"]] == [
            ("0.00", False),
            ("10.00", True),
        ]
