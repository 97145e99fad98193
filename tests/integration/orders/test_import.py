"""A file of orders is taken in whole or not at all, and once."""

import time
from decimal import Decimal
from io import BytesIO

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import orders
from portal.db import db, transaction
from portal.orders import OrderImport, OrderReport, OrdersRefused
from portal.orders.models import OrderLine
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.factories.people import AT

HEADER = "order_no;line_no;version;reseller;customer_siren;family;amount;ordered_at;status;named_partner"


@pytest.fixture
def manager(owner: Session, database: str) -> User:
    factories.make_catalogue(owner)
    return factories.make_user(owner, Role.PROGRAMME_MANAGER)


def line(no: int = 1, version: int = 1, amount: str = "100.00", status: str = "booked", **cells: str) -> str:
    given = {"siren": "000000018", "family": "M365", "at": "2026-09-15", "named": "", "line": "1", **cells}
    return ";".join(
        (
            f"CMD-{no}",
            given["line"],
            str(version),
            "Distri",
            given["siren"],
            given["family"],
            amount,
            given["at"],
            status,
            given["named"],
        )
    )


def file(*lines: str) -> BytesIO:
    return BytesIO("\n".join((HEADER, *lines)).encode())


def take(manager: User, *lines: str) -> OrderImport:
    with transaction():
        imported = orders.import_orders(source=file(*lines), name="orders.csv", actor_id=manager.id, at=AT)
        db.session.refresh(imported)
        db.session.expunge(imported)
        return imported


def report(*lines: str) -> OrderReport:
    with transaction():
        return orders.check_orders(source=file(*lines))


def known(owner: Session) -> list[tuple[object, ...]]:
    query = select(
        OrderLine.order_no, OrderLine.version, OrderLine.amount, OrderLine.status, OrderLine.is_current
    )
    rows = [tuple(row) for row in owner.execute(query.order_by(OrderLine.order_no, OrderLine.version))]
    owner.rollback()
    return rows


class TestImportOrders:
    def test_creates_lines_and_says_how_many(self, owner: Session, acting: Acting, manager: User) -> None:
        partner = factories.make_partner(owner, code="P-00042")
        with acting(manager):
            imported = take(manager, line(1, named="P-00042"), line(2, amount="1 234,50"))
        assert (imported.lines, imported.created, imported.amended, imported.unchanged) == (2, 2, 0, 0)
        assert [row[2] for row in known(owner)] == [Decimal("100.00"), Decimal("1234.50")]
        named = owner.execute(select(OrderLine.named_partner_id).order_by(OrderLine.order_no)).scalars().all()
        assert named == [partner.id, None]

    def test_does_nothing_the_second_time(self, owner: Session, acting: Acting, manager: User) -> None:
        with acting(manager):
            first, again = take(manager, line(1)), take(manager, line(1))
        assert again.id == first.id
        assert len(known(owner)) == 1
        assert owner.execute(text("select count(*) from audit_records")).scalar() == 1

    def test_keeps_old_versions_behind_the_current_one(
        self, owner: Session, acting: Acting, manager: User
    ) -> None:
        with acting(manager):
            take(manager, line(1), line(2))
            imported = take(manager, line(1, version=2, amount="40.00"), line(2), line(3, status="cancelled"))
        assert (imported.created, imported.amended, imported.unchanged) == (1, 1, 1)
        assert known(owner) == [
            ("CMD-1", 1, Decimal("100.00"), "booked", False), ("CMD-1", 2, Decimal("40.00"), "booked", True),
            ("CMD-2", 1, Decimal("100.00"), "booked", True), ("CMD-3", 1, Decimal("100.00"), "cancelled", True),
        ]  # fmt: skip

    def test_takes_nothing_when_one_line_in_ten_thousand_is_wrong(
        self, owner: Session, acting: Acting, manager: User
    ) -> None:
        lines = [line(no) for no in range(1, 10_001)]
        lines[7776] = line(7777, amount="abc")
        with acting(manager), pytest.raises(OrdersRefused) as refused:
            take(manager, *lines)
        (fault,) = refused.value.report.faults
        assert (fault.line, fault.column, fault.code, fault.value) == (7778, "amount", "not_an_amount", "abc")
        assert known(owner) == []
        assert owner.execute(text("select count(*) from order_imports")).scalar() == 0

    def test_takes_ten_thousand_lines_in_a_few_queries(
        self, owner: Session, acting: Acting, manager: User
    ) -> None:
        statements: list[str] = []

        def count(connection: object, cursor: object, statement: str, *rest: object) -> None:
            statements.append(statement)

        began = time.perf_counter()
        with acting(manager):
            event.listen(db.engine, "before_cursor_execute", count)
            take(manager, *(line(no) for no in range(1, 10_001)))
            event.remove(db.engine, "before_cursor_execute", count)
        assert len(known(owner)) == 10_000
        assert len(statements) < 20
        assert time.perf_counter() - began < 15

    def test_is_not_open_to_an_account_manager(self, owner: Session, acting: Acting, manager: User) -> None:
        pam = factories.make_pam(owner)
        with acting(pam), pytest.raises(DBAPIError):
            take(pam, line(1))


class TestCheckOrders:
    def test_tells_what_would_happen_and_writes_nothing(
        self, owner: Session, acting: Acting, manager: User
    ) -> None:
        with acting(manager):
            take(manager, line(1), line(2))
            found = report(line(1, version=2, status="cancelled"), line(2), line(3, amount="7.00"))
        assert (found.lines, found.created, found.amended, found.cancelled, found.unchanged) == (
            3,
            1,
            1,
            1,
            1,
        )
        assert found.amount == Decimal("7.00")
        assert len(known(owner)) == 2

    def test_names_lines_that_contradict_what_is_known(self, acting: Acting, manager: User) -> None:
        with acting(manager):
            take(manager, line(1, version=2), line(2))
            found = report(line(1, version=1), line(2, amount="5.00"), line(3), line(3, version=2))
        assert [(fault.line, fault.code) for fault in found.faults] == [
            (2, "version_older"), (3, "version_rewritten"), (5, "line_repeated"),
        ]  # fmt: skip

    def test_shows_a_hundred_faults_and_says_there_are_more(self, acting: Acting, manager: User) -> None:
        with acting(manager):
            found = report(*(line(no, family="X") for no in range(200)))
        assert len(found.faults) == 100
        assert found.more_faults

    def test_leaves_the_transaction_usable_after_faults(self, acting: Acting, manager: User) -> None:
        with acting(manager), transaction():
            assert orders.check_orders(source=BytesIO(b"nonsense")).faults
            assert orders.check_orders(source=file(line(1))).created == 1


class TestPostgresqlRefuses:
    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("update order_lines set amount = 1", "can never change"),
            ("delete from order_lines", "can never change"),
            ("update order_imports set name = 'x'", "can never change"),
        ],
    )
    def test_to_rewrite_an_order(self, owner: Session, manager: User, change: str, constraint: str) -> None:
        factories.make_order_line(owner)
        with pytest.raises(DBAPIError, match=constraint):
            owner.execute(text(change))

    @pytest.mark.parametrize(
        ("values", "constraint"),
        [
            ({"version": 2}, "uq_order_lines_current"),
            ({"version": 1, "is_current": False}, "uq_order_lines_order_no"),
            ({"order_no": "X", "amount": "-1.00"}, "ck_order_lines_amount"),
            ({"order_no": "X", "ordered_at": AT}, "ck_order_lines_ordered_on"),
            ({"order_no": "X", "family": "WORD"}, "fk_order_lines_family"),
        ],
    )
    def test_an_order_that_cannot_be(
        self, owner: Session, manager: User, values: dict[str, object], constraint: str
    ) -> None:
        factories.make_order_line(owner, order_no="CMD-1")
        with pytest.raises(DBAPIError, match=constraint):
            factories.make_order_line(owner, **{"order_no": "CMD-1", **values})  # type: ignore[arg-type]
