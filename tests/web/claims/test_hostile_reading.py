"""What strangers to a claim cannot find out by its pages, and addresses that nobody types."""

import pytest

from portal.users.models import Role
from tests import factories
from tests.integration.claims.conftest import World
from tests.web.claims.conftest import page
from tests.web.conftest import Browser, ClientFor


class TestAConfidentialCustomer:
    @pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.PROGRAMME_MANAGER, Role.SEGMENT_LEAD])
    @pytest.mark.parametrize("path", ["/search?q={}", "/staff/claims?q={}", "/staff/claims?export=csv&q={}"])
    def test_is_not_found_by_those_who_may_not_know_its_name(
        self, world: World, client_for: ClientFor, role: Role, path: str
    ) -> None:
        claim = world.submitted(confidential=True, customer_name="Secretissime")
        reader = client_for(factories.make_user(world.owner, role))
        for words in ("Secretissime", claim.customer_siren):
            assert claim.reference not in page(reader, path.format(words))

    def test_is_found_by_the_account_manager(self, world: World, pam: Browser) -> None:
        claim = world.submitted(confidential=True, customer_name="Secretissime")
        assert claim.reference in page(pam, "/search?q=secretissime")


class TestAFirmsDraft:
    @pytest.mark.parametrize("role", [Role.SEGMENT_LEAD, Role.PROGRAMME_MANAGER, Role.FINANCE, Role.AUDITOR])
    def test_is_its_own_until_it_is_submitted(self, world: World, client_for: ClientFor, role: Role) -> None:
        draft = world.draft(title="Avant-projet")
        reader = client_for(factories.make_user(world.owner, role))
        page(reader, f"/staff/claims/{draft.public_id}", 404)
        assert draft.reference not in page(reader, "/search?q=Avant-projet")


class TestTheAdministratorOfThePortal:
    def test_reads_a_claim_without_its_papers(self, world: World, client_for: ClientFor) -> None:
        claim = world.in_review()
        shown = page(
            client_for(factories.make_user(world.owner, Role.ADMIN)), f"/staff/claims/{claim.public_id}"
        )
        assert claim.reference in shown and "/files/" not in shown


class TestAnAddressThatNobodyTypes:
    @pytest.mark.parametrize("path", ["/claims?q=%00", "/search?q=%00", f"/statements?page={'9' * 20}"])
    def test_is_called_unreadable_without_harm(self, firm: Browser, path: str) -> None:
        page(firm, path, 400)
