"""What a dispute keeps of a payment: what rests on its lines, to the cent, until it ends; never what is paid."""

from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import corrections, disputes, statements
from portal.db import AnyRow, db, transaction
from portal.disputes import DisputedKind, DisputedLine, LineState
from portal.errors import Invalid
from portal.statements import Blocker, Transfer
from portal.statements.models import Statement
from tests import factories
from tests.conftest import Acting
from tests.integration.disputes.conftest import Stated
from tests.integration.disputes.test_disputes import LEFT, decide
from tests.workers.conftest import Drain

PAYABLE = Decimal("7675.73")
C1, C2, ABOVE_THE_CAP = Decimal("3968.47"), Decimal("1034.57"), Decimal("256.89")


def contest(stated: Stated, acting: Acting, kind: str, key: str) -> int:
    with acting(stated.admin), transaction():
        statement = db.session.get_one(Statement, stated.statement.id)
        line = disputes.find_line(statement.document, kind, key)  # type: ignore[arg-type]
        assert line is not None
        return disputes.open_dispute(
            statement=statement, lines=[(line, None)], reason=disputes.DisputeReason.AMOUNT, words="Voir le bon",
            actor_id=stated.admin.id, at=stated.at,
        ).id  # fmt: skip


def due(stated: Stated, acting: Acting) -> AnyRow:
    with acting(stated.finance):
        return statements.get_due(db.session.get_one(Statement, stated.statement.id))


def pay(stated: Stated, acting: Acting, amount: Decimal, reference: str = "VIR 1") -> None:
    on = stated.statement.issued_on
    with acting(stated.finance), transaction():
        statements.pay_statement(
            statement=db.session.get_one(Statement, stated.statement.id),
            transfer=Transfer(amount, on, reference), actor_id=stated.finance.id, at=stated.at, today=on,
        )  # fmt: skip


class TestSuspension:
    def test_of_several_disputes_is_each_line_to_the_cent_and_ends_with_each(
        self, acting: Acting, stated: Stated, drain: Drain
    ) -> None:
        contest(stated, acting, LEFT, "D-FY26-000005/WIN_SERVER")  # of which nothing is paid
        row = due(stated, acting)
        assert (row.suspended, row.due) == (0, PAYABLE)
        assert Blocker.DISPUTE not in statements.blockers_of(row, stated.at.date())
        first, second = (contest(stated, acting, "component", code) for code in ("C1", "C2"))
        assert due(stated, acting).suspended == C1 - ABOVE_THE_CAP + C2
        assert due(stated, acting).due == PAYABLE - (C1 - ABOVE_THE_CAP + C2)
        decide(stated, acting, first, stated.lead, LineState.ACCEPTED)
        drain("disputes.suspend")
        row = due(stated, acting)
        assert (row.suspended, row.due) == (C2 - ABOVE_THE_CAP, PAYABLE - (C2 - ABOVE_THE_CAP))
        assert statements.blockers_of(row, stated.at.date())[0] is Blocker.DISPUTE
        with pytest.raises(Invalid) as refused:
            pay(stated, acting, row.due + Decimal("0.01"))
        assert refused.value.faults == {"amount": "payment_of_disputed"}
        pay(stated, acting, row.due)
        with acting(stated.admin), transaction():
            disputes.withdraw_dispute(
                dispute=db.session.get_one(disputes.Dispute, second),
                statement=db.session.get_one(Statement, stated.statement.id),
                actor_id=stated.admin.id, at=stated.at,
            )  # fmt: skip
        drain("disputes.suspend")
        assert (due(stated, acting).suspended, due(stated, acting).due) == (0, C2 - ABOVE_THE_CAP)

    def test_takes_nothing_from_what_was_paid_and_is_kept_by_postgresql_too(
        self, owner: Session, acting: Acting, stated: Stated
    ) -> None:
        pay(stated, acting, PAYABLE - 1000)
        contest(stated, acting, "component", "C1")
        row = due(stated, acting)
        assert (row.suspended, row.due) == (1000, 0)
        with pytest.raises(DBAPIError) as refused:
            owner.execute(
                text(
                    "insert into payments (partner_id, statement_id, amount, paid_on, reference, recorded_by_id, recorded_at)"
                    " select partner_id, id, 0.01, issued_on, 'VIR 2', :me, now() from statements where id = :id"
                ),
                {"id": stated.statement.id, "me": stated.finance.id},
            )
        assert refused.value.orig.diag.constraint_name == "payments_within_due"  # type: ignore[union-attr]

    def test_once_accepted_leads_to_what_the_plan_pays_beyond_what_is_stated(
        self, owner: Session, acting: Acting, stated: Stated
    ) -> None:
        cases = {
            ("component", "C1", "3968.48"): "0.00",  # the limit of the partner stands before and after
            ("component", "C1", "3600.00"): "-111.58",
            ("claim", "D-FY26-000006", "0.00"): "-876.06",
            ("objective", "target", "180000.00"): "-433.11",
            ("adjustment", "1", "0.00"): "412.37",
            ("carry_in", "carry_in", "100.00"): "11.90",
            ("not_counted", "D-FY26-000005/WIN_SERVER", "22000.00"): "None",
        }
        with acting(stated.finance):
            statement = db.session.get_one(Statement, stated.statement.id)
            printed = {(one.kind, one.key): one.amount for one in disputes.lines_of(statement.document)}  # type: ignore[arg-type]
            found = {}
            for kind, key, expected in cases:
                line = DisputedLine(kind=DisputedKind(kind), key=key, expected=Decimal(expected))
                line.stated = printed[(line.kind, key)]
                found[kind, key, expected] = str(disputes.correction_of(statement, line))
            c1, claim = (
                DisputedLine(kind=DisputedKind(kind), key=key, expected=Decimal(expected))
                for kind, key, expected in (("component", "C1", "3600.00"), ("component", "C3", "2500.00"))
            )
            alone, after = (
                disputes.correction_of(statement, claim, adjusted=beside) for beside in ((), [c1])
            )
        assert found == cases
        assert (str(alone), str(after)) == (
            "0.00",
            "111.58",
        )  # the room that the first leaves below the limit
        factories.make_period(owner, "FY27-H1")
        contest(stated, acting, "component", "C1")
        with (
            acting(stated.finance),
            pytest.raises(DBAPIError, match="no such line was accepted"),
            transaction(),
        ):
            corrections.propose_by_hand(
                partner_code="P-00042", amount=Decimal(1), reason_code="GOODWILL", note="x", origin_code="FY26-H2",
                in_result=False, actor_id=stated.finance.id, at=stated.at,
                dispute_line=db.session.execute(select(DisputedLine)).scalar_one(),
            )  # fmt: skip
