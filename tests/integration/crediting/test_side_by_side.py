"""Two at once never credit more than an order is worth, and a close never loses what is being matched."""

import threading
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy.orm import Session

from portal.claims.workflow import ClaimState
from portal.db import transaction
from portal.errors import PeriodClosed
from portal.margin.crediting import match_and_credit
from portal.periods.models import Period, PeriodState
from tests import factories
from tests.conftest import Acting
from tests.factories import measure
from tests.factories.people import AT


@pytest.fixture
def shared(owner: Session, database: str) -> tuple[int, int]:
    """Two confirmed matches, of two firms, on one order of 10 000.00."""
    factories.make_plan(owner, factories.make_period(owner))
    grid = factories.make_catalogue(owner)
    order = factories.make_order_line(owner, order_no="CMD-7", amount="10000.00")
    found = []
    for _ in range(2):
        claim = factories.make_claim(
            owner, factories.make_partner(owner), state=ClaimState.APPROVED, order_no="CMD-7", grid_id=grid.id
        )
        found.append(measure.make_match(owner, claim, order).id)
    return found[0], found[1]


class TestTwoTransactions:
    @pytest.mark.parametrize(("each", "refused"), [("5000.00", 0), ("5000.01", 1), ("10000.00", 1)])
    def test_credit_no_more_than_the_order_is_worth(
        self, database: str, shared: tuple[int, int], each: str, refused: int
    ) -> None:
        failures: list[str | None] = []
        first, second = psycopg.connect(database), psycopg.connect(database)
        credit = "update claim_matches set credited_amount = %s where id = %s"
        first.execute(credit, [Decimal(each), shared[0]])

        def try_second() -> None:
            try:
                second.execute(credit, [Decimal(each), shared[1]])
                second.commit()
            except psycopg.errors.CheckViolation as error:
                failures.append(error.diag.constraint_name)

        thread = threading.Thread(target=try_second)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()  # it waits for the order that the first one holds
        first.commit()
        thread.join(10)
        first.close()
        second.close()
        assert failures == ["claim_matches_credit_within_order"] * refused

    def test_credit_nothing_beyond_a_foreign_order_in_euros(
        self, owner: Session, database: str, shared: tuple[int, int]
    ) -> None:
        with psycopg.connect(database) as connection:
            connection.execute("alter table order_lines disable trigger user")
            connection.execute("update order_lines set currency = 'USD'")
            connection.execute("insert into fx_rates values ('USD', '2026-09-01', 1.25)")
            connection.execute("alter table order_lines enable trigger user")
            connection.execute("update claim_matches set credited_amount = 4000.00")
            with pytest.raises(psycopg.errors.CheckViolation, match="more is credited"):
                connection.execute(
                    "update claim_matches set credited_amount = 4000.01 where id = %s", [shared[0]]
                )


class TestPeriodThatCloses:
    def test_waits_for_matching_under_way_and_refuses_what_comes_after(
        self, owner: Session, acting: Acting, database: str, shared: tuple[int, int]
    ) -> None:
        claim_id = owner.get_one(measure.ClaimMatch, shared[0]).claim_line_id
        owner.rollback()
        closed = threading.Event()

        def close() -> None:
            with psycopg.connect(database) as connection:
                connection.execute("select 1 from periods where code = 'FY27-H1' for update")
                connection.execute("update periods set state = 'closing' where code = 'FY27-H1'")
            closed.set()

        thread = threading.Thread(target=close)
        with acting(None), transaction():
            match_and_credit(claim_ids=[claim_id], at=AT)
            thread.start()
            assert not closed.wait(0.3)
        assert closed.wait(10)
        thread.join()
        with acting(None), pytest.raises(PeriodClosed), transaction():
            match_and_credit(claim_ids=[claim_id], at=AT)
        with acting(None), transaction():
            match_and_credit(claim_ids=[], at=AT)
        period = owner.query(Period).one()
        assert (period.state, period.starts_on) == (PeriodState.CLOSING, date(2026, 7, 1))
