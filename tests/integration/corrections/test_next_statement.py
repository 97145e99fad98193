"""An order of the closed FY26-H2 is cancelled: FY27-H1 states the difference, to the cent, and both periods show it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import closing, corrections, ledger
from portal.db import db, transaction, violated_constraint
from portal.errors import Forbidden, Invalid
from portal.margin.facts import facts_of
from portal.margin.models import BalanceSettlement, SettlementManner
from portal.statements.models import Statement
from portal.users.models import Role
from tests import factories
from tests.conftest import Acting
from tests.factories import measure
from tests.integration.closing.test_refusals import Close
from tests.integration.corrections.conftest import AFTER, Closed
from tests.workers.conftest import Drain

D = Decimal
JANUARY = datetime(2027, 1, 20, 9, 0, tzinfo=UTC)


def close_next(closed: Closed) -> None:
    """FY27-H1 computed, proposed, approved and stated."""
    manager, finance = closed.close.manager, closed.close.finance
    with closed.acting(manager), transaction():
        closing.start_closing(period_code="FY27-H1", actor_id=manager.id, at=JANUARY)
    closed.drain("margin.compute")
    with closed.acting(manager), transaction():
        closing.propose_close(period_code="FY27-H1", actor_id=manager.id, at=JANUARY)
    with closed.acting(finance), transaction():
        closing.approve_close(period_code="FY27-H1", run_number=1, actor_id=finance.id, at=JANUARY)
    closed.drain("closing.issue")


class TestTheNextStatement:
    def test_carries_the_difference_and_refers_to_the_old_one(self, closed: Closed) -> None:
        closed.verified(2, "0.00")
        closed.recompute()
        (proposed,) = closed.adjustments()
        closed.approve(proposed)
        close_next(closed)

        old, new = closed.owner.execute(
            select(Statement)
            .where(Statement.partner_id == closed.close.firm.partner.id)
            .order_by(Statement.period_id)
        ).scalars()
        (said,) = new.document["adjustments"]
        assert {key: said[key] for key in ("period", "statement", "reason", "before", "after", "amount")} == {
            "period": "FY26-H2", "statement": old.number, "reason": "CREDIT_NOTE",
            "before": "8000.00", "after": "3871.12", "amount": "-4128.88",
        }  # fmt: skip
        assert [change["ref"] for change in said["changes"]] == ["D-FY26-000002"]
        result = new.document["result"]
        assert (result["adjustments"], result["payable"]) == ("-4128.88", "0.00")
        assert D(result["carry_out"]) == D(result["earnings"]) - D("4128.88") < 0, "carried, never collected"
        assert old.document["result"]["earnings"] == "8000.00", "never stated again"

        with closed.acting(closed.close.firm.admin):
            (later,) = corrections.corrections_of_statement(old.id)
            assert (later.amount, later.number, later.period) == (D("-4128.88"), new.number, "FY27-H1")
            assert corrections.carried_balance(old.partner_id) == D(result["carry_out"])
        posted = closed.owner.execute(
            text(
                "select p.account, p.amount from postings p join journal_entries e on e.id = p.entry_id"
                " where e.cause_kind = 'adjustment' and e.cause_id = :id order by p.account"
            ),
            {"id": proposed.id},
        ).all()
        assert [tuple(row) for row in posted] == [("4081", D("4128.88")), ("6222", D("-4128.88"))]


class TestAllAdjustments:
    @given(st.lists(st.tuples(st.sampled_from((1, 2, 3)), st.integers(0, 90_000), st.booleans()), max_size=3))
    @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
    def test_sum_to_nothing_once_everything_is_as_it_was(
        self, closed: Closed, steps: list[tuple[int, int, bool]]
    ) -> None:
        whole = {1: "48000.00", 2: "85250.40", 3: "27415.33"}
        back = [(number, None, True) for number in whole]
        for number, amount, decided in [*steps, *back]:
            closed.verified(number, whole[number] if amount is None else f"{amount}.00")
            closed.recompute()
            pending = [one for one in closed.adjustments() if one.approved_at is None]
            for one in pending if decided else ():
                if one.reason_code is None:
                    closed.change(
                        "update adjustments set reason_code = 'ENTRY_ERROR' where id = :id", id=one.id
                    )
                closed.approve(one)
        found = closed.adjustments()
        assert all(one.approved_at for one in found)
        assert sum(one.amount for one in found) == 0


@pytest.fixture
def left(
    request: pytest.FixtureRequest, owner: Session, close: Close, acting: Acting, drain: Drain
) -> dict[str, Any]:
    """P-00311 owed 100.00, or was owed what the test says, when FY26-H2 was closed, and has left since."""
    firm = owner.execute(text("select id from partners where code = 'P-00311'")).scalar_one()
    period, before = close.firm.period, owner.execute(text("select id from periods where code = 'FY26-H1'"))
    origin = owner.get_one(type(period), before.scalar_one())
    rival = owner.get_one(type(close.firm.partner), firm)
    measure.make_adjustment(owner, rival, origin, period, getattr(request, "param", "-100.00"))
    factories.make_plan(owner, following := factories.make_period(owner, "FY27-H1"))
    close.issue()
    owner.execute(
        text("update pam_assignments set ends_before = '2026-10-01' where partner_id = :id"), {"id": firm}
    )
    owner.execute(text("update partners set ends_before = '2026-10-01' where id = :id"), {"id": firm})
    owner.commit()
    people = [factories.make_user(owner, Role.FINANCE) for _ in range(2)]
    return {"firm": firm, "period": following, "people": people, "owner": owner, "acting": acting}


def propose(left: dict[str, Any]) -> Any:
    one = left["people"][0]
    with left["acting"](one), transaction():
        row = corrections.propose_settlement(
            partner_id=left["firm"], manner=SettlementManner.WRITTEN_OFF, settled_on=AFTER.date(), reference="",
            note="Société radiée", actor_id=one.id, at=AFTER,
        )  # fmt: skip
        db.session.refresh(row)
        return row.public_id


class TestABalanceLeftBehind:
    @pytest.mark.parametrize("left", ["100.00"], indirect=True)
    def test_that_is_paid_is_among_the_payments_of_its_day_and_year(self, left: dict[str, Any]) -> None:
        one, other = left["people"]
        values = {"partner_id": left["firm"], "manner": SettlementManner.PAID, "note": "Société radiée"}
        values |= {"reference": "VIR 9", "actor_id": one.id, "at": AFTER}
        with left["acting"](one), transaction():
            with pytest.raises(Invalid):
                corrections.propose_settlement(settled_on=date(2026, 6, 30), **values)
            row = corrections.propose_settlement(settled_on=date(2026, 11, 30), **values)
            db.session.refresh(row)
            public_id = row.public_id
        with left["acting"](other), transaction():
            row = corrections.get_settlement(public_id, for_update=True)
            corrections.approve_settlement(settlement=row, actor_id=other.id, at=AFTER + timedelta(days=45))
        with left["acting"](other):
            das2 = {row.code: row.paid for year in (2026, 2027) for row in ledger.stream_paid(year)}
            rows, of_all = ledger.list_transfers(2026)
            booked = {one.account: one.amount for one in ledger.balances()}
        assert das2 == {"P-00311": D("100.00")}
        assert [(row.code, row.posted_on, row.reference, row.paid) for row in rows] == [
            ("P-00311", date(2026, 11, 30), "VIR 9", D("100.00"))
        ]
        assert of_all.paid == sum(das2.values()) == -booked["512"]

    def test_is_listed_until_two_persons_settle_it_and_carried_no_further(self, left: dict[str, Any]) -> None:
        one, other = left["people"]
        with left["acting"](one):
            assert [row.carry_out for row in corrections.list_leaving(on=AFTER.date())] == [D("-100.00")]
        public_id = propose(left)
        with left["acting"](one), pytest.raises(Forbidden), transaction():
            row = corrections.get_settlement(public_id, for_update=True)
            corrections.approve_settlement(settlement=row, actor_id=one.id, at=AFTER)
        with left["acting"](other), transaction():
            row = corrections.get_settlement(public_id, for_update=True)
            corrections.approve_settlement(settlement=row, actor_id=other.id, at=AFTER)
        with left["acting"](other):
            assert corrections.count_leaving(on=AFTER.date()) == 0
            carried = [
                facts.document["carry_in"] for facts in facts_of(left["period"], partner_ids=[left["firm"]])
            ]
            assert carried == ["0.00"]
        posted = left["owner"].execute(
            text(
                "select p.account, p.amount from postings p join journal_entries e on e.id = p.entry_id"
                " where e.cause_kind = 'balance_settlement' order by p.account"
            )
        )
        assert [tuple(row) for row in posted] == [("4081", D("-100.00")), ("6222", D("100.00"))]

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("approved_by_id = proposed_by_id, approved_at = now()", "ck_balance_settlements_four_eyes"),
            ("amount = -99.00", "balance_settlements_balance"),
            ("note = ''", "ck_balance_settlements_note"),
            ("manner = 'forgotten'", "ck_balance_settlements_manner"),
        ],
    )
    def test_is_guarded_by_postgresql(self, left: dict[str, Any], change: str, constraint: str) -> None:
        propose(left)
        owner: Session = left["owner"]
        with pytest.raises(DBAPIError) as refused:
            owner.execute(text(f"update balance_settlements set {change}"))
        assert violated_constraint(refused.value) == constraint
        owner.rollback()

    def test_is_settled_once(self, left: dict[str, Any]) -> None:
        propose(left)
        owner: Session = left["owner"]
        again = "insert into balance_settlements (partner_id, result_id, amount, manner, settled_on, note, proposed_by_id, proposed_at) select partner_id, result_id, amount, manner, settled_on, note, proposed_by_id, proposed_at from balance_settlements"
        with pytest.raises(DBAPIError) as refused:
            owner.execute(text(again))
        assert violated_constraint(refused.value) == "uq_balance_settlements_result"
        owner.rollback()
        assert owner.execute(select(BalanceSettlement.id)).scalars().one()
