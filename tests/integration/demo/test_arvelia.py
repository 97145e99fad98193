"""P-00042's books: the worked example of the margin rules, to the cent, through the services."""

import json
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow

from portal.margin.engine import evaluate, parse_facts, parse_plan, result_document
from tests.databases import ROOT

Rows = psycopg.Cursor[DictRow]
TOTALS = (
    "credited", "attainment_display", "gross", "earnings", "adjustments", "carry_in", "balance", "payable",
    "carry_out", "documents", "net_to_pay",
)  # fmt: skip


@pytest.fixture
def statement(rows: Rows) -> dict[str, Any]:
    """The frozen document of R-FY26H2-000042."""
    found = rows.execute("select document from statements where number = 'R-FY26H2-000042'").fetchone()
    assert found is not None
    document: dict[str, Any] = found["document"]
    return document


class TestStatementOfTheWorkedExample:
    def test_gives_the_figures_of_the_rules(self, statement: dict[str, Any]) -> None:
        result = statement["result"]
        assert (result["credited"], result["attainment_display"]) == ("185461.83", "123.64")
        amounts = [component["amount"] for component in result["components"]]
        assert amounts == ["3968.47", "1034.57", "2250.00", "1003.85"]
        assert (result["gross"], result["earnings"]) == ("8256.89", "8000.00")
        assert (result["adjustments"], result["carry_in"]) == ("-412.37", "88.10")
        assert (result["payable"], result["carry_out"], result["net_to_pay"]) == (
            "7675.73",
            "0.00",
            "9210.88",
        )

    def test_agrees_with_the_example_evaluated_on_its_own(self, statement: dict[str, Any]) -> None:
        facts = json.loads((ROOT / "tests/unit/engine/examples/p_00042.json").read_text())
        plan = json.loads((ROOT / "portal/demo/plans/ssii-fy26-h2.json").read_text())
        alone = result_document(evaluate(parse_plan(plan), parse_facts(facts)))
        assert {key: statement["result"][key] for key in TOTALS} == {key: alone[key] for key in TOTALS}
        parts = [sorted(claim["credited"] for claim in one["claims"]) for one in (statement["result"], alone)]
        assert parts[0] == parts[1]

    def test_says_of_each_other_claim_why_it_does_not_count(self, statement: dict[str, Any]) -> None:
        reasons = {(one["family"], one["amount"]): one["reason"] for one in statement["not_counted"]}
        assert reasons == {
            ("WIN_SERVER", "22000.00"): "EVIDENCE_AFTER_ORDER",
            ("M365", "30000.00"): "OTHER_PERIOD",
            ("SYSTEM_CENTER", "12600.00"): "UNDER_APPEAL",
            ("EXCHANGE", "9000.00"): "WITHDRAWN",
        }

    def test_names_the_pam_and_the_one_before(self, statement: dict[str, Any]) -> None:
        pam = statement["pam"]
        assert (pam["name"], pam["since"]) == ("Claire Vauquelin", "2026-07-01")
        assert pam["previous"]["name"] == "Marc Delorme"

    def test_is_printed_before_all_others(self, rows: Rows) -> None:
        first = rows.execute(
            "select subject from work_items where kind = 'statement.render' order by priority desc limit 1"
        ).fetchone()
        found = rows.execute("select id from statements where number = 'R-FY26H2-000042'").fetchone()
        assert first is not None and found is not None
        assert first["subject"] == str(found["id"])


class TestWhatLedThere:
    def test_is_a_half_year_below_the_threshold_and_an_order_cancelled_after_it(self, rows: Rows) -> None:
        results = rows.execute(
            "select earnings, adjustments, payable, carry_out from margin_results where partner_id = 42 order by id"
        ).fetchall()
        before = results[1]
        assert (before["earnings"], before["adjustments"]) == (Decimal("676.10"), Decimal("-588.00"))
        assert (before["payable"], before["carry_out"]) == (Decimal("0.00"), Decimal("88.10"))
        line = rows.execute(
            "select o.status, m.credited_amount from adjustments a"
            " join claim_matches m on m.claim_line_id = a.origin_claim_line_id"
            " join order_lines o on o.id = m.order_line_id where a.partner_id = 42 and a.amount = -412.37"
        ).fetchone()
        assert line == {"status": "cancelled", "credited_amount": Decimal("0.00")}


class TestOpenHalfYear:
    def test_stands_at_eighty_seven_percent(self, rows: Rows) -> None:
        found = rows.execute(
            "select sum(m.credited_amount) as credited from claim_matches m"
            " join order_lines o on o.id = m.order_line_id"
            " where m.partner_id = 42 and o.ordered_on >= '2026-07-01'"
        ).fetchone()
        assert found is not None
        assert found["credited"] / 160000 == pytest.approx(Decimal("0.8737"), abs=Decimal("0.0001"))

    def test_waits_for_answers_on_both_sides(self, rows: Rows) -> None:
        states = rows.execute(
            "select distinct state from claims where partner_id = 42 and ordered_on >= '2026-07-01'"
        ).fetchall()
        assert {row["state"] for row in states} == {
            "approved", "rejected", "info_requested", "in_review", "submitted", "draft",
        }  # fmt: skip
        named = rows.execute(
            "select count(*) from order_lines o where named_partner_id = 42 and is_current"
            " and not exists (select from claim_matches m where m.order_line_id = o.id)"
        ).fetchone()
        assert named is not None and named["count"] >= 2
