"""What PostgreSQL refuses of the journal, of payments and of holds, whoever asks."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import ledger
from portal.db import db, transaction, violated_constraint
from portal.errors import Invalid, Refused
from portal.ledger.models import Hold, JournalEntry, Payment
from portal.statements import settlement
from portal.statements.models import Statement
from portal.users.models import Role, User
from tests import databases, factories
from tests.conftest import Acting
from tests.factories import measure
from tests.integration.closing.test_refusals import Close, close, context, drain, refused
from tests.integration.closing.test_refusals import Refused as Refuses

__all__ = ["close", "context", "drain", "refused"]

AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
TODAY = date(2026, 12, 1)
ROLES = ("partner", "pam", "staff", "finance", "admin", "auditor", "worker", "gate")
TABLES = ("journal_entries", "postings", "payments", "holds", "payment_files", "period_seals", "bank_changes")


class Books:
    """A statement that pays 7 675.73, and the people who settle it."""

    def __init__(self, owner: Session, acting: Acting) -> None:
        self.owner, self.acting = owner, acting
        self.finance, self.other = (factories.make_user(owner, Role.FINANCE) for _ in range(2))
        self.partner, self.period = factories.make_partner(owner), factories.make_period(owner, "FY26-H2")
        plan = factories.make_plan(owner, self.period)
        factories.people.make_billing(owner, self.partner)
        self.statement = measure.make_statement(owner, self.partner, self.period, plan, "7675.73")

    def pay(self, amount: str, *, on: date = TODAY, reference: str = "VIR-1", by: User | None = None) -> int:
        by = by or self.finance
        with self.acting(by), transaction():
            transfer = settlement.Transfer(Decimal(amount), on, reference)
            statement = db.session.get_one(Statement, self.statement.id)
            return settlement.pay_statement(
                statement=statement, transfer=transfer, actor_id=by.id, at=AT, today=TODAY
            )

    def hold(self, amount: str) -> int:
        with self.acting(self.finance), transaction():
            statement = db.session.get_one(Statement, self.statement.id)
            return settlement.hold_statement(
                statement=statement,
                amount=Decimal(amount),
                reason="Contrôle",
                actor_id=self.finance.id,
                at=AT,
                today=TODAY,
            ).id

    def release(self, hold_id: int, by: User) -> None:
        with self.acting(by), transaction():
            hold = db.session.get_one(Hold, hold_id)
            settlement.release_hold(hold=hold, reason="Vu", actor_id=by.id, at=AT, today=TODAY)

    def give_back(self, payment_id: int) -> None:
        with self.acting(self.finance), transaction():
            payment = db.session.get_one(Payment, payment_id)
            settlement.return_payment(
                payment=payment, on=TODAY, reason="Compte clos", actor_id=self.finance.id, at=AT, today=TODAY
            )

    def balances(self) -> dict[str, str]:
        with self.acting(self.finance):
            return {one.account: str(one.amount) for one in ledger.balances() if one.amount}


@pytest.fixture
def books(owner: Session, acting: Acting) -> Books:
    return Books(owner, acting)


class TestEveryRole:
    @pytest.mark.parametrize("role", ROLES)
    def test_is_refused_changes_of_what_is_written(self, database: str, role: str) -> None:
        login = "portal_gate" if role == "gate" else "portal_app"
        with psycopg.connect(databases.with_login(database, login), autocommit=True) as connection:
            connection.execute(f"set role portal_{role}")
            for table in TABLES:
                free = {"payments": "reference", "holds": "reason", "bank_changes": "iban_before"}.get(
                    table, "id"
                )
                for change in (
                    f"update {table} set {free} = {free}",
                    f"delete from {table}",
                    f"truncate {table} cascade",
                ):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connection.execute(change)


class TestEntries:
    def test_have_the_cause_that_their_kind_names(self, books: Books, refused: Refuses) -> None:
        entry = """insert into journal_entries (partner_id, period_id, kind, cause_kind, cause_id, posted_on, posted_at)
          select partner_id, period_id, '{kind}', '{cause}', 999999, posted_on, posted_at from journal_entries limit 1"""
        postings = """insert into postings (partner_id, entry_id, account, amount) select partner_id, id, a, m
          from journal_entries, (values ('401', 5), ('512', -5)) v (a, m) where cause_id = 999999"""
        for kind, cause in (
            ("payment", "payment"),
            ("payment", "x"),
            ("earnings", "result"),
            ("hold", "hold"),
            ("adjustment", "adjustment"),
        ):
            assert refused(entry.format(kind=kind, cause=cause), postings) == "journal_entries_caused", kind

    def test_take_no_posting_once_written(self, books: Books, refused: Refuses) -> None:
        late = """insert into postings (partner_id, entry_id, account, amount)
          select e.partner_id, e.id, a, m from (select * from journal_entries limit 1) e, (values ('401', 5), ('512', -5)) v (a, m)"""
        assert refused(late) == "postings_with_their_entry"

    def test_take_their_postings_after_a_savepoint(self, books: Books) -> None:
        with books.acting(books.finance), transaction(), db.session.begin_nested():
            entry = ledger.list_entries(kind="settlement")[0][0]
            occasion = ledger.Occasion(entry.partner_id, entry.period_id, TODAY, AT, "x", books.finance.id)
            ledger.reverse_entry(occasion, entry_id=entry.id)


REVERSAL = """insert into journal_entries (partner_id, period_id, kind, cause_kind, cause_id, posted_on, posted_at, reverses_id)
  select partner_id, period_id, 'reversal', '{cause}', {of}, posted_on, posted_at, {of} from journal_entries where id = {of}"""
MIRROR = """insert into postings (partner_id, entry_id, account, component, amount) select r.partner_id, r.id, p.account, p.component, {amount}
  from journal_entries r join postings p on p.entry_id = r.reverses_id where r.reverses_id = {of}"""


class TestReversals:
    def entry(self, books: Books) -> int:
        query = select(JournalEntry.id).where(
            JournalEntry.kind == "earnings", JournalEntry.partner_id == books.statement.partner_id
        )
        return books.owner.execute(query).scalar_one()

    def test_mirror_their_entry_to_the_posting(self, books: Books, refused: Refuses) -> None:
        of = self.entry(books)
        for cause, amount in (("entry", "p.amount"), ("entry", "-2 * p.amount"), ("result", "-p.amount")):
            wrong = refused(REVERSAL.format(of=of, cause=cause), MIRROR.format(of=of, amount=amount))
            assert wrong == "journal_entries_mirrored", (cause, amount)
        short = MIRROR.format(of=of, amount="-p.amount") + " and p.account = '6222'"
        whole = "insert into postings (partner_id, entry_id, account, amount) select partner_id, id, '401', 7675.73 from journal_entries where reverses_id is not null"
        assert refused(REVERSAL.format(of=of, cause="entry"), short, whole) == "journal_entries_mirrored"

    def test_are_made_once_and_never_reversed(self, books: Books, refused: Refuses) -> None:
        of = self.entry(books)
        with books.acting(books.finance), transaction():
            occasion = ledger.Occasion(
                books.statement.partner_id, books.statement.period_id, TODAY, AT, "x", books.finance.id
            )
            reversal = ledger.reverse_entry(occasion, entry_id=of)
        assert refused(REVERSAL.format(of=of, cause="entry")) == "uq_journal_entries_reverses_id"
        again = (REVERSAL.format(of=reversal, cause="entry"), MIRROR.format(of=reversal, amount="-p.amount"))
        assert refused(*again) == "journal_entries_mirrored"


class TestPayments:
    def test_in_parts_make_the_whole_and_no_more(self, books: Books) -> None:
        books.pay("7000.00")
        with pytest.raises(Invalid) as caught:
            books.pay("675.74", reference="VIR-2")
        assert caught.value.faults == {"amount": "over_payment"}
        books.pay("675.73", reference="VIR-2")
        assert books.balances() == {"512": "-7675.73", "6222": "7675.73"}

    def test_above_what_is_due_are_refused_by_postgresql(self, books: Books, refused: Refuses) -> None:
        books.pay("7000.00")
        more = """insert into payments (partner_id, statement_id, amount, paid_on, reference, recorded_at)
          select partner_id, id, 675.74, issued_on, 'x', :at from statements where payable > 0"""
        assert refused(more) == "payments_within_due"
        held = """insert into holds (partner_id, statement_id, amount, reason, placed_by_id, placed_at)
          select partner_id, id, 675.74, 'x', (select min(id) from users), :at from statements where payable > 0"""
        assert refused(held) == "holds_within_due"

    def test_have_an_entry_of_their_own(self, books: Books, refused: Refuses) -> None:
        alone = """insert into payments (partner_id, statement_id, amount, paid_on, reference, recorded_at)
          select partner_id, id, 1, issued_on, 'x', :at from statements where payable > 0"""
        assert refused(alone) == "payments_posted"

    def test_are_given_back_once_and_due_again(self, books: Books, refused: Refuses) -> None:
        payment_id = books.pay("7675.73")
        unposted = "update payments set returned_on = paid_on, return_reason = 'x', returned_by_id = recorded_by_id, returned_at = :at"
        assert refused(unposted) == "payments_posted"
        books.give_back(payment_id)
        with pytest.raises(Refused):
            books.give_back(payment_id)
        books.pay("7675.73", reference="VIR-2")
        assert refused("update payments set amount = 1") == "payments_immutable"

    @pytest.mark.parametrize(
        ("on", "fault"), [(date(2026, 12, 2), "day_in_future"), (date(2026, 11, 23), "paid_before_stated")]
    )
    def test_have_a_day_between_the_statement_and_today(self, books: Books, on: date, fault: str) -> None:
        with pytest.raises(Invalid) as caught:
            books.pay("1.00", on=on)
        assert caught.value.faults == {"on": fault}

    def test_known_under_a_reference_are_not_recorded_twice(self, books: Books) -> None:
        books.pay("1.00")
        with pytest.raises(Invalid) as caught:
            books.pay("1.00")
        assert caught.value.faults == {"reference": "payment_known"}


class TestHolds:
    def test_keep_their_part_from_being_paid_until_another_releases_it(self, books: Books) -> None:
        hold_id = books.hold("675.73")
        with pytest.raises(Invalid) as caught:
            books.pay("7000.01")
        assert caught.value.faults == {"amount": "payment_of_held"}
        books.pay("7000.00")
        with pytest.raises(Refused) as refused:
            books.release(hold_id, books.finance)
        assert refused.value.code == "hold_four_eyes"
        books.release(hold_id, books.other)
        books.pay("675.73", reference="VIR-2")
        assert books.balances() == {"512": "-7675.73", "6222": "7675.73"}

    def test_are_released_by_another_for_postgresql_too(self, books: Books, refused: Refuses) -> None:
        books.hold("10.00")
        own = "update holds set released_by_id = placed_by_id, released_at = :at, release_reason = 'x'"
        assert refused(own) == "ck_holds_four_eyes"
        unposted = "update holds set released_by_id = (select max(id) from users), released_at = :at, release_reason = 'x'"
        assert refused(unposted) == "holds_posted"
        assert refused("update holds set amount = 5") == "holds_immutable"

    def test_are_signed_by_whoever_asks(self, books: Books) -> None:
        hold_id = books.hold("10.00")
        with books.acting(books.finance), pytest.raises(DBAPIError) as caught, transaction():
            db.session.execute(
                text(
                    "update holds set released_by_id = :other, released_at = :at, release_reason = 'x' where id = :id"
                ),
                {"other": books.other.id, "at": AT, "id": hold_id},
            )
        assert violated_constraint(caught.value) == "holds_signature"


class TestClose:
    def test_waits_for_the_journal(self, close: Close, refused: Refuses) -> None:
        close.issue()
        silenced: tuple[Any, ...] = (
            "alter table periods disable trigger periods_immutable",
            "update periods set state = 'approved', closed_at = null where code = 'FY26-H2'",
            "alter table postings disable trigger postings_immutable",
            "alter table journal_entries disable trigger journal_entries_immutable",
            "delete from postings where entry_id in (select id from journal_entries where kind = 'settlement')",
            "delete from journal_entries where kind = 'settlement'",
            "update periods set state = 'closed', closed_at = :at where code = 'FY26-H2'",
        )
        assert refused(*silenced) == "periods_close_posted"
