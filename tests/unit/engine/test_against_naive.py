from hypothesis import given

from portal.margin.engine import evaluate, parse_facts, parse_plan, result_document
from tests.unit.engine import naive
from tests.unit.engine.documents import facts as any_facts
from tests.unit.engine.documents import plans


class TestEngine:
    @given(plans, any_facts)
    def test_gives_what_the_naive_reading_of_the_rules_gives(self, plan, facts):
        document = result_document(evaluate(parse_plan(plan), parse_facts(facts)))
        trace = document.pop("trace")
        expected, printed = naive.evaluate_and_print(plan, facts)
        assert document == expected
        assert list(document) == list(expected)
        assert [
            [(line["kind"], line.get("ref"), line["amount"]) for line in one["lines"]]
            for one in trace["components"]
        ] == printed
