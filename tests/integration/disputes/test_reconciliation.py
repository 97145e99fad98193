"""A firm's file becomes differences, and one dispute of what it can contest."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import disputes
from portal.db import db, transaction
from portal.disputes import Cause, DisputeReason
from portal.statements.models import Statement
from tests.conftest import Acting
from tests.integration.disputes.conftest import Stated

FILE = b"dossier;montant\nD-FY26-000001;48000,00\nD-FY26-000003;27415,33\nD-FY26-000077;10,00\n"


class TestReconcile:
    def test_gives_differences_and_one_grouped_dispute(
        self, owner: Session, acting: Acting, stated: Stated
    ) -> None:
        expected, _faults = disputes.read_expected(FILE)
        with acting(stated.admin), transaction():
            statement = db.session.get_one(Statement, stated.statement.id)
            kept = disputes.reconcile(
                statement=statement, expected=expected, content=FILE, name="releve.csv",
                actor_id=stated.admin.id, at=stated.at,
            )  # fmt: skip
            by_cause = disputes.list_differences(kept.id)
            assert {row.reference for row in by_cause[Cause.WEIGHT]} == {"D-FY26-000003"}
            assert {row.reference for row in by_cause[Cause.NOT_DECLARED]} == {"D-FY26-000077"}
            opened = disputes.dispute_differences(
                reconciliation=kept, statement=statement, words="Nos chiffres diffèrent",
                actor_id=stated.admin.id, at=stated.at,
            )  # fmt: skip
            assert opened.reason is DisputeReason.RECONCILIATION
            assert [row.key for row in disputes.list_lines(dispute_id=opened.id)] == ["D-FY26-000003"]
        with pytest.raises(DBAPIError) as caught:
            owner.execute(text("update reconciliations set name = 'x'"))
        assert caught.value.orig.diag.constraint_name == "reconciliations_immutable"  # type: ignore[union-attr]
