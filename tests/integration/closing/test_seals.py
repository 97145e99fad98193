"""Seals: what is altered afterwards is named, whoever alters it, as long as one printed seal is at hand."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from portal import closing, files
from portal.closing import verification
from portal.closing.models import PeriodSeal
from portal.closing.seals import Index
from portal.db import db, transaction
from portal.margin.models import PlanVersion
from portal.statements.models import Statement
from tests import factories
from tests.conftest import Acting
from tests.factories import measure
from tests.integration.closing.test_refusals import AT, Close, close, context, drain, refused
from tests.integration.closing.test_refusals import Refused as Refuses

__all__ = ["close", "context", "drain", "refused"]

Verify = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def store(tmp_path: Path) -> Path:
    """A file store of its own."""
    files.configure((tmp_path / "files").as_uri())
    return tmp_path / "files"


@pytest.fixture
def seals(owner: Session, acting: Acting) -> list[str]:
    """Two closed periods of two partners each, sealed: the printed seals, the oldest first."""
    return close_and_seal(owner, acting, "FY26-H1", "FY26-H2")


def close_and_seal(owner: Session, acting: Acting, *codes: str, firms: int = 2) -> list[str]:
    partners = [factories.make_partner(owner) for _ in range(firms)]
    for code in codes:
        period = factories.make_period(owner, code)
        plan = factories.make_plan(owner, period)
        for place, partner in enumerate(partners):
            measure.make_statement(owner, partner, period, plan, f"{1000 + place}.00")
        silently(
            owner, "periods", f"update periods set state = 'closed', closed_at = now() where code = '{code}'"
        )
        seal(acting)
    return list(owner.execute(select(PeriodSeal.sha256).order_by(PeriodSeal.position)).scalars())


def seal(acting: Acting) -> None:
    with acting(None), transaction():
        closing.seal_closed_periods(at=AT)


def silently(owner: Session, table: str, *statements: str) -> None:
    """Change rows as the database's owner can: triggers off."""
    owner.execute(text(f"alter table {table} disable trigger user"))
    for statement in statements:
        owner.execute(text(statement))
    owner.execute(text(f"alter table {table} enable trigger user"))
    owner.commit()


@pytest.fixture
def verify(acting: Acting) -> Verify:
    def run(seal: str = "") -> list[str]:
        with acting(None):
            return [str(broken) for broken in closing.verify_seals(seal, found=closing.Sealed())]

    return run


ALTERED = [
    ("postings", "update postings set amount = amount * 2 where entry_id = 1", "entry 1: altered"),
    ("journal_entries", "update journal_entries set reference = 'x' where id = 3", "entry 3: altered"),
    ("margin_results", "update margin_results set facts = '{\"a\": 1}' where id = 2", "result P-"),
    ("statements", "update statements set payable = 1 where id = 1", "statement R-FY26H1-000001: altered"),
    (
        "plans",
        'update plans set document = document || \'{"min_payout": "9"}\' where id = 1',
        "plan SSII-FY26-H1/000002: altered",
    ),
    ("periods", "update periods set pays_on = pays_on + 1 where id = 1", "period FY26-H1: altered"),
    ("margin_runs", "update margin_runs set inputs_sha256 = 'x' where id = 1", "run 1: altered"),
]


class TestSeals:
    def test_stand_on_each_other_and_hold(self, owner: Session, seals: list[str], verify: Verify) -> None:
        assert verify() == verify(seals[0]) == verify(seals[1]) == []
        index = Index.parse(files.get(seals[1]))
        assert (index.previous, index.sha256) == (seals[0], seals[1])
        assert str(index.amount) == "4002.00"  # two statements, each earned then made payable

    def test_name_what_was_altered_deleted_and_added(
        self, owner: Session, seals: list[str], verify: Verify
    ) -> None:
        for table, change, named in ALTERED:
            silently(owner, table, change)
            assert [line for line in verify() if named in line], (table, verify())
        silently(owner, "postings", "delete from postings where entry_id = 8")
        silently(owner, "journal_entries", "delete from journal_entries where id = 8")
        assert any("FY26-H2 entry 8: deleted; sealed as: P-" in line for line in verify())

    def test_name_it_when_the_whole_chain_was_rewritten_too(
        self, owner: Session, acting: Acting, seals: list[str], verify: Verify
    ) -> None:
        silently(owner, "postings", "update postings set amount = amount * 2 where entry_id = 1")
        silently(owner, "period_seals", "delete from period_seals")
        seal(acting)
        seal(acting)
        rewritten = list(owner.execute(select(PeriodSeal.sha256).order_by(PeriodSeal.position)).scalars())
        assert not set(rewritten) & set(seals)
        assert verify() == []  # the forged chain holds together
        for printed in seals:
            said = verify(printed)
            assert "its chain was rewritten" in said[0]
            assert [
                line for line in said if line.startswith("FY26-H1 entry 1: altered; sealed as: P-")
            ] == said[1:2]

    def test_tell_that_something_was_rewritten_where_the_list_is_lost_as_well(
        self, owner: Session, acting: Acting, seals: list[str], verify: Verify, store: Path
    ) -> None:
        for sha256 in seals:
            (store / sha256[:2] / sha256).unlink()
        assert verify(seals[1]) == []  # made again from the rows, of the same hash
        silently(owner, "statements", "update statements set payable = 1 where id = 1")
        assert any("its rows no longer give it" in line for line in verify(seals[1]))
        silently(owner, "period_seals", "delete from period_seals")
        assert any("rows cannot be named" in line for line in verify(seals[1]))

    def test_leave_to_the_next_one_what_was_paid_since(
        self, owner: Session, acting: Acting, seals: list[str], verify: Verify
    ) -> None:
        entry = """insert into journal_entries (partner_id, period_id, kind, cause_kind, cause_id, posted_on, posted_at, reverses_id)
          select partner_id, period_id, 'reversal', 'entry', id, posted_on, posted_at, id from journal_entries where id = 1"""
        mirror = """insert into postings (partner_id, entry_id, account, component, amount) select p.partner_id, r.id, account, component, -amount
          from postings p join journal_entries r on r.reverses_id = p.entry_id"""
        for statement in (entry, mirror):
            owner.execute(text(statement))
        owner.commit()
        assert verify(seals[1]) == []

    def test_never_change(self, seals: list[str], refused: Refuses) -> None:
        for change in (
            "update period_seals set lines = 1",
            "delete from period_seals",
            "truncate period_seals cascade",
        ):
            assert refused(change) in ("period_seals_immutable", "margin_runs_immutable")
        later = """insert into periods (code, starts_on, ends_before, cut_off_on, pays_on)
          values ('FY31-H1', '2030-07-01', '2031-01-01', '2031-01-15', '2031-01-30')"""
        fork = """insert into period_seals
            (period_id, position, sha256, previous_sha256, lines, amount, last_entry, last_payment, sealed_at)
          select p.id, 9, repeat('a', 64), s.previous_sha256, 1, 0, 0, 0, now()
          from period_seals s, periods p where p.code = 'FY31-H1' and s.position = 2"""
        assert refused(later, fork) == "uq_period_seals_previous_sha256"


class TestVerification:
    def test_asks_as_often_for_many_partners_as_for_few(
        self, owner: Session, acting: Acting, verify: Verify, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(verification, "_recomputed", lambda row: iter(()))
        asked: list[str] = []

        def ask(code: str) -> int:
            asked.clear()
            with acting(None):
                event.listen(db.engine, "before_cursor_execute", note)
                try:
                    list(closing.verify_closed(code))
                    assert not verify()
                finally:
                    event.remove(db.engine, "before_cursor_execute", note)
            return len(asked)

        def note(_connection, _cursor, statement, *_rest) -> None:
            asked.append(statement)

        close_and_seal(owner, acting, "FY26-H1", firms=1)
        few = ask("FY26-H1")
        close_and_seal(owner, acting, "FY26-H2", firms=7)
        many = ask("FY26-H2")
        assert many - few == PER_SEAL


PER_SEAL = 8  # one query for each kind of row


class TestClose:
    def test_seals_by_itself_and_prints_the_seal_before_it(
        self, owner: Session, close: Close, acting: Acting, verify: Verify
    ) -> None:
        before = owner.execute(select(PlanVersion.period_id).order_by(PlanVersion.id)).scalars().first()
        silently(
            owner, "periods", f"update periods set state = 'closed', closed_at = now() where id = {before}"
        )
        close.drain("closing.seal")
        seal(acting)
        close.issue()
        close.drain("closing.seal")
        chain = owner.execute(select(PeriodSeal).order_by(PeriodSeal.position)).scalars().all()
        assert [one.position for one in chain] == [1, 2]
        documents = owner.execute(select(Statement.document)).scalars().all()
        assert [document["seal"] for document in documents] == [
            {"period": "FY26-H1", "sha256": chain[0].sha256}
        ] * 2
        assert verify(chain[0].sha256) == verify() == []
