"""A rule that was wrong is corrected by a version of the plan: the closed period keeps what it stated."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from portal import corrections, margin
from portal.db import db, transaction
from portal.errors import Forbidden
from portal.margin.models import MarginResult, PlanVersion
from portal.statements.models import Statement
from portal.users.models import Role, User
from tests import factories
from tests.integration.corrections.conftest import AFTER, Closed


def corrected(closed: Closed, writer: User, **changes: Any) -> int:
    """The next version of the plan of the closed half-year, as its writer proposes it."""
    with closed.acting(writer), transaction():
        period_id = closed.close.firm.period.id
        query = (
            select(PlanVersion).where(PlanVersion.period_id == period_id).order_by(PlanVersion.version.desc())
        )
        before = db.session.execute(query.limit(1)).scalar_one()
        plan = margin.new_version(
            plan=before,
            reason="Le plafond par partenaire devait être de 9 000 €",
            actor_id=writer.id,
            at=AFTER,
        )
        document = deepcopy(plan.document) | changes
        margin.save_draft(plan=plan, document=document, actor_id=writer.id, at=AFTER)
        margin.propose_plan(plan=plan, actor_id=writer.id, at=AFTER)
        return plan.id


def publish(closed: Closed, plan_id: int, by: User) -> None:
    with closed.acting(by), transaction():
        plan = db.session.get_one(PlanVersion, plan_id)
        margin.publish_plan(plan=plan, seen_at=plan.written_at, actor_id=by.id, at=AFTER)


def stated(closed: Closed) -> tuple[Decimal, str]:
    closed.owner.rollback()
    query = select(MarginResult.earnings, Statement.document_sha256).join(
        Statement, Statement.result_id == MarginResult.id
    )
    row = closed.owner.execute(query.where(Statement.partner_id == closed.close.firm.partner.id)).one()
    return row[0], row[1]


class TestACorrectedPlan:
    def test_becomes_an_adjustment_of_the_open_period_after_caps(self, closed: Closed) -> None:
        writer, publisher = (factories.make_user(closed.owner, Role.PROGRAMME_MANAGER) for _ in range(2))
        before = stated(closed)
        plan = corrected(closed, writer, partner_cap="8200.00")
        with pytest.raises(Forbidden):
            publish(closed, plan, writer)
        closed.recompute()
        assert closed.finding().after_amount == Decimal("8000.00")  # what is only proposed applies to nobody
        publish(closed, plan, publisher)
        closed.recompute()
        found = closed.adjustments()[-1]
        assert (found.before_amount, found.after_amount, found.amount) == (
            Decimal("8000.00"), Decimal("8200.00"), Decimal("200.00"),  # of 8 256.89 before the limit
        )  # fmt: skip
        assert (found.reason_code, found.plan_id) == ("RULE_CORRECTED", plan)
        assert found.changes[0]["what"] == "plan"
        assert (found.period_id, found.origin_period_id) == (
            closed.open_period.id,
            closed.close.firm.period.id,
        )
        closed.approve(found)
        with closed.acting(closed.close.firm.admin):
            statement = db.session.execute(select(Statement)).scalars().first()
            assert statement is not None
            later = corrections.corrections_of_statement(statement.id)
            assert [(row.amount, row.period) for row in later][-1] == (Decimal("200.00"), "FY27-H1")
        assert stated(closed) == before
        closed.recompute()
        assert closed.finding().outcome == corrections.Outcome.ADJUSTED
