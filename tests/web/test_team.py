"""The firm's people, its billing profile, and the administrators' list of everybody."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditRecord
from portal.mail.models import Mail
from portal.partners.models import BillingContact, BillingProfile, Partner
from portal.users.models import Role, User, UserState
from tests import factories
from tests.web.conftest import Browser, ClientFor


@pytest.fixture
def firm(owner: Session) -> Partner:
    return factories.make_partner(owner, legal_name="Arvélia Conseil")


@pytest.fixture
def admin(owner: Session, firm: Partner) -> User:
    return factories.make_user(owner, Role.PARTNER_ADMIN, partner=firm, name="Hélène")


@pytest.fixture
def member(owner: Session, firm: Partner) -> User:
    return factories.make_user(owner, Role.PARTNER_MEMBER, partner=firm, name="Yanis")


class TestTeam:
    def test_shows_colleagues_and_nobody_else(
        self, client_for: ClientFor, owner: Session, admin: User, member: User
    ) -> None:
        other = factories.make_user(owner, Role.PARTNER_ADMIN, partner=factories.make_partner(owner))
        page = client_for(member).get("/team").text
        assert admin.email in page
        assert other.email not in page
        assert "/team/invite" not in page, "a member manages nothing"

    def test_invites_a_colleague_by_mail(self, client_for: ClientFor, owner: Session, admin: User) -> None:
        typed = {
            "name": "Tom Leroux",
            "email": "Tom@Arvelia.Example",
            "role": "partner_member",
            "locale": "en",
        }
        assert client_for(admin).send("/team/invite", typed).status_code == 303
        invited = owner.execute(select(User).where(User.email == "tom@arvelia.example")).scalar_one()
        assert (invited.state, invited.partner_id, invited.locale) == (
            UserState.INVITED,
            admin.partner_id,
            "en",
        )
        mail = owner.execute(select(Mail)).scalar_one()
        assert (mail.kind, mail.recipient, mail.locale) == ("account.invitation", invited.email, "en")
        assert mail.context == {"invited_by": "Hélène", "firm": "Arvélia Conseil"}
        assert owner.execute(select(AuditRecord.action)).scalars().all() == ["user.invited"]

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"email": "not an address"}, "Ce n’est pas une adresse"),
            ({"name": ""}, "Remplissez"),
            ({"role": "finance"}, "réponses proposées"),
        ],
    )
    def test_refuses_an_invitation_and_keeps_what_was_typed(
        self, client_for: ClientFor, owner: Session, admin: User, change: dict[str, str], words: str
    ) -> None:
        typed = {
            "name": "Tom Leroux",
            "email": "tom@arvelia.example",
            "role": "partner_member",
            "locale": "fr",
            **change,
        }
        answer = client_for(admin).send("/team/invite", typed)
        assert answer.status_code == 422
        assert words in answer.text
        assert f'value="{typed["email"]}"' in answer.text
        assert owner.execute(select(Mail.id)).first() is None

    def test_says_when_an_address_already_has_an_account(
        self, client_for: ClientFor, admin: User, member: User, owner: Session
    ) -> None:
        elsewhere = factories.make_user(owner, Role.PARTNER_ADMIN, partner=factories.make_partner(owner))
        for email in (member.email, elsewhere.email):
            typed = {"name": "X", "email": email, "role": "partner_member", "locale": "fr"}
            answer = client_for(admin).send("/team/invite", typed)
            assert answer.status_code == 422
            assert "elle a déjà un compte" in answer.text

    def test_changes_a_role_and_ends_the_sessions(
        self, client_for: ClientFor, owner: Session, admin: User, member: User
    ) -> None:
        theirs = client_for(member)
        assert (
            client_for(admin).send(f"/team/{member.public_id}", {"role": "partner_admin"}).status_code == 303
        )
        assert theirs.get("/team").status_code == 303
        owner.refresh(member)
        assert member.role is Role.PARTNER_ADMIN

    def test_lets_somebody_go_and_come_back(
        self, client_for: ClientFor, owner: Session, admin: User, member: User
    ) -> None:
        theirs, browser = client_for(member), client_for(admin)
        browser.send(f"/team/{member.public_id}/leave")
        assert theirs.get("/team").status_code == 303
        browser.send(f"/team/{member.public_id}/invite")
        owner.refresh(member)
        assert member.state is UserState.INVITED

    def test_never_changes_oneself(self, client_for: ClientFor, owner: Session, admin: User) -> None:
        browser = client_for(admin)
        assert browser.send(f"/team/{admin.public_id}", {"role": "partner_member"}).status_code == 422
        page = browser.send(f"/team/{admin.public_id}/leave", follow_redirects=True).text
        assert "votre propre accès" in page
        owner.refresh(admin)
        assert (admin.role, admin.state) == (Role.PARTNER_ADMIN, UserState.ACTIVE)

    def test_is_a_members_to_read_only(self, client_for: ClientFor, admin: User, member: User) -> None:
        browser = client_for(member)
        for path in ("/team/invite", "/team/billing", f"/team/{admin.public_id}/leave"):
            assert browser.send(path).status_code == 403

    def test_finds_nobody_of_another_firm_and_no_staff(
        self, client_for: ClientFor, owner: Session, admin: User
    ) -> None:
        browser = client_for(admin)
        others = (factories.make_user(owner, Role.PARTNER_MEMBER, partner=factories.make_partner(owner)),
                  factories.make_pam(owner))  # fmt: skip
        for other in others:
            assert browser.get(f"/team/{other.public_id}").status_code == 404
            assert browser.send(f"/team/{other.public_id}/leave").status_code == 404


class TestBilling:
    IBAN = "FR14 2004 1010 0505 0001 3M02 606"

    def save(self, browser: Browser, **typed: str):
        return browser.send(
            "/team/billing", {"iban": self.IBAN, "vat_number": "", "delivery": "link", **typed}
        )

    def test_keeps_a_checked_account(
        self, client_for: ClientFor, owner: Session, admin: User, firm: Partner
    ) -> None:
        assert self.save(client_for(admin), self_billing="y").status_code == 303
        profile = owner.get(BillingProfile, firm.id)
        assert (profile.iban, profile.delivery) == ("FR1420041010050500013M02606", "link")
        assert profile.self_billing_agreed_on is not None
        record = owner.execute(select(AuditRecord)).scalar_one()
        assert record.details["iban_after"] == "2606", "the record does not hold the account"

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"iban": "FR14 2004 1010 0505 0001 3M02 607"}, "Cet IBAN n’existe pas"),
            ({"vat_number": "FR99"}, "Ce numéro de TVA n’existe pas"),
            ({"vat_number": "FR40303265045"}, "celui d’une autre entreprise"),
        ],
    )
    def test_refuses_numbers_that_cannot_be(
        self, client_for: ClientFor, owner: Session, admin: User, typed: dict[str, str], words: str
    ) -> None:
        answer = self.save(client_for(admin), **typed)
        assert answer.status_code == 422
        assert words in answer.text
        assert owner.execute(select(BillingProfile.partner_id)).first() is None

    def test_adds_and_removes_who_receives_the_statements(
        self, client_for: ClientFor, owner: Session, admin: User
    ) -> None:
        browser = client_for(admin)
        typed = {"name": "Compta", "email": "compta@arvelia.example", "locale": "fr"}
        assert browser.send("/team/contacts", typed).status_code == 303
        assert "reçoit déjà" in browser.send("/team/contacts", typed).text
        assert browser.send("/team/contacts/remove", {"email": typed["email"]}).status_code == 303
        assert browser.send("/team/contacts/remove", {"email": typed["email"]}).status_code == 404
        assert owner.execute(select(BillingContact.id)).first() is None


class TestUsers:
    def test_are_found_by_name_address_and_role(
        self, client_for: ClientFor, owner: Session, member: User
    ) -> None:
        browser = client_for(factories.make_user(owner, Role.ADMIN))
        assert member.email in browser.get("/staff/users?q=yan").text
        assert member.email not in browser.get("/staff/users?q=yan&role=finance").text
        assert browser.get("/staff/users?q=%25_&role=what&page=-3").status_code == 200

    def test_are_invited_on_both_sides(self, client_for: ClientFor, owner: Session, firm: Partner) -> None:
        browser = client_for(factories.make_user(owner, Role.ADMIN))
        typed = {
            "name": "Léa",
            "email": "lea@pst.example",
            "locale": "fr",
            "role": "segment_lead",
            "segment": "SSII",
        }
        assert browser.send("/staff/users/invite", typed).status_code == 303
        lead = owner.execute(select(User).where(User.email == typed["email"])).scalar_one()
        assert (lead.role, lead.segment, lead.partner_id) == (Role.SEGMENT_LEAD, "SSII", None)
        typed |= {"email": "x@firm.example", "role": "partner_admin", "partner_code": "p-99999"}
        assert "Aucune société" in browser.send("/staff/users/invite", typed).text
        typed["partner_code"] = firm.code.lower()
        assert browser.send("/staff/users/invite", typed).status_code == 303

    def test_of_the_vendor_keep_their_partners_until_handed_over(
        self, client_for: ClientFor, owner: Session
    ) -> None:
        pam = factories.make_pam(owner)
        factories.make_partner(owner, pam=pam)
        browser = client_for(factories.make_user(owner, Role.ADMIN))
        page = browser.send(f"/staff/users/{pam.public_id}/leave", follow_redirects=True).text
        assert "suit encore des partenaires" in page
        owner.refresh(pam)
        assert pam.state is UserState.ACTIVE

    def test_are_an_administrators_matter(self, client_for: ClientFor, owner: Session, admin: User) -> None:
        for user in (admin, factories.make_user(owner, Role.FINANCE)):
            assert client_for(user).get("/staff/users").status_code == 403
