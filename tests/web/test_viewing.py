"""A PAM looks at the portal as a firm does: read-only, marked, on record, and no longer than it is the firm's PAM."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import users
from portal.access.identity import Person, resume
from portal.claims import ClaimState
from portal.claims.models import Claim
from portal.db import acting_as, at_the_gate, db, transaction
from portal.partners.models import Partner
from portal.users.models import Role, User
from tests import factories
from tests.factories.people import AT
from tests.web.conftest import Browser, ClientFor
from tests.web.lived_in import People, inhabitants, pages
from tests.workers.conftest import context, drain

__all__ = ["context", "drain", "inhabitants"]


@pytest.fixture
def firm(owner: Session, inhabitants: People) -> Partner:
    return owner.get_one(Partner, inhabitants[Role.PARTNER_ADMIN].partner_id)


@pytest.fixture
def looking(client_for: ClientFor, inhabitants: People, firm: Partner) -> Browser:
    """The firm's PAM, who has begun to look as it does."""
    browser = client_for(inhabitants[Role.PAM])
    assert browser.send(f"/staff/partners/{firm.public_id}/view").status_code == 303
    return browser


class TestLookingAsAFirmDoes:
    def test_shows_the_firms_pages_each_with_the_banner(
        self, app: Flask, looking: Browser, firm: Partner
    ) -> None:
        seen = dict(pages(app, looking))
        assert {"/", "/claims", "/objectives", "/statements"} <= seen.keys()
        assert not [path for path, shown in seen.items() if 'class="viewing"' not in shown]
        assert firm.legal_name in seen["/"]

    def test_changes_nothing_and_opens_no_paper(self, looking: Browser) -> None:
        for path in ("/claims/new", "/account/locale", "/account/profile"):
            assert looking.send(path).status_code == 403, path
        assert looking.get("/files/00000000-0000-0000-0000-000000000000").status_code == 403

    def test_keeps_the_firms_drafts_to_the_firm(self, looking: Browser, owner: Session) -> None:
        draft = owner.query(Claim).filter_by(state=ClaimState.DRAFT).first()
        assert draft and looking.get(f"/claims/{draft.public_id}").status_code == 404

    def test_is_on_record_from_its_beginning_to_its_end(self, looking: Browser, owner: Session) -> None:
        looking.send("/view/stop")
        told = "select action from audit_records where action like 'partner.view%' order by id"
        assert owner.execute(text(told)).scalars().all() == ["partner.viewed", "partner.view_ended"]
        assert looking.get("/staff/queue").status_code == 200

    def test_is_refused_for_a_firm_of_another(
        self, client_for: ClientFor, inhabitants: People, owner: Session
    ) -> None:
        other = factories.make_partner(owner)
        refused = client_for(inhabitants[Role.PAM]).send(f"/staff/partners/{other.public_id}/view")
        assert refused.status_code == 403


class TestPostgresqlOfSomebodyLooking:
    def look(self, owner: Session, pam: User, partner: Partner) -> Person:
        """The person of a new session of this PAM, once told to look as this firm."""
        token = factories.make_session(owner, pam)
        with at_the_gate(), transaction():
            users.view_partner(token=token, partner_id=partner.id, at=AT)
        person = resume(token)
        assert person
        return person

    @pytest.mark.usefixtures("portal")
    def test_refuses_every_write(self, owner: Session) -> None:
        pam = factories.make_pam(owner)
        firm = factories.make_partner(owner, pam=pam)
        person = self.look(owner, pam, firm)
        assert (person.role, person.partner_id) == (Role.PARTNER_MEMBER, firm.id)
        for written in ("update users set name = 'x'", "set transaction read write"):
            with acting_as(person.identity), pytest.raises(DBAPIError, match="read-"), transaction():
                db.session.execute(text(written))

    @pytest.mark.usefixtures("portal")
    def test_lets_nobody_look_as_a_firm_that_another_follows(self, owner: Session) -> None:
        person = self.look(owner, factories.make_pam(owner), factories.make_partner(owner))
        assert (person.role, person.partner_id, person.viewing) == (Role.PAM, None, False)
