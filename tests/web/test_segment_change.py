"""A firm comes into another segment: by the page, told to the firm, refused where a statement covers the day."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.db import violated_constraint
from portal.mail.models import Mail
from portal.partners.models import Partner, Segment, SegmentChange
from portal.periods.models import PeriodState
from portal.users.models import Role
from tests import factories
from tests.web.conftest import ClientFor


@pytest.fixture
def firm(owner: Session) -> Partner:
    firm = factories.make_partner(owner)
    factories.make_user(owner, Role.PARTNER_ADMIN, partner=firm)
    return firm


def form(**given: str) -> dict[str, str]:
    return {"segment": "VAR", "changes_on": clock.today().isoformat(), "reason": "rachat", **given}


class TestChangeOfSegment:
    def test_is_dated_and_told(self, owner: Session, firm: Partner, client_for: ClientFor) -> None:
        browser = client_for(factories.make_user(owner, Role.PROGRAMME_MANAGER))
        page = f"/staff/partners/{firm.public_id}"
        assert "Changer son segment" in browser.get(page).get_data(as_text=True)
        assert browser.send(f"{page}/segment", form()).status_code == 303
        owner.expire_all()
        change = owner.execute(select(SegmentChange)).scalar_one()
        assert (owner.get_one(Partner, firm.id).segment, change.before) == (Segment.VAR, Segment.SSII)
        assert len(owner.execute(select(Mail).where(Mail.kind == "partner.segment_changed")).all()) == 1
        assert "rachat" in browser.get(page).get_data(as_text=True)

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"segment": "SSII"}, ""),
            ({"changes_on": "2099-01-01"}, "aujourd’hui au plus tard"),
            ({"changes_on": "2026-06-30"}, "déjà arrêtée"),
            ({"reason": ""}, ""),
        ],
    )
    def test_is_refused_beside_its_field(
        self, owner: Session, firm: Partner, client_for: ClientFor, given: dict[str, str], said: str
    ) -> None:
        factories.make_period(owner, "FY26-H2", state=PeriodState.APPROVED)
        browser = client_for(factories.make_user(owner, Role.PROGRAMME_MANAGER))
        answer = browser.send(f"/staff/partners/{firm.public_id}/segment", form(**given))
        assert answer.status_code == 422
        assert said in answer.get_data(as_text=True)
        assert owner.execute(select(SegmentChange)).first() is None

    def test_is_the_programme_managers_alone(
        self, owner: Session, firm: Partner, client_for: ClientFor
    ) -> None:
        for role in (Role.SEGMENT_LEAD, Role.FINANCE, Role.ADMIN):
            browser = client_for(factories.make_user(owner, role))
            assert browser.send(f"/staff/partners/{firm.public_id}/segment", form()).status_code == 403


class TestPostgreSQL:
    @pytest.mark.parametrize(
        ("statement", "constraint"),
        [
            ("update partners set segment = 'VAR' where id = :firm", "partners_segment_dated"),
            ("insert into segment_changes (partner_id, changes_on, before, after, reason, changed_by_id, changed_at)"
             " values (:firm, :on, 'SSII', 'VAR', 'x', :who, now())", "partners_segment_dated"),
            ("insert into segment_changes (partner_id, changes_on, before, after, reason, changed_by_id, changed_at)"
             " values (:firm, :on, 'VAR', 'VAR', 'x', :who, now())", "ck_segment_changes_other"),
            ("insert into segment_changes (partner_id, changes_on, before, after, reason, changed_by_id, changed_at)"
             " values (:firm, :on, 'SSII', 'VAR', '', :who, now())", "ck_segment_changes_reason"),
        ],
    )  # fmt: skip
    def test_refuses_a_change_without_its_day_or_a_day_without_its_change(
        self, owner: Session, firm: Partner, statement: str, constraint: str
    ) -> None:
        who = factories.make_user(owner, Role.PROGRAMME_MANAGER).id
        with pytest.raises(DBAPIError) as refused:
            owner.execute(text(statement), {"firm": firm.id, "on": date(2026, 9, 1), "who": who})
            owner.commit()
        owner.rollback()
        assert violated_constraint(refused.value) == constraint
