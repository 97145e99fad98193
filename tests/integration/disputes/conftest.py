"""A statement of example 10, issued today, and the people around it."""

from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock, closing
from portal.db import transaction
from portal.statements.models import Statement
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.integration.margin_facts import arvelia
from tests.workers.conftest import Drain, context, drain

__all__ = ["context", "drain"]

PERIOD = "FY26-H2"


@dataclass
class Stated:
    """The firm, its statement, and who did what to it."""

    firm: arvelia.Arvelia
    statement: Statement
    manager: User
    finance: User
    lead: User
    at: datetime

    @property
    def admin(self) -> User:
        """The firm's administrator."""
        return self.firm.admin


@pytest.fixture
def stated(owner: Session, acting: Acting, drain: Drain) -> Stated:
    """Example 10, computed, approved and issued now."""
    at = clock.now()
    firm = arvelia.arrange(owner)
    roles = (Role.PROGRAMME_MANAGER, Role.FINANCE, Role.SEGMENT_LEAD)
    manager, finance, lead = (factories.make_user(owner, role) for role in roles)
    with acting(manager), transaction():
        closing.start_closing(period_code=PERIOD, actor_id=manager.id, at=at)
    drain("margin.compute")
    with acting(manager), transaction():
        closing.propose_close(period_code=PERIOD, actor_id=manager.id, at=at)
    with acting(finance), transaction():
        closing.approve_close(period_code=PERIOD, run_number=1, actor_id=finance.id, at=at)
    drain("closing.issue")
    owner.rollback()
    statement = owner.execute(select(Statement).where(Statement.partner_id == firm.partner.id)).scalar_one()
    return Stated(firm, statement, manager, finance, lead, at)
