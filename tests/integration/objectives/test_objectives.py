"""Objectives are told with a reason, accepted once, and never rewritten."""

from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import objectives
from portal.db import transaction
from portal.errors import Invalid, PeriodClosed, Refused, Stale
from portal.objectives.models import Objective
from portal.partners.models import Partner
from portal.periods.models import Period, PeriodState
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.factories import measure
from tests.factories.people import AT


@pytest.fixture
def period(owner: Session, database: str) -> Period:
    return factories.make_period(owner)


@pytest.fixture
def partner(owner: Session, database: str) -> Partner:
    return factories.make_partner(owner)


@pytest.fixture
def admin(owner: Session, partner: Partner) -> User:
    return factories.make_user(owner, Role.PARTNER_ADMIN, partner=partner)


@pytest.fixture
def manager(owner: Session, database: str) -> User:
    return factories.make_user(owner, Role.PROGRAMME_MANAGER)


def tell(
    manager: User, partner: Partner, period: Period, target: str = "1000.00", reason: str = ""
) -> Objective:
    with transaction():
        return objectives.set_objective(
            partner=partner, period=period, target=Decimal(target), baseline=None, reason=reason,
            actor_id=manager.id, at=AT,
        )  # fmt: skip


class TestSetObjective:
    def test_makes_a_first_version_without_reason_and_a_next_one_with(
        self, owner: Session, acting: Acting, manager: User, admin: User, partner: Partner, period: Period
    ) -> None:
        with acting(manager):
            tell(manager, partner, period)
            with pytest.raises(Invalid):
                tell(manager, partner, period, "2000.00")
            tell(manager, partner, period, "2000.00", "rachat d'un concurrent")
            applies = objectives.objectives_of([partner.id], period.id)[partner.id]
        assert (applies.version, applies.target) == (2, Decimal("2000.00"))
        mails = owner.execute(
            text("select recipient, context->>'version' from mails order by queued_at, 2")
        ).all()
        assert [tuple(row) for row in mails] == [(admin.email, "1"), (admin.email, "2")]

    def test_is_refused_once_the_close_has_begun(
        self, owner: Session, acting: Acting, manager: User, partner: Partner
    ) -> None:
        closing = factories.make_period(owner, "FY26-H2", state=PeriodState.CLOSING)
        with acting(manager), pytest.raises(PeriodClosed):
            tell(manager, partner, closing)


class TestAcceptObjective:
    def test_keeps_who_when_and_the_hash_of_the_terms(
        self, owner: Session, acting: Acting, admin: User, partner: Partner, period: Period
    ) -> None:
        measure.make_objective(owner, partner, period, "1000.00")
        with acting(admin), transaction():
            (row,) = objectives.list_objectives(partner.id)
            objective = objectives.get_objective(row.public_id)
            objectives.accept_objective(objective=objective, actor_id=admin.id, at=AT)
            terms = objectives.terms_sha256(objective)
        with acting(admin):
            (row,) = objectives.list_objectives(partner.id)
            assert (row.accepted_by, row.accepted_at, row.accepted_hash) == (admin.name, AT, terms)
            with pytest.raises(Refused):
                objectives.accept_objective(
                    objective=objectives.get_objective(row.public_id), actor_id=admin.id, at=AT
                )

    def test_is_refused_for_a_version_that_was_replaced(
        self, owner: Session, acting: Acting, admin: User, partner: Partner, period: Period
    ) -> None:
        first = measure.make_objective(owner, partner, period, "1000.00")
        measure.make_objective(owner, partner, period, "2000.00", version=2, reason="mieux connu")
        with acting(admin), pytest.raises(Stale):
            objectives.accept_objective(
                objective=objectives.get_objective(first.public_id), actor_id=admin.id, at=AT
            )


class TestPostgresqlRefuses:
    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("target = 5", "can never change"),
            ("accepted_at = now()", "ck_objectives_accepted"),
            ("version = 0", "can never change"),
        ],
    )
    def test_to_rewrite_what_was_notified(
        self, owner: Session, partner: Partner, period: Period, change: str, constraint: str
    ) -> None:
        measure.make_objective(owner, partner, period, "1000.00")
        with pytest.raises(DBAPIError, match=constraint):
            owner.execute(text(f"update objectives set {change}"))

    @pytest.mark.parametrize(
        ("values", "constraint"),
        [
            ({"version": 1}, "uq_objectives_version"),
            ({"version": 2}, "ck_objectives_reason"),
            ({"version": 2, "reason": "x", "baseline": Decimal(-1)}, "ck_objectives_baseline"),
        ],
    )
    def test_a_second_version_that_says_nothing(
        self, owner: Session, partner: Partner, period: Period, values: dict[str, object], constraint: str
    ) -> None:
        measure.make_objective(owner, partner, period, "1000.00")
        with pytest.raises(DBAPIError, match=constraint):
            measure.make_objective(owner, partner, period, "1000.00", **values)

    def test_a_partner_to_accept_for_another(
        self, owner: Session, acting: Acting, partner: Partner, period: Period
    ) -> None:
        from sqlalchemy import update

        from portal.db import db

        measure.make_objective(owner, partner, period, "1000.00")
        other = factories.make_user(owner, Role.PARTNER_ADMIN, partner=factories.make_partner(owner))
        with acting(other):
            done = db.session.execute(
                update(Objective).values(accepted_by_id=other.id, accepted_at=AT, accepted_hash="x")
            )
        assert done.rowcount == 0
