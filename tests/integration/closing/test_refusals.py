"""What PostgreSQL refuses of money: entries that do not balance, results and statements that change, gaps."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import closing
from portal.db import db, transaction, violated_constraint
from portal.margin.models import MarginResult, MarginRun
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.integration.margin_facts import arvelia
from tests.workers.conftest import Drain, context, drain

__all__ = ["context", "drain"]

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PERIOD = "FY26-H2"


@dataclass
class Close:
    """A close as far as it has come, and who took part."""

    firm: arvelia.Arvelia
    manager: User
    finance: User
    acting: Acting
    drain: Drain

    def compute(self) -> None:
        with self.acting(self.manager), transaction():
            closing.start_closing(period_code=PERIOD, actor_id=self.manager.id, at=AT)
        self.drain("margin.compute")

    def propose(self) -> None:
        with self.acting(self.manager), transaction():
            closing.propose_close(period_code=PERIOD, actor_id=self.manager.id, at=AT)

    def approve(self) -> None:
        with self.acting(self.finance), transaction():
            closing.approve_close(period_code=PERIOD, run_number=1, actor_id=self.finance.id, at=AT)

    def issue(self) -> None:
        self.compute()
        self.propose()
        self.approve()
        self.drain("closing.issue")


@pytest.fixture
def close(owner: Session, acting: Acting, drain: Drain) -> Close:
    """Example 10 of the rules, before its close."""
    people = [factories.make_user(owner, role) for role in (Role.PROGRAMME_MANAGER, Role.FINANCE)]
    return Close(arvelia.arrange(owner), people[0], people[1], acting, drain)


Refused = Callable[..., str | None]


@pytest.fixture
def refused(owner: Session) -> Refused:
    """Run statements as the owner; answer the name of the constraint that refused them."""

    def run(*statements: str, **values: Any) -> str | None:
        owner.rollback()
        with pytest.raises(DBAPIError) as caught:
            for statement in statements:
                owner.execute(text(statement), {"at": AT, **values})
            owner.commit()
        owner.rollback()
        return violated_constraint(caught.value)

    return run


ENTRY = """insert into journal_entries (partner_id, period_id, kind, cause_kind, cause_id, posted_on, posted_at, reverses_id)
select p.id, q.id, 'payment', 'test', 1, :at, :at, null from partners p, periods q where p.code = 'P-00042' limit 1"""
POSTING = """insert into postings (partner_id, entry_id, account, amount)
select partner_id, id, '{account}', {amount} from journal_entries where cause_kind = 'test'"""


class TestLedger:
    @pytest.mark.parametrize("amounts", [("100.00",), ("100.00", "-99.99"), ()])
    def test_takes_balanced_entries_of_two_postings_at_least(
        self, close: Close, refused: Refused, amounts: tuple[str, ...]
    ) -> None:
        postings = [POSTING.format(account="512", amount=amount) for amount in amounts]
        assert refused(ENTRY, *postings) == "journal_entries_balanced"

    def test_takes_no_posting_of_nothing(self, close: Close, refused: Refused) -> None:
        assert refused(ENTRY, POSTING.format(account="512", amount="0")) == "ck_postings_amount"

    def test_knows_accounts_by_their_digits(self, close: Close, refused: Refused) -> None:
        assert refused(ENTRY, POSTING.format(account="bank", amount="1")) == "ck_postings_account"

    def test_takes_one_entry_of_a_kind_for_one_cause(self, close: Close, refused: Refused) -> None:
        assert refused(ENTRY, ENTRY) == "uq_journal_entries_cause"

    @pytest.mark.parametrize(
        ("change", "table"),
        [
            ("update journal_entries set reference = 'x'", "journal_entries"),
            ("delete from postings", "postings"),
            ("update postings set amount = amount + 1", "postings"),
            ("delete from journal_entries", "journal_entries"),
            ("truncate postings", "postings"),
        ],
    )
    def test_never_changes(self, close: Close, refused: Refused, change: str, table: str) -> None:
        close.issue()
        assert refused(change) == f"{table}_immutable"

    def test_takes_a_posting_of_the_entry_s_own_partner_only(self, close: Close, refused: Refused) -> None:
        other = POSTING.format(account="512", amount="1").replace(
            "select partner_id,", "select partner_id + 1,"
        )
        assert refused(ENTRY, other) == "fk_postings_entry"


class TestRuns:
    def test_are_approved_by_another_than_who_proposed(self, close: Close, refused: Refused) -> None:
        close.compute()
        close.propose()
        change = "update margin_runs set state = 'approved', approved_at = :at, approved_by_id = proposed_by_id where state = 'proposed'"
        assert refused(change) == "ck_margin_runs_four_eyes"

    def test_are_proposed_before_they_are_approved(self, close: Close, refused: Refused) -> None:
        close.compute()
        change = "update margin_runs set state = 'approved', approved_at = :at, approved_by_id = started_by_id where state = 'computed'"
        assert refused(change) == "ck_margin_runs_proposal_first"

    def test_never_change_once_approved(self, close: Close, refused: Refused) -> None:
        close.issue()
        assert (
            refused("update margin_runs set partners = 1 where state = 'approved'") == "margin_runs_immutable"
        )

    def test_are_approved_once_for_a_period(self, close: Close, refused: Refused) -> None:
        close.issue()
        again = """insert into margin_runs (period_id, number, state, partners, started_by_id, started_at, proposed_by_id, proposed_at,
          approved_by_id, approved_at) select period_id, 99, state, partners, started_by_id, started_at, proposed_by_id, proposed_at,
          approved_by_id, approved_at from margin_runs order by id desc limit 1"""
        assert refused(again) == "uq_margin_runs_approved"


class TestResults:
    def test_never_change(self, close: Close, refused: Refused) -> None:
        close.compute()
        assert refused("update margin_results set credited = 0") == "margin_results_immutable"

    def test_of_an_approved_run_stay(self, close: Close, refused: Refused) -> None:
        close.issue()
        assert refused("delete from statements", "delete from margin_results") in (
            "statements_immutable",
            "margin_results_immutable",
        )
        assert refused(
            "delete from margin_results where run_id in (select id from margin_runs where state = 'approved')"
        ) == ("margin_results_immutable")

    def test_add_up(self, close: Close, refused: Refused) -> None:
        close.compute()
        again = """insert into margin_results (run_id, partner_id, position, plan_id, facts, facts_sha256, result, credited, gross, earnings,
          adjustments, carry_in, balance, payable, carry_out) select run_id, partner_id, 99, plan_id, facts, facts_sha256, result, credited,
          gross, earnings + 1, adjustments, carry_in, balance, payable, carry_out from margin_results order by id desc limit 1"""
        assert refused(again) == "ck_margin_results_balance"

    def test_are_shown_to_their_partner_once_approved(
        self, owner: Session, close: Close, acting: Acting
    ) -> None:
        close.compute()
        run_id = owner.execute(
            select(MarginRun.id).where(MarginRun.period_id == close.firm.period.id)
        ).scalar_one()
        seen = select(MarginResult.id).where(MarginResult.run_id == run_id)
        with acting(close.firm.admin):
            assert db.session.execute(seen).scalars().all() == []
        close.propose()
        close.approve()
        with acting(close.firm.admin):
            assert len(db.session.execute(seen).scalars().all()) == 1


class TestAdjustments:
    def test_are_approved_by_another_than_who_proposed(self, close: Close, refused: Refused) -> None:
        change = "update adjustments set approved_at = null, approved_by_id = null"
        assert refused(change) == "adjustments_immutable"
        new = """insert into adjustments (partner_id, origin_period_id, period_id, amount, reason_code, proposed_by_id, proposed_at,
          approved_by_id, approved_at) select partner_id, origin_period_id, period_id, 1, reason_code, proposed_by_id, :at,
          proposed_by_id, :at from adjustments limit 1"""
        assert refused(new) == "ck_adjustments_four_eyes"


class TestStatements:
    @pytest.mark.parametrize(
        "change",
        ["update statements set payable = 0", "delete from statements", "truncate statements cascade"],
    )
    def test_never_change(self, close: Close, refused: Refused, change: str) -> None:
        close.issue()
        assert refused(change) in ("statements_immutable", "statement_files_immutable")

    @pytest.mark.parametrize(
        ("column", "value", "constraint"),
        [
            ("number", "'R-2026-1'", "ck_statements_number"),
            ("serial", "0", "ck_statements_serial"),
            ("document_sha256", "'x'", "ck_statements_document_sha256"),
            ("version", "2", "ck_statements_replaces"),
            ("locale", "'de'", "ck_statements_locale"),
        ],
    )
    def test_are_refused_when_malformed(
        self, close: Close, refused: Refused, column: str, value: str, constraint: str
    ) -> None:
        close.issue()
        columns = {
            "partner_id": "partner_id",
            "period_id": "period_id",
            "result_id": "result_id",
            "number": "'R-FY26H2-000099'",
            "serial": "99",
            "version": "1",
            "locale": "locale",
            "document": "document",
            "document_sha256": "document_sha256",
            "short_code": "'c'",
            "payable": "payable",
            "issued_on": "issued_on",
            "issued_at": "issued_at",
            "dispute_until": "dispute_until",
            column: value,
        }
        again = f"insert into statements ({', '.join(columns)}) select {', '.join(columns.values())} from statements limit 1"
        assert refused(again) == constraint

    def test_have_one_number_each_in_a_period(self, close: Close, refused: Refused) -> None:
        close.issue()
        again = """insert into statements (partner_id, period_id, result_id, number, serial, locale, document, document_sha256, short_code,
          payable, issued_on, issued_at, dispute_until) select partner_id, period_id, result_id, 'R-FY26H2-000099', serial, locale, document,
          document_sha256, 'c', payable, issued_on, issued_at, dispute_until from statements limit 1"""
        assert refused(again) == "uq_statements_serial"

    def test_have_files_that_never_change(self, close: Close, refused: Refused) -> None:
        close.issue()
        close.drain("statement.render")
        assert refused("update statement_files set sha256 = repeat('0', 64)") == "statement_files_immutable"


class TestPeriods:
    def test_close_with_a_statement_for_every_partner_only(self, close: Close, refused: Refused) -> None:
        close.compute()
        change = "update periods set state = 'closed', closed_at = :at where code = 'FY26-H2'"
        assert refused(change) == "periods_close_complete"
        close.propose()
        close.approve()
        assert refused(change) == "periods_close_complete"

    def test_never_change_once_closed(self, close: Close, refused: Refused) -> None:
        close.issue()
        assert (
            refused("update periods set pays_on = pays_on + 1 where code = 'FY26-H2'") == "periods_immutable"
        )
