"""Example 10 of the margin rules, closed; the half-year after it takes what has to be corrected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal import corrections
from portal.corrections.models import CorrectionFinding
from portal.db import transaction
from portal.margin.models import Adjustment
from portal.periods.models import Period
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.integration.closing.test_refusals import Close, close
from tests.workers.conftest import Drain, context, drain

__all__ = ["close", "context", "drain"]

AFTER = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@dataclass
class Closed:
    """The closed half-year, the open one, and who corrects."""

    close: Close
    owner: Session
    open_period: Period
    finance: User
    other: User
    acting: Acting
    drain: Drain

    def recompute(self, *, at: datetime = AFTER, by: User | None = None) -> None:
        person = by or self.finance
        with self.acting(person), transaction():
            corrections.start_recomputation(period_code="FY26-H2", actor_id=person.id, at=at)
        self.drain("corrections.recompute")
        self.owner.rollback()

    def finding(self) -> CorrectionFinding:
        """Of Arvélia, in the last recomputation."""
        query = select(CorrectionFinding).where(CorrectionFinding.partner_id == self.close.firm.partner.id)
        found = self.owner.execute(query.order_by(CorrectionFinding.run_id.desc()).limit(1)).scalar_one()
        self.owner.refresh(found)
        return found

    def adjustments(self) -> Sequence[Adjustment]:
        """Those of the half-year, in the order in which they were made."""
        self.owner.rollback()
        self.owner.expire_all()
        query = select(Adjustment).where(Adjustment.origin_period_id == self.close.firm.period.id)
        return self.owner.execute(query.order_by(Adjustment.id)).scalars().all()

    def approve(self, adjustment: Adjustment, *, by: User | None = None, at: datetime = AFTER) -> None:
        person, seen, public_id = by or self.other, adjustment.version, adjustment.public_id
        self.owner.rollback()
        with self.acting(person), transaction():
            row = corrections.get_adjustment(public_id, for_update=True)
            corrections.approve_adjustment(adjustment=row, seen=seen, actor_id=person.id, at=at)

    def verified(self, number: int, amount: str) -> None:
        """The order of a claim verifies this much by now; nothing where it was cancelled."""
        self.change(
            "update claim_matches m set credited_amount = null, verified_amount = :amount from claim_lines l"
            " where l.id = m.claim_line_id and l.claim_id = :claim",
            amount=Decimal(amount),
            claim=self.close.firm.claims[number].id,
        )

    def change(self, statement: str, **values: Any) -> None:
        self.owner.execute(text(statement), values)
        self.owner.commit()


@pytest.fixture
def closed(owner: Session, close: Close, acting: Acting, drain: Drain) -> Closed:
    period = factories.make_period(owner, "FY27-H1")
    factories.make_plan(owner, period)
    close.issue()
    people = [factories.make_user(owner, Role.FINANCE) for _ in range(2)]
    return Closed(close, owner, period, people[0], people[1], acting, drain)
