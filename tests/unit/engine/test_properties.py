"""What is always true, whatever the plan and the facts."""

import json
from dataclasses import fields, replace
from decimal import Decimal as D
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.margin.engine import (
    ClaimLine,
    Facts,
    Plan,
    evaluate,
    outline_of,
    outlined_document,
    parse_facts,
    parse_plan,
    result_document,
)
from tests.unit.engine.documents import Draw, draws, facts, plans
from tests.unit.engine.tables import answered, claim, component, plan
from tests.unit.engine.tables import facts as facts_of
from tests.unit.engine.tables import tiers as tiers_of

cents = st.integers(0, 10**9).map(lambda n: D(n).scaleb(-2))
rising = st.lists(
    st.tuples(st.integers(1, 10**8), st.integers(0, 5000)),
    min_size=1,
    max_size=4,
    unique_by=lambda pair: pair[0],
)


def without_trace(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "trace"}


def as_kept(document: dict[str, Any]) -> dict[str, Any]:
    """As it comes back from the database, which has its own order of keys."""
    return json.loads(json.dumps(document, sort_keys=True, default=str))


class TestCredit:
    @given(draws, cents)
    def test_of_one_order_over_all_its_partners_never_exceeds_it(self, draw: Draw, verified):
        codes = [f"P-{number}" for number in range(draw.randint(1, 5))]
        cuts = sorted(draw.randint(0, 1000) for _ in codes)
        shares = {
            code: str(D(cut - before) / 1000)
            for code, cut, before in zip(codes, cuts, [0, *cuts], strict=False)
        }
        shares["-"] = str(D(1000 - cuts[-1]) / 1000)
        line = claim(f"{verified:.2f}", shares=shares)
        parts = [D(answered(plan(), facts_of(line) | {"partner": code})["credited"]) for code in codes]
        assert sum(parts) <= verified
        rest = D(answered(plan(), facts_of(line) | {"partner": "-"})["credited"])
        assert sum(parts) + rest == verified

    @given(draws, cents)
    def test_by_roles_never_exceeds_the_order_either(self, draw: Draw, verified):
        roles = draw.one(
            [["PRESCRIBE"], ["DESIGN", "DEPLOY"], ["PRESCRIBE", "DESIGN", "INTEGRATE", "DEPLOY"]]
        )
        assert D(answered(plan(), facts_of(claim(f"{verified:.2f}", roles=roles)))["credited"]) <= verified


class TestResult:
    @given(plans, facts, st.randoms(use_true_random=False))
    def test_does_not_depend_on_the_order_of_claims(self, any_plan, any_facts, random):
        shuffled = any_facts | {"claims": random.sample(any_facts["claims"], len(any_facts["claims"]))}
        answers = [without_trace(answered(any_plan, document)) for document in (any_facts, shuffled)]
        for answer in answers:
            answer["claims"].sort(key=lambda one: one["ref"])
        assert answers[0] == answers[1]

    @given(plans, facts)
    def test_has_its_whole_trace_again_from_what_is_kept_of_it(self, any_plan, any_facts):
        first = evaluate(parse_plan(any_plan), parse_facts(any_facts))
        kept = as_kept(outlined_document(first))
        again = evaluate(parse_plan(as_kept(any_plan)), parse_facts(as_kept(any_facts)))
        assert as_kept(outlined_document(again)) == kept
        whole = as_kept(result_document(again))
        assert whole == as_kept(result_document(first))
        assert whole | {"trace": outline_of(whole["trace"])} == kept

    def test_does_not_depend_on_the_account_manager_who_has_no_place_in_it(self):
        names = {field.name for kind in (Plan, Facts, ClaimLine) for field in fields(kind)}
        assert not {name for name in names if "pam" in name or "manager" in name}

    @given(plans, facts)
    def test_pays_and_carries_the_balance(self, any_plan, any_facts):
        payment = evaluate(parse_plan(any_plan), parse_facts(any_facts)).payment
        assert payment.payable + payment.carry_out == payment.balance
        assert payment.payable >= 0
        nets = {document.kind: document.net for document in payment.documents}
        invoiced = nets.get("SELF_BILLED_INVOICE", D(0))
        assert invoiced - nets.get("SELF_BILLED_CREDIT_NOTE", D(0)) == payment.payable

    @given(plans, facts)
    def test_earns_nothing_through_a_failed_plan_gate(self, any_plan, any_facts):
        closed = any_plan | {"gates": [*(any_plan.get("gates") or []), {"type": "MIN_CSAT", "score": "9.01"}]}
        result = evaluate(parse_plan(closed), parse_facts(any_facts))
        assert not any(component.passed for component in result.components)
        assert result.payment.gross == 0
        assert result.payment.earnings <= 0

    @given(plans, facts)
    def test_is_the_sum_of_its_printed_lines_and_never_below_zero(self, any_plan, any_facts):
        result = evaluate(parse_plan(any_plan), parse_facts(any_facts))
        assert 0 <= result.payment.capped <= result.payment.gross
        for one in result.components:
            assert one.amount >= 0
            assert sum(line.amount for line in one.lines) == one.amount
            computed = [line.amount for line in one.lines if line.kind in ("CLAIM", "SCHEME")]
            assert not one.passed or sum(computed) == one.computed.amount

    @given(plans, facts)
    def test_is_the_same_when_computed_again_in_texts_whole_numbers_flags_and_nulls(
        self, any_plan, any_facts
    ):
        def leaves(value):
            if isinstance(value, dict):
                assert all(type(key) is str for key in value)
                value = list(value.values())
            return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list) else [value]

        document = answered(any_plan, any_facts)
        assert document == answered(any_plan, any_facts)
        assert {type(leaf) for leaf in leaves(document)} <= {str, int, bool, type(None)}


class TestCorrections:
    @given(plans, facts, draws)
    def test_adding_and_withdrawing_a_claim_leave_adjustments_of_zero(self, any_plan, any_facts, draw: Draw):
        late = draw.claim(99)
        stated = adjustments = D(0)
        versions = [any_facts, any_facts | {"claims": [*any_facts["claims"], late]}, any_facts]
        for position, version in enumerate(versions):
            now = evaluate(parse_plan(any_plan), parse_facts(version)).payment.earnings
            adjustments += now - stated if position else D(0)
            stated = now
        assert adjustments == 0


class TestMoreCredit:
    @given(rising, cents, cents, st.sampled_from(["MARGINAL", "RETROACTIVE"]))
    def test_never_pays_less_under_marginal_or_rising_retroactive(self, pairs, less, more, scheme):
        less, more = sorted((less, more))
        rates = sorted(rate for _, rate in pairs) if scheme == "RETROACTIVE" else [rate for _, rate in pairs]
        starts = sorted(start for start, _ in pairs)
        starts = [0, *starts[1:]] if scheme == "MARGINAL" else starts
        tiers = tiers_of(
            *((f"{D(s).scaleb(-2):.2f}", f"{D(r).scaleb(-5):f}") for s, r in zip(starts, rates, strict=True))
        )
        read = parse_plan(plan(component(scheme, tiers=tiers)))
        known = parse_facts(facts_of(f"{less:.2f}"))
        first = evaluate(read, known).payment.gross
        then = evaluate(read, replace(known, claims=(replace(known.claims[0], approved=more),))).payment.gross
        assert first <= then
