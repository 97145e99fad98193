"""Every figure of the closed half-years, found again from the raw rows by code that stated none of them."""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow, dict_row

from portal.demo.calendar import NOW
from portal.margin.engine import outline_of
from tests.demo_copies import DemoCopy
from tests.integration.demo.recalculated import recalculate
from tests.unit.engine import naive

Rows = psycopg.Cursor[DictRow]
Key = tuple[str, str]  # the period and the partner
RUNS = """
select r.id, p.code, r.started_at, lead(p.code, 1, 'FY27-H1') over (order by p.starts_on) as next
from margin_runs r join periods p on p.id = r.period_id where r.state = 'approved' order by p.starts_on
"""
TOTALS = ("credited", "gross", "earnings", "adjustments", "carry_in", "balance", "payable", "carry_out")
STATED = """
select t.code as period, p.code as partner, m.result, s.document, s.payable as stated,
  array[m.credited, m.gross, m.earnings, m.adjustments, m.carry_in, m.balance, m.payable, m.carry_out] as totals
from margin_results m join margin_runs r on r.id = m.run_id join periods t on t.id = r.period_id
join partners p on p.id = m.partner_id join statements s on s.result_id = m.id
"""
BOOKED = """
select o.code as origin, t.code as period, p.code as partner, a.amount from adjustments a
join periods o on o.id = a.origin_period_id join periods t on t.id = a.period_id join partners p on p.id = a.partner_id
"""
POSTED = """
select t.code as period, p.code as partner, e.kind, g.account, sum(g.amount) as amount
from journal_entries e join postings g on g.entry_id = e.id join periods t on t.id = e.period_id
join partners p on p.id = e.partner_id where e.kind <> 'payment' group by 1, 2, 3, 4
"""


@dataclass
class Books:
    """What the raw rows give: each result, and what later corrections of it come to (R8)."""

    results: dict[Key, dict[str, Any]] = field(default_factory=dict)
    corrections: dict[Key, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))


@pytest.fixture(scope="module")
def books(demo: DemoCopy) -> Books:
    """The three half-years in their order, each carried into the next."""
    made, carried = Books(), dict[str, str]()
    with psycopg.connect(demo.url, row_factory=dict_row) as connection:
        rows = connection.cursor()
        for run in rows.execute(RUNS).fetchall():
            now = recalculate(rows, run["code"], NOW)
            for partner, (plan, facts) in recalculate(rows, run["code"], run["started_at"]).items():
                corrections = made.corrections.get((run["code"], partner), {})
                facts["adjustments"] = [{"amount": amount} for amount in corrections.values()]
                facts["carry_in"] = carried.get(partner, "0.00")
                result = made.results[run["code"], partner] = naive.evaluate(plan, facts)
                carried[partner] = result["carry_out"]
                earned = naive.evaluate(*now[partner])["earnings"]
                if earned != result["earnings"]:
                    difference = naive.shown(Fraction(earned) - Fraction(result["earnings"]))
                    made.corrections[run["next"], partner][run["code"]] = difference
    return made


class TestRecalculation:
    def test_gives_each_result_and_statement_to_the_cent(self, rows: Rows, books: Books) -> None:
        stated = {(one["period"], one["partner"]): one for one in rows.execute(STATED).fetchall()}
        assert len(stated) == 3 * 800
        assert stated.keys() == books.results.keys()
        for key, expected in books.results.items():
            one = stated[key]
            assert {name: one["result"][name] for name in expected if name != "claims"} == {
                name: value for name, value in expected.items() if name != "claims"
            }, key
            assert _counted(one["result"]) == _counted(expected), key
            assert [str(amount) for amount in one["totals"]] == [expected[name] for name in TOTALS], key
            said = one["document"]["result"]
            assert said | {"trace": outline_of(said["trace"])} == one["result"], key
            assert str(one["stated"]) == expected["payable"], key

    def test_gives_each_correction_of_a_closed_period(self, rows: Rows, books: Books) -> None:
        booked: dict[Key, dict[str, str]] = defaultdict(dict)
        for one in rows.execute(BOOKED).fetchall():
            booked[one["period"], one["partner"]][one["origin"]] = str(one["amount"])
        assert booked == books.corrections
        assert len(booked) >= 10

    def test_gives_each_posting_of_the_journal(self, rows: Rows, books: Books) -> None:
        expected = {}
        for (period, partner), result in books.results.items():
            for kind, debit, credit, name in (
                ("earnings", "6222", "4081", "earnings"),
                ("adjustment", "6222", "4081", "adjustments"),
                ("settlement", "4081", "401", "payable"),
            ):
                if amount := Fraction(result[name]):
                    expected[period, partner, kind, debit] = naive.shown(amount)
                    expected[period, partner, kind, credit] = naive.shown(-amount)
        posted = rows.execute(POSTED).fetchall()
        assert {
            (one["period"], one["partner"], one["kind"], one["account"]): str(one["amount"]) for one in posted
        } == expected


def _counted(result: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """Lines of the period; those of another are the statement's to explain."""
    lines = ((one["ref"], one["credited"], one["reason"]) for one in result["claims"])
    return sorted(line for line in lines if line[2] != "OTHER_PERIOD")
