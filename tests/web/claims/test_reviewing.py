"""The queue and the reviewer's verbs in a browser."""

import re
from datetime import date
from typing import Any

import pytest

from portal import margin
from portal.claims import Claim, ClaimState, Decision
from portal.db import transaction
from portal.portfolio.models import Delegation
from portal.users.models import Role
from tests import factories
from tests.factories.people import AT
from tests.integration.claims.conftest import World
from tests.web.claims.conftest import page
from tests.web.conftest import Browser, ClientFor

TICKS = [
    "EVIDENCE_PRESENT", "EVIDENCE_DATED", "DATED_BEFORE_ORDER", "CUSTOMER_SIGNATURE", "PRODUCT_NAMED",
    "ROLE_DESCRIBED", "SAME_CUSTOMER", "ORDER_NUMBER",
]  # fmt: skip


def verdict(world: World, claim: Claim, **others: Any) -> dict[str, Any]:
    line = world.scalars(f"select id from claim_lines where claim_id = {claim.id}")[0]
    return {
        "version": claim.version, "ticks": TICKS, "roles": ["PRESCRIBE", "DESIGN"],
        f"approved-{line}": others.pop("approved", "30 000,00"), f"cut-{line}": others.pop("cut", ""),
        **others,
    }  # fmt: skip


def url(claim: Claim, verb: str = "") -> str:
    return f"/staff/claims/{claim.public_id}" + (f"/{verb}" if verb else "")


class TestQueue:
    def test_shows_what_waits_by_deadline_with_its_clock(self, world: World, pam: Browser) -> None:
        claim = world.submitted()
        shown = page(pam, "/staff/queue")
        assert claim.reference in shown and "10 jours" in shown

    def test_shows_a_pam_only_the_firms_followed_today(self, world: World, client_for: ClientFor) -> None:
        claim = world.submitted()
        other = client_for(factories.make_pam(world.owner))
        assert claim.reference not in page(other, "/staff/queue")
        assert other.get(url(claim)).status_code == 404
        assert other.send(url(claim, "approve"), verdict(world, claim)).status_code == 404

    @pytest.mark.parametrize(("segment", "number"), [("SSII", 1), ("ISV", 0)])
    def test_counts_for_a_lead_what_it_lists(
        self, world: World, client_for: ClientFor, segment: str, number: int
    ) -> None:
        claim = world.submitted()
        lead = client_for(factories.make_user(world.owner, Role.SEGMENT_LEAD, segment=segment))
        shown = page(lead, "/staff/queue?view=todo")
        assert shown.count(f">{claim.reference}<") == number
        assert re.search(rf"À décider\W+<span[^>]*>{number}<", shown)

    def test_is_narrowed_to_those_one_answers_for_in_somebodys_absence(
        self, world: World, client_for: ClientFor
    ) -> None:
        claim, deputy = world.submitted(), factories.make_pam(world.owner)
        factories.make_partner(world.owner, pam=deputy)
        away = {"pam_id": world.pam.id, "deputy_id": deputy.id, "created_at": AT}
        world.owner.add(Delegation(**away, starts_on=date(2024, 1, 1), ends_before=date(2099, 1, 1)))
        world.owner.commit()
        browser = client_for(deputy)
        assert "En remplacement" in page(browser, "/staff/queue")
        assert claim.reference in page(browser, "/staff/queue?whom=deputy")
        assert claim.reference not in page(browser, "/staff/queue?whom=own")

    @pytest.mark.parametrize("role", [Role.PARTNER_ADMIN, Role.FINANCE, Role.AUDITOR, Role.ADMIN])
    def test_is_closed_to_those_who_decide_nothing(
        self, world: World, client_for: ClientFor, role: Role
    ) -> None:
        firm = world.firm if role.is_partner else None
        browser = client_for(factories.make_user(world.owner, role, partner=firm))
        assert browser.get("/staff/queue").status_code == 403

    def test_teaches_when_empty(self, world: World, pam: Browser) -> None:
        assert "Rien ne vous attend" in page(pam, "/staff/queue")


class TestReview:
    def test_shows_facts_grid_evidence_and_verbs(self, world: World, pam: Browser) -> None:
        claim = world.submitted()
        shown = page(pam, url(claim))
        for words in ("Banque Orvault", "contrat.pdf", "CMD-881204", "Prescription", 'data-key="a"'):
            assert words in shown

    def test_is_for_reading_only_elsewhere(self, world: World, client_for: ClientFor) -> None:
        claim = world.submitted()
        for role in (Role.FINANCE, Role.AUDITOR, Role.PROGRAMME_MANAGER):
            browser = client_for(factories.make_user(world.owner, role))
            assert "data-guard" not in page(browser, url(claim)).split("<main", 1)[1]
            assert browser.send(url(claim, "approve"), verdict(world, claim)).status_code == 403

    def test_hides_a_confidential_customer_from_who_need_not_know(
        self, world: World, pam: Browser, client_for: ClientFor
    ) -> None:
        claim = world.submitted(confidential=True)
        auditor = client_for(factories.make_user(world.owner, Role.AUDITOR))
        for path in (url(claim), "/staff/claims", "/staff/claims?export=csv"):
            shown = auditor.get(path).get_data(as_text=True)
            assert claim.reference in shown
            assert "Orvault" not in shown and "000000018" not in shown, path
        assert "Banque Orvault" in page(pam, url(claim))


class TestVerbs:
    def test_approve_decides_an_unread_claim_in_one_press(self, world: World, pam: Browser) -> None:
        claim = world.submitted()
        other = world.submitted(order_no="CMD-2")
        answer = pam.send(url(claim, "approve"), verdict(world, claim))
        assert answer.location == url(other)
        found = world.fresh(claim)
        assert (found.state, found.decision, found.taken_by_id) == (
            ClaimState.APPROVED, Decision.APPROVED, world.pam.id,
        )  # fmt: skip

    def test_approve_in_part_needs_a_coded_cut(self, world: World, pam: Browser) -> None:
        claim = world.submitted()
        bare = pam.send(url(claim, "approve"), verdict(world, claim, approved="20000"))
        assert bare.status_code == 422
        assert 'value="20000"' in bare.get_data(as_text=True)
        coded = verdict(world, claim, approved="20000", cut="FINAL_AMOUNT_DIFFERS")
        assert pam.send(url(claim, "approve"), coded).status_code == 303
        assert world.fresh(claim).decision is Decision.APPROVED_IN_PART

    @pytest.mark.parametrize("approved", ["-1", "NaN", "30 000,01", "", "12,345.67"])
    def test_approve_refuses_odd_amounts(self, world: World, pam: Browser, approved: str) -> None:
        claim = world.submitted()
        assert pam.send(url(claim, "approve"), verdict(world, claim, approved=approved)).status_code == 422
        assert world.fresh(claim).state is ClaimState.SUBMITTED

    def test_approve_needs_the_whole_grid(self, world: World, pam: Browser) -> None:
        claim = world.submitted()
        answer = pam.send(url(claim, "approve"), verdict(world, claim, ticks=TICKS[:-1]))
        assert answer.status_code == 422
        assert "toute la grille" in answer.get_data(as_text=True)

    def test_ask_stops_the_clock(self, world: World, pam: Browser) -> None:
        claim = world.submitted()
        empty = pam.send(url(claim, "ask"), {"version": claim.version, "reason": "", "note": "Bonjour"})
        assert empty.status_code == 422
        assert "Bonjour" in empty.get_data(as_text=True)
        data = {"version": claim.version, "reason": "ROLE_ASKED", "note": "Page ?"}
        assert pam.send(url(claim, "ask"), data).status_code == 303
        assert world.fresh(claim).state is ClaimState.INFO_REQUESTED

    def test_refuse_needs_a_reason(self, world: World, pam: Browser) -> None:
        claim = world.submitted()
        assert pam.send(url(claim, "reject"), {"version": claim.version, "reason": ""}).status_code == 422
        data = {"version": claim.version, "reason": "UNDATED", "note": ""}
        assert pam.send(url(claim, "reject"), data).status_code == 303
        assert world.fresh(claim).state is ClaimState.REJECTED

    def test_the_second_of_two_deciders_reads_who_came_first(self, world: World, pam: Browser) -> None:
        claim = world.in_review()
        late = verdict(world, claim)
        data = {"version": claim.version, "reason": "UNDATED", "note": ""}
        assert pam.send(url(claim, "reject"), data).status_code == 303
        answer = pam.send(url(claim, "approve"), late)
        shown = answer.get_data(as_text=True)
        assert answer.status_code == 409
        assert world.pam.name in shown and "a refusé le dossier" in shown

    def test_above_the_limit_a_lead_decides_after(
        self, world: World, pam: Browser, client_for: ClientFor
    ) -> None:
        claim = world.submitted(customer_public=True)
        pam.send(url(claim, "approve"), verdict(world, claim))
        claim = world.fresh(claim)
        assert claim.state is ClaimState.PENDING_SECOND
        lead = client_for(world.lead)
        assert claim.reference in page(lead, "/staff/queue")
        assert pam.send(url(claim, "second"), {"version": claim.version}).status_code == 403
        assert lead.send(url(claim, "second"), {"version": claim.version}).status_code == 303
        assert world.fresh(claim).state is ClaimState.APPROVED

    def test_a_lead_approves_nothing_first(self, world: World, client_for: ClientFor) -> None:
        claim = world.submitted()
        assert client_for(world.lead).send(url(claim, "approve"), verdict(world, claim)).status_code == 403

    def test_confirm_takes_a_proposed_order_and_credits_it(self, world: World, pam: Browser) -> None:
        factories.make_order_line(
            world.owner, amount="30000.00", family="SECURITY", ordered_on=date(2026, 11, 3), order_no="AUTRE"
        )
        claim = world.submitted(order_no="", enrolment_no="E-1")
        pam.send(url(claim, "ask"), {"version": claim.version, "reason": "OTHER_QUESTION", "note": ""})
        with world.acting(world.pam), transaction():
            margin.match_and_credit(claim_ids=[claim.id], at=AT)
        assert "Confirmer la commande AUTRE" in page(pam, url(claim))
        match_id = world.scalars("select id from claim_matches")[0]
        seen = {"version": world.fresh(claim).version}
        refused = pam.send(f"{url(claim)}/match/{match_id}/refuse", {**seen, "reason": ""})
        assert refused.status_code == 422 and world.scalars("select state from claim_matches") == ["proposed"]
        assert pam.send(f"{url(claim)}/match/{match_id}", seen).status_code == 303
        late = pam.send(f"{url(claim)}/match/{match_id}", seen)
        assert late.status_code == 409 and world.pam.name in late.text
        assert world.scalars("select state from claim_matches") == ["confirmed"]
        now = {"version": world.fresh(claim).version}
        assert pam.send(f"{url(claim)}/match/999", now).status_code == 404
