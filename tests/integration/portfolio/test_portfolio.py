"""Exactly one PAM on every day, whatever one tries."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock, portfolio
from portal.db import db, transaction
from portal.errors import Invalid, NotFound
from portal.partners.models import Partner
from portal.portfolio.models import Delegation, PamAssignment
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.factories.people import AT

TODAY = date(2026, 11, 23)


@pytest.fixture
def lead(owner: Session, database: str) -> User:
    return factories.make_user(owner, Role.SEGMENT_LEAD)


@pytest.fixture
def pams(owner: Session, database: str) -> list[User]:
    return [factories.make_pam(owner, name=name) for name in ("Ada", "Bo", "Cy")]


@pytest.fixture
def partner(owner: Session, pams: list[User]) -> Partner:
    return factories.make_partner(owner, pam=pams[0])


def schedule(owner: Session, partner: Partner) -> list[tuple[int, date, date | None]]:
    rows = owner.execute(
        select(PamAssignment.pam_id, PamAssignment.starts_on, PamAssignment.ends_before)
        .where(PamAssignment.partner_id == partner.id)
        .order_by(PamAssignment.starts_on)
    ).all()
    owner.rollback()
    return [tuple(row) for row in rows]


def hand_over(lead: User, partner: Partner, pam: User, starts_on: date = TODAY) -> None:
    with transaction():
        portfolio.assign_pam(
            partner_id=partner.id,
            pam_id=pam.id,
            starts_on=starts_on,
            reason="réorganisation",
            actor_id=lead.id,
            at=AT,
        )


class TestPostgresqlRefuses:
    def test_two_pams_on_one_day(self, owner: Session, partner: Partner, pams: list[User]) -> None:
        owner.add(PamAssignment(partner_id=partner.id, pam_id=pams[1].id, starts_on=TODAY, assigned_at=AT))
        with pytest.raises(DBAPIError, match="pam_assignments_one_pam"):
            owner.commit()

    @pytest.mark.parametrize(
        "change",
        [
            "update pam_assignments set ends_before = '2026-12-01'",
            "update pam_assignments set starts_on = '2025-01-01'",
            "delete from pam_assignments",
            "update partners set starts_on = '2020-01-01'",
        ],
    )
    def test_a_day_without_pam(self, owner: Session, partner: Partner, change: str) -> None:
        owner.execute(text(change))
        with pytest.raises(DBAPIError, match="exactly one PAM"):
            owner.commit()

    def test_a_pam_of_the_sales_team_for_an_alliance(self, owner: Session, partner: Partner) -> None:
        owner.execute(text("update partners set unit = 'EPG', segment = 'ALLIANCE'"))
        with pytest.raises(DBAPIError, match="exactly one PAM"):
            owner.commit()

    @pytest.mark.parametrize(
        ("absent", "deputy", "constraint"),
        [
            (0, 0, "not_self"),
            (0, 2, "one_deputy"),
            (1, 2, "deputy cannot be absent"),
            (2, 0, "deputy cannot be absent"),
        ],
    )
    def test_a_deputy_who_cannot_answer(
        self, owner: Session, pams: list[User], absent: int, deputy: int, constraint: str
    ) -> None:
        days: dict[str, Any] = {
            "starts_on": TODAY,
            "ends_before": TODAY + timedelta(days=5),
            "created_at": AT,
        }
        owner.add(Delegation(pam_id=pams[0].id, deputy_id=pams[1].id, **days))
        owner.flush()
        owner.add(Delegation(pam_id=pams[absent].id, deputy_id=pams[deputy].id, **days))
        with pytest.raises(DBAPIError, match=constraint):
            owner.flush()


class TestAssignPam:
    def test_closes_one_assignment_and_opens_the_next_on_the_same_day(
        self, owner: Session, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        with acting(lead):
            hand_over(lead, partner, pams[1])
        assert schedule(owner, partner) == [
            (pams[0].id, date(2024, 7, 1), TODAY), (pams[1].id, TODAY, None),
        ]  # fmt: skip

    def test_may_be_dated_ahead_and_leaves_what_comes_later(
        self, owner: Session, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        january = date(2027, 1, 4)
        with acting(lead):
            hand_over(lead, partner, pams[1], january)
            hand_over(lead, partner, pams[2])
        assert schedule(owner, partner) == [
            (pams[0].id, date(2024, 7, 1), TODAY), (pams[2].id, TODAY, january), (pams[1].id, january, None),
        ]  # fmt: skip

    def test_corrects_a_handover_that_has_not_begun(
        self, owner: Session, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        january = date(2027, 1, 4)
        with acting(lead):
            hand_over(lead, partner, pams[1], january)
            hand_over(lead, partner, pams[2], january)
        assert [row[0] for row in schedule(owner, partner)] == [pams[0].id, pams[2].id]

    def test_tells_the_firm_and_both_pams(
        self, owner: Session, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        admin = factories.make_user(owner, Role.PARTNER_ADMIN, partner=partner)
        with acting(lead):
            hand_over(lead, partner, pams[1])
        rows = owner.execute(
            text("select recipient, context->>'audience' from mails where kind = 'pam.changed'")
        )
        assert sorted(map(tuple, rows)) == sorted(
            [(admin.email, "firm"), (pams[0].email, "old"), (pams[1].email, "new")]
        )

    @pytest.mark.parametrize(
        ("who", "starts_on", "field"),
        [(0, TODAY, "pam"), (1, TODAY - timedelta(days=1), "starts_on")],
    )
    def test_is_refused_beside_the_field(
        self,
        acting: Acting,
        lead: User,
        partner: Partner,
        pams: list[User],
        who: int,
        starts_on: date,
        field: str,
    ) -> None:
        with acting(lead), pytest.raises(Invalid) as refused:
            hand_over(lead, partner, pams[who], starts_on)
        assert list(refused.value.faults) == [field]

    def test_is_refused_for_somebody_who_is_no_pam(
        self, acting: Acting, lead: User, partner: Partner
    ) -> None:
        with acting(lead), pytest.raises(Invalid):
            hand_over(lead, partner, lead)


class TestPamOf:
    def test_says_who_since_when_and_after_whom(
        self, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        with acting(lead):
            hand_over(lead, partner, pams[1])
            before = portfolio.pam_of([partner.id], TODAY - timedelta(days=1))[partner.id]
            now = portfolio.pam_of([partner.id], TODAY)[partner.id]
        assert (before.name, before.previous) == ("Ada", None)
        assert (now.name, now.since, now.previous, now.deputy) == ("Bo", TODAY, "Ada", None)

    def test_names_the_deputy_of_one_who_is_away(
        self, owner: Session, acting: Acting, partner: Partner, pams: list[User]
    ) -> None:
        admin = factories.make_user(owner, Role.PARTNER_ADMIN, partner=partner)
        with acting(pams[0]), transaction():
            portfolio.set_absence(
                pam_id=pams[0].id,
                deputy_id=pams[2].id,
                starts_on=TODAY,
                last_day=TODAY,
                actor_id=pams[0].id,
                at=AT,
            )
        with acting(admin):
            today = portfolio.pam_of([partner.id], TODAY)[partner.id]
            tomorrow = portfolio.pam_of([partner.id], TODAY + timedelta(days=1))[partner.id]
        assert (today.name, today.deputy, today.away_until) == ("Ada", "Cy", TODAY + timedelta(days=1))
        assert tomorrow.deputy is None


class TestAbsence:
    def test_can_be_taken_back_before_it_begins_and_ended_after(
        self, owner: Session, acting: Acting, pams: list[User]
    ) -> None:
        with acting(pams[0]):
            for starts_on in (TODAY, TODAY + timedelta(days=10)):
                with transaction():
                    portfolio.set_absence(
                        pam_id=pams[0].id, deputy_id=pams[1].id, starts_on=starts_on,
                        last_day=starts_on + timedelta(days=4), actor_id=pams[0].id, at=AT,
                    )  # fmt: skip
            first, second = portfolio.list_delegations(pams[0].id, TODAY)
            later = AT + timedelta(days=2)
            for row in (first, second):
                with transaction():
                    portfolio.end_absence(
                        delegation_id=row.id, pam_id=pams[0].id, actor_id=pams[0].id, at=later
                    )
        rows = owner.execute(select(Delegation.starts_on, Delegation.ends_before)).all()
        assert [tuple(row) for row in rows] == [(TODAY, TODAY + timedelta(days=2))]

    def test_of_somebody_else_is_not_found(self, acting: Acting, pams: list[User]) -> None:
        with acting(pams[0]), pytest.raises(NotFound):
            portfolio.end_absence(delegation_id=1, pam_id=pams[0].id, actor_id=pams[0].id, at=AT)


class TestLoads:
    def test_count_partners_by_pam(
        self, owner: Session, acting: Acting, lead: User, partner: Partner, pams: list[User]
    ) -> None:
        with acting(lead):
            loads = {
                row.name: row.partners
                for row in portfolio.list_loads(clock.real_now().astimezone(clock.PARIS).date())
            }
        assert loads["Ada"] == 1
        assert loads["Bo"] == 0
        assert db is not None
