"""What was written in bulk is what the services would have written; the books agree with themselves."""

from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest
from flask import Flask
from psycopg.rows import DictRow

from portal import db as database
from portal import margin
from portal.claims import matching
from portal.claims.workflow import TABLE, ClaimState, next_state
from portal.db import Identity, acting_as, db, transaction
from portal.demo.calendar import NOW
from portal.margin.engine import evaluate, parse_facts
from portal.periods.models import Period
from tests import databases
from tests.demo_copies import DemoCopy

Rows = psycopg.Cursor[DictRow]
MATCHES = (
    "select md5(string_agg(concat_ws('/', claim_line_id, order_line_id, kind, state, verified_amount,"
    " credited_amount), ',' order by claim_line_id, order_line_id)) from claim_matches"
)
TOKEN = "what the workers know"


@pytest.fixture
def as_workers(demo: DemoCopy) -> Iterator[None]:
    """Services of this test run as the workers on the demo."""
    with psycopg.connect(demo.url) as owner:
        owner.execute(
            "insert into sessions (token_hash, service, created_at, last_seen_at, expires_at)"
            " values (sha256(convert_to(%s, 'UTF8')), 'worker', now(), now(), 'infinity')"
            " on conflict do nothing",
            [TOKEN],
        )
    app = Flask("demo tests")
    database.init(
        app,
        app_url=databases.with_login(demo.url, "portal_app"),
        gate_url=databases.with_login(demo.url, "portal_gate"),
    )
    with app.app_context():
        with acting_as(Identity(TOKEN, "portal_worker")):
            yield
        db.engine.dispose()
        database.gate_engine().dispose()


class TestClaimsWrittenInBulk:
    def test_went_only_by_steps_of_the_table(self, rows: Rows) -> None:
        events = rows.execute(
            "select c.reference, c.state as stands, array_agg(e.kind order by e.id) as kinds,"
            " array_agg(e.state order by e.id) as states"
            " from claims c join claim_events e on e.claim_id = c.id group by c.id"
        ).fetchall()
        assert len(events) > 4000
        for one in events:
            state = ClaimState.DRAFT
            assert (one["kinds"][0], one["states"][0]) == ("started", "draft")
            for kind, after in zip(one["kinds"][1:], one["states"][1:], strict=True):
                state = next_state(state, kind) if kind in TABLE else state
                assert state == after, one["reference"]
            assert state == one["stands"], one["reference"]

    def test_left_the_counter_where_the_next_reference_follows(self, rows: Rows) -> None:
        found = rows.execute(
            "select fiscal_year, last, (select max(right(reference, 6)::integer) from claims"
            " where reference like 'D-' || fiscal_year || '-%') as highest from claim_counters"
        ).fetchall()
        assert found
        assert all(one["last"] == one["highest"] for one in found)


@pytest.mark.usefixtures("as_workers")
class TestServicesAgain:
    def test_match_and_credit_nothing_new(self) -> None:
        before = db.session.execute(db.text(MATCHES)).scalar_one()
        db.session.rollback()
        with transaction() as session:
            claims = session.execute(db.text("select id from claims")).scalars().all()
            matching.match_claims(claim_ids=claims, at=NOW)
            margin.refresh_credit()
        assert db.session.execute(db.text(MATCHES)).scalar_one() == before

    def test_compute_the_same_cents_but_for_what_was_corrected_since(self) -> None:
        stated = db.session.execute(
            db.text(
                "select r.period_id, m.partner_id, m.earnings,"
                " coalesce((select sum(a.amount) from adjustments a where a.partner_id = m.partner_id"
                "   and a.origin_period_id = r.period_id), 0) as corrected"
                " from margin_results m join margin_runs r on r.id = m.run_id where r.state = 'approved'"
            )
        ).all()
        known = {(row.period_id, row.partner_id): row.earnings + row.corrected for row in stated}
        assert len(known) == 3 * 800
        periods = db.session.query(Period).where(Period.state == "closed").all()
        for period in periods:
            for facts in margin.facts_of(period, partner_ids=range(1, 801)):
                assert facts.plan is not None
                earned = evaluate(facts.plan.plan, parse_facts(facts.document)).payment.earnings
                assert earned == known[period.id, facts.partner.id], (period.code, facts.partner.code)


class TestBooks:
    def test_carry_every_balance_into_the_next_period(self, rows: Rows) -> None:
        broken = rows.execute(
            "select count(*) from margin_results a join margin_runs ra on ra.id = a.run_id"
            " join margin_runs rb on rb.period_id = ra.period_id + 1"
            " join margin_results b on b.run_id = rb.id and b.partner_id = a.partner_id"
            " where b.carry_in <> a.carry_out"
        ).fetchone()
        assert broken == {"count": 0}

    def test_post_what_was_earned_corrected_and_made_payable(self, rows: Rows) -> None:
        posted = rows.execute(
            "select e.kind, sum(p.amount) filter (where p.account = '6222') as expense,"
            " sum(p.amount) filter (where p.account = '401') as payable"
            " from journal_entries e join postings p on p.entry_id = e.id group by 1"
        ).fetchall()
        by_kind = {row["kind"]: row for row in posted}
        stated = rows.execute(
            "select sum(earnings) as earnings, sum(adjustments) as adjustments, sum(payable) as payable"
            " from margin_results"
        ).fetchone()
        assert stated is not None
        assert by_kind["earnings"]["expense"] == stated["earnings"]
        assert by_kind["adjustment"]["expense"] == stated["adjustments"]
        assert by_kind["settlement"]["payable"] == -stated["payable"]
        assert 0 < by_kind["payment"]["payable"] <= stated["payable"]

    def test_number_eight_hundred_statements_of_each_closed_period_without_gaps(self, rows: Rows) -> None:
        found = rows.execute(
            "select p.code, p.state, count(s.id), max(s.serial) from periods p"
            " left join statements s on s.period_id = p.id group by p.id order by p.id"
        ).fetchall()
        assert [(one["code"], one["state"], one["count"], one["max"]) for one in found] == [
            ("FY25-H2", "closed", 800, 800),
            ("FY26-H1", "closed", 800, 800),
            ("FY26-H2", "closed", 800, 800),
            ("FY27-H1", "open", 0, None),
            ("FY27-H2", "open", 0, None),
        ]


class TestSpread:
    def test_is_that_of_an_ordinary_programme(self, rows: Rows) -> None:
        found = rows.execute(
            "select 100.0 * count(*) filter (where decision = 'approved') / count(*) as approved,"
            " 100.0 * count(*) filter (where decision = 'approved_in_part') / count(*) as in_part,"
            " 100.0 * count(*) filter (where state = 'rejected') / count(*) as rejected,"
            " count(distinct state) as states from claims"
        ).fetchone()
        assert found is not None
        shares = [float(found[name]) for name in ("approved", "in_part", "rejected")]
        assert shares == pytest.approx([58, 18, 11], abs=1)
        assert found["states"] == len(ClaimState) - 1  # nobody revoked anything yet

    def test_has_its_median_attainment_a_little_below_the_objective(self, rows: Rows) -> None:
        found = rows.execute(
            "select percentile_cont(0.5) within group (order by (result->>'attainment_display')::numeric)"
            " as median from margin_results where result->>'attainment_display' is not null"
        ).fetchone()
        assert found is not None
        assert 92 < found["median"] < 96

    def test_has_orders_of_every_kind(self, rows: Rows) -> None:
        found = rows.execute("select distinct kind, state from claim_matches").fetchall()
        assert {(one["kind"], one["state"]) for one in found} >= {
            ("EXACT", "confirmed"), ("PROBABLE", "proposed"), ("PROBABLE", "confirmed"),
        }  # fmt: skip
        cancelled = rows.execute("select 1 from order_lines where is_current and status = 'cancelled'")
        assert cancelled.fetchone() is not None

    def test_has_a_partner_with_a_negative_balance_carried(self, rows: Rows) -> None:
        found = rows.execute(
            "select carry_out, payable from margin_results where partner_id = 64 order by id desc limit 1"
        ).fetchone()
        assert found is not None
        assert found["carry_out"] < 0
        assert found["payable"] == Decimal("0.00")


class TestPeople:
    def test_have_passwords_only_where_listed(self, rows: Rows) -> None:
        found = rows.execute(
            "select count(*), bool_and(u.state = 'active') as active from user_secrets s"
            " join users u on u.id = s.user_id"
        ).fetchone()
        assert found == {"count": 8, "active": True}

    def test_leave_no_session_behind(self, rows: Rows) -> None:
        assert rows.execute("select 1 from sessions where service is null").fetchone() is None
