"""A plan that applies, its next version as a draft, and the people who write and publish."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.margin.models import PlanState, PlanVersion
from portal.periods.models import Period
from portal.users.models import Role, User
from tests import factories

DOCUMENTS = factories.programme.ROOT / "portal/demo/plans"


@dataclass
class House:
    """Who and what these tests play with."""

    period: Period
    writer: User
    other: User
    finance: User
    plan: PlanVersion


def a_document(**changed: Any) -> dict[str, Any]:
    """The demo's plan of services firms."""
    document: dict[str, Any] = json.loads((DOCUMENTS / "ssii-fy27-h1.json").read_text())
    return document | changed


@pytest.fixture
def house(owner: Session) -> House:
    """Version 1 is published."""
    factories.make_catalogue(owner)
    period = factories.make_period(owner)
    writer, other = (factories.make_user(owner, Role.PROGRAMME_MANAGER) for _ in range(2))
    finance = factories.make_user(owner, Role.FINANCE)
    return House(period, writer, other, finance, factories.make_plan(owner, period, a_document()))


@pytest.fixture
def draft(owner: Session, house: House) -> PlanVersion:
    """Version 2 is being written."""
    return factories.make_plan(
        owner, house.period, a_document(version="2", partner_cap="9500.00"), state=PlanState.DRAFT,
        published_by_id=None, published_at=None, written_by_id=house.writer.id, reason="Plafond relevé",
    )  # fmt: skip
