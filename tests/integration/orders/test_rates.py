"""Orders in other currencies count at the rate of their month, and again when it is corrected."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal import orders
from portal.catalogue.models import Grid
from portal.claims.models import ClaimMatch
from portal.claims.workflow import ClaimState
from portal.db import transaction
from portal.margin.crediting import match_and_credit
from portal.margin.facts import facts_of
from portal.orders import OrdersRefused, RatesRefused
from portal.periods.models import FxRate, Period
from portal.users.models import Role
from tests import factories
from tests.conftest import Acting
from tests.factories.people import AT
from tests.integration.orders.test_import import HEADER, line
from workers import orders as jobs


@pytest.fixture
def period(owner: Session, database: str) -> Period:
    return factories.make_period(owner)


@pytest.fixture
def grid(owner: Session, period: Period) -> Grid:
    factories.make_plan(owner, period)
    return factories.make_catalogue(owner)


def rate(owner: Session, written: str, month: date = date(2026, 9, 1)) -> None:
    owner.merge(FxRate(currency="USD", month=month, rate=Decimal(written)))
    owner.commit()


def matched(owner: Session) -> list[tuple[Decimal, Decimal | None]]:
    owner.rollback()
    owner.expire_all()
    return [
        tuple(row) for row in owner.execute(select(ClaimMatch.verified_amount, ClaimMatch.credited_amount))
    ]


class TestReadRates:
    def test_takes_one_a_line(self) -> None:
        found = orders.read_rates("USD;2026-09;1,0837\n\nchf 2026-10 0.95")
        assert [(one.currency, one.month, one.rate) for one in found] == [
            ("USD", date(2026, 9, 1), Decimal("1.0837")), ("CHF", date(2026, 10, 1), Decimal("0.95")),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "wrong", ["EUR;2026-09;1", "USD;2026-13;1", "USD;2026-09;0", "USD;2026-09;1e3", "USD"]
    )
    def test_names_the_line_that_is_none(self, wrong: str) -> None:
        with pytest.raises(RatesRefused) as refused:
            orders.read_rates(f"USD;2026-08;1\n{wrong}")
        assert [(fault.line, fault.code) for fault in refused.value.lines] == [(2, "not_a_rate")]


class TestOrdersOfAnotherCurrency:
    def test_are_refused_by_their_line_until_the_rate_of_the_month_is_known(
        self, owner: Session, acting: Acting, grid: Grid
    ) -> None:
        manager = factories.make_user(owner, Role.PROGRAMME_MANAGER)
        source = BytesIO(f"{HEADER};currency\n{line(1)};usd\n{line(2)};EUR".encode())
        with acting(manager), transaction(), pytest.raises(OrdersRefused) as refused:
            orders.import_orders(source=source, name="o.csv", actor_id=manager.id, at=AT)
        (fault,) = refused.value.report.faults
        assert (fault.line, fault.column, fault.code, fault.value) == (
            2,
            "currency",
            "rate_missing",
            "USD 2026-09",
        )
        rate(owner, "1.10")
        with acting(manager), transaction():
            assert orders.import_orders(source=source, name="o.csv", actor_id=manager.id, at=AT).created == 2

    def test_are_worth_their_amount_over_the_rate_rounded_half_away(
        self, owner: Session, acting: Acting, grid: Grid, period: Period
    ) -> None:
        partner = factories.make_partner(owner)
        claim = factories.make_claim(
            owner, partner, state=ClaimState.APPROVED, order_no="CMD-7", grid_id=grid.id,
            amounts=(("M365", "20000.00"),),
        )  # fmt: skip
        factories.make_order_line(owner, order_no="CMD-7", amount="10000.00", currency="USD")
        rate(owner, "1.0837")
        with acting(None), transaction():
            match_and_credit(claim_ids=[claim.id], at=AT)
        assert matched(owner) == [(Decimal("9227.65"), Decimal("5997.97"))]
        with acting(None):
            (facts,) = facts_of(period, partner_ids=[partner.id])
            (fact,) = facts.document["claims"]
        assert {name: fact[name] for name in ("approved", "currency", "fx_rate")} == {
            "approved": "10000.00", "currency": "USD", "fx_rate": "1.0837",
        }  # fmt: skip

    def test_are_valued_again_when_the_rate_is_corrected(
        self, owner: Session, acting: Acting, grid: Grid, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        claim = factories.make_claim(
            owner, factories.make_partner(owner), state=ClaimState.APPROVED, order_no="CMD-7", grid_id=grid.id,
            amounts=(("M365", "20000.00"),),
        )  # fmt: skip
        factories.make_order_line(owner, order_no="CMD-7", amount="10000.00", currency="USD")
        rate(owner, "2")
        with acting(None), transaction():
            match_and_credit(claim_ids=[claim.id], at=AT)
        manager = factories.make_user(owner, Role.FINANCE)
        with acting(manager), transaction():
            assert (
                orders.set_rates(rates=orders.read_rates("USD;2026-09;2,5"), actor_id=manager.id, at=AT) == 1
            )
        kind, subject = owner.execute(text("select kind, subject from work_items")).one()
        assert (kind, subject) == ("orders.rerate", "USD 2026-09-01")
        owner.rollback()
        with acting(None), transaction():
            lines = orders.lines_at_rate("USD", date(2026, 9, 1))
        assert len(lines) == 1
        with acting(None):
            jobs.match_slices([claim.id])
        assert matched(owner) == [(Decimal("4000.00"), Decimal("2600.00"))]
