"""A whole close through the real jobs: example 10 of the margin rules, from the run to the filed statement."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal import closing, demo, statements
from portal.db import db, transaction
from portal.errors import NotFound
from portal.ledger import models as ledger_rows
from portal.margin.models import MarginResult, MarginRun, RunState
from portal.periods.models import Period, PeriodState
from portal.statements.models import Statement, StatementFile
from portal.statements.shape import StatementDocument
from portal.users.models import Role, User
from portal.work.models import WorkItem, WorkState
from tests import factories
from tests.conftest import Acting
from tests.integration.margin_facts import arvelia
from tests.workers.conftest import Drain
from workers import pdf
from workers.context import Context

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PERIOD = "FY26-H2"


@pytest.fixture
def firm(owner: Session) -> arvelia.Arvelia:
    return arvelia.arrange(owner)


@pytest.fixture
def manager(owner: Session) -> User:
    return factories.make_user(owner, Role.PROGRAMME_MANAGER)


@pytest.fixture
def finance(owner: Session) -> User:
    return factories.make_user(owner, Role.FINANCE)


@pytest.fixture
def closed(
    owner: Session, acting: Acting, firm: arvelia.Arvelia, manager: User, finance: User, drain: Drain
) -> arvelia.Arvelia:
    """The period computed, proposed, approved and issued, before anything is printed."""
    with acting(manager), transaction():
        closing.start_closing(period_code=PERIOD, actor_id=manager.id, at=AT)
    drain("margin.compute")
    with acting(manager), transaction():
        closing.propose_close(period_code=PERIOD, actor_id=manager.id, at=AT)
    with acting(finance), transaction():
        closing.approve_close(period_code=PERIOD, run_number=1, actor_id=finance.id, at=AT)
    drain("closing.issue")
    return firm


class TestClose:
    def test_gives_example_10_to_the_cent(self, owner: Session, closed: arvelia.Arvelia) -> None:
        result = owner.execute(
            select(MarginResult)
            .join(MarginRun, MarginRun.id == MarginResult.run_id)
            .where(MarginRun.period_id == closed.period.id, MarginResult.partner_id == closed.partner.id)
        ).scalar_one()
        assert (str(result.credited), str(result.earnings), str(result.payable)) == (
            "185461.83",
            "8000.00",
            "7675.73",
        )

    def test_issues_a_statement_to_every_partner_and_closes(
        self, owner: Session, closed: arvelia.Arvelia
    ) -> None:
        numbers = owner.execute(select(Statement.number).order_by(Statement.serial)).scalars().all()
        assert numbers == ["R-FY26H2-000001", "R-FY26H2-000002"]
        assert owner.get_one(Period, closed.period.id).state is PeriodState.CLOSED

    def test_posts_what_the_statement_says(self, owner: Session, closed: arvelia.Arvelia) -> None:
        postings = owner.execute(
            select(
                ledger_rows.JournalEntry.kind,
                ledger_rows.Posting.account,
                ledger_rows.Posting.component,
                ledger_rows.Posting.amount,
            )
            .join(ledger_rows.JournalEntry, ledger_rows.JournalEntry.id == ledger_rows.Posting.entry_id)
            .where(ledger_rows.Posting.partner_id == closed.partner.id)
        ).all()
        found = {
            (kind.value, account, component): str(amount) for kind, account, component, amount in postings
        }
        assert found == {
            ("earnings", "6222", "C1"): "3968.47",
            ("earnings", "6222", "C2"): "1034.57",
            ("earnings", "6222", "C3"): "2250.00",
            ("earnings", "6222", "C4"): "1003.85",
            ("earnings", "6222", "PARTNER_CAP"): "-256.89",
            ("earnings", "4081", ""): "-8000.00",
            ("adjustment", "6222", ""): "-412.37",
            ("adjustment", "4081", ""): "412.37",
            ("settlement", "4081", ""): "7675.73",
            ("settlement", "401", ""): "-7675.73",
        }

    def test_prints_and_mails_by_itself(self, owner: Session, closed: arvelia.Arvelia, drain: Drain) -> None:
        drain("statement.render")
        files = owner.execute(select(StatementFile)).scalars().all()
        assert len(files) == 2


class TestRun:
    def test_is_repeatable_to_the_byte(
        self,
        owner: Session,
        acting: Acting,
        context: Context,
        firm: arvelia.Arvelia,
        manager: User,
        drain: Drain,
    ) -> None:
        for _ in range(2):
            with acting(manager), transaction():
                closing.rehearse(period_code=PERIOD, actor_id=manager.id, at=AT)
            drain("margin.compute")
        first, second = (
            owner.execute(
                select(MarginRun).where(MarginRun.period_id == firm.period.id).order_by(MarginRun.number)
            )
            .scalars()
            .all()
        )
        assert first.state is second.state is RunState.COMPUTED
        assert (first.inputs_sha256, first.outputs_sha256) == (second.inputs_sha256, second.outputs_sha256)
        assert owner.get_one(Period, firm.period.id).state is PeriodState.OPEN

    def test_ends_while_another_chunk_still_holds_its_key(
        self, owner: Session, acting: Acting, firm: arvelia.Arvelia, manager: User, drain: Drain
    ) -> None:
        with acting(manager), transaction():
            closing.start_closing(period_code=PERIOD, actor_id=manager.id, at=AT)
        with acting(None):
            # What every row that points to the run takes; a chunk that waited for it would deadlock with its neighbour.
            held = owner.execute(text("select id from margin_runs order by id desc limit 1 for key share"))
            run_id = held.scalar_one()
            with transaction():
                db.session.execute(text("set local lock_timeout = '2s'"))
                closing.finish_computing(run_id, at=AT)
        owner.rollback()


class TestFailure:
    def test_of_one_partner_is_its_own_names_its_cause_and_ends_with_it(
        self,
        owner: Session,
        acting: Acting,
        firm: arvelia.Arvelia,
        manager: User,
        drain: Drain,
        due_now: Callable[[], None],
    ) -> None:
        factories.make_partner(owner, code="P-00500", segment="ISV")
        with acting(manager), transaction():
            closing.start_closing(period_code=PERIOD, actor_id=manager.id, at=AT)
        drain("margin.compute")
        waiting = owner.execute(select(WorkItem).where(WorkItem.state == WorkState.READY)).scalar_one()
        assert "plan_missing" in (waiting.last_error or "") and waiting.subject.startswith("2/3/")
        computed = (
            select(func.count())
            .select_from(MarginResult)
            .join(MarginRun, MarginRun.id == MarginResult.run_id)
        )
        assert owner.execute(computed.where(MarginRun.period_id == firm.period.id)).scalar_one() == 2
        plan = json.loads((Path(demo.__file__).parent / "plans" / "isv-fy26-h2.json").read_text())
        factories.make_plan(owner, firm.period, plan)
        due_now()
        drain("margin.compute")
        run = owner.execute(select(MarginRun).where(MarginRun.period_id == firm.period.id)).scalar_one()
        assert run.state is RunState.COMPUTED

    def test_of_one_printing_leaves_the_others_filed_and_told(
        self, owner: Session, closed: arvelia.Arvelia, drain: Drain, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def jammed(document: StatementDocument) -> bytes:
            if document["number"].endswith("2"):
                raise RuntimeError("paper jam")
            return b"%PDF-1.7 " + document["number"].encode()

        monkeypatch.setattr(pdf, "render_statement", jammed)
        drain("statement.render")
        assert owner.execute(select(func.count()).select_from(StatementFile)).scalar_one() == 1
        waiting = owner.execute(
            select(WorkItem).where(WorkItem.state == WorkState.READY, WorkItem.kind == "statement.render")
        ).scalar_one()
        assert waiting.last_error == "RuntimeError: paper jam"
        assert len(waiting.subject.split(",")) == 1

    def test_to_print_the_same_bytes_stops_everything_about_that_statement(
        self, owner: Session, closed: arvelia.Arvelia, context: Context
    ) -> None:
        statement = owner.execute(select(Statement)).scalars().first()
        assert statement is not None
        with context.acting():
            with transaction():
                statements.attach_file(statement, renderer="r1", sha256="0" * 64, size=1, at=AT)
            with pytest.raises(statements.DifferentBytes), transaction():
                statements.attach_file(statement, renderer="r1", sha256="1" * 64, size=1, at=AT)


class TestVerify:
    def test_finds_that_all_agrees(self, closed: arvelia.Arvelia, context: Context) -> None:
        with context.acting():
            found = list(closing.verify_closed(PERIOD))
        assert [(one.partner, one.faults) for one in found] == [("P-00042", ()), ("P-00311", ())]

    def test_refuses_a_period_that_was_not_closed(self, context: Context) -> None:
        with context.acting(), pytest.raises(NotFound):
            list(closing.verify_closed("FY99-H1"))

    def test_names_what_does_not(self, owner: Session, closed: arvelia.Arvelia, context: Context) -> None:
        owner.execute(text("alter table margin_results disable trigger user"))
        owner.execute(
            text(
                "update margin_results set payable = payable + 1, carry_out = carry_out - 1 where credited > 100000"
            )
        )
        owner.execute(text("alter table margin_results enable trigger user"))
        owner.commit()
        with context.acting():
            faults = [fault for one in closing.verify_closed(PERIOD) for fault in one.faults]
        assert len(faults) == 2


def counts(owner: Session) -> dict[str, int]:
    """How many rows every table holds."""
    owner.rollback()
    names = owner.execute(
        text("select tablename from pg_tables where schemaname = 'public' order by 1")
    ).scalars()
    return {name: owner.execute(text(f"select count(*) from {name}")).scalar_one() for name in names}


class TestReopen:
    @pytest.mark.parametrize("computed", [False, True])
    def test_leaves_nothing_of_the_close_behind(
        self,
        owner: Session,
        acting: Acting,
        firm: arvelia.Arvelia,
        manager: User,
        drain: Drain,
        computed: bool,
    ) -> None:
        before = counts(owner)
        with acting(manager), transaction():
            closing.start_closing(period_code=PERIOD, actor_id=manager.id, at=AT)
        if computed:
            drain()
            with acting(manager), transaction():
                closing.propose_close(period_code=PERIOD, actor_id=manager.id, at=AT)
        with acting(manager), transaction():
            closing.reopen_period(period_code=PERIOD, actor_id=manager.id, at=AT)
        drain()
        states = owner.execute(
            select(MarginRun.state, Period.state)
            .join(Period, Period.id == MarginRun.period_id)
            .where(Period.id == firm.period.id)
        ).all()
        assert [tuple(row) for row in states] == [(RunState.CANCELLED, PeriodState.OPEN)]
        assert set(owner.execute(select(WorkItem.state)).scalars()) == {WorkState.DONE}
        # What was tried stays known: the cancelled run, who did what, and the items that came to nothing.
        known = {"audit_records", "margin_runs", "margin_results", "work_items", "sessions"}
        assert {name for name, count in counts(owner).items() if count != before[name]} <= known

    def test_is_needless_before_the_cut_off_since_nothing_begins(
        self, owner: Session, acting: Acting, firm: arvelia.Arvelia, manager: User
    ) -> None:
        early = datetime(2026, 7, 1, tzinfo=UTC)
        with acting(manager), pytest.raises(closing.NotYet), transaction():
            closing.start_closing(period_code=PERIOD, actor_id=manager.id, at=early)
