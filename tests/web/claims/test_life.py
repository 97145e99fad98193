"""Appeals, revocations, drafts by phone, messages and small claims, as people press them."""

import io
import re
from decimal import Decimal

from portal import claims
from portal.claims import Claim, ClaimState, LineInput
from portal.users.models import Role, User
from tests import factories
from tests.factories import papers
from tests.integration.claims.conftest import World
from tests.integration.claims.test_review import approve, do, verdict
from tests.web.claims.conftest import page
from tests.web.conftest import Browser, ClientFor


def rejected(world: World) -> Claim:
    claim = world.in_review()
    do(world, world.pam, claim, claims.reject_claim, reason="UNDATED", note="", page="page 2")
    return world.fresh(claim)


def seen(world: World, claim: Claim) -> dict[str, str]:
    return {"version": str(world.fresh(claim).version)}


class TestAppeal:
    def test_goes_from_the_firm_to_the_lead_and_back_with_reasons(
        self, world: World, firm: Browser, client_for: ClientFor
    ) -> None:
        claim = rejected(world)
        path = f"/claims/{claim.public_id}"
        shown = page(firm, path)
        assert "les justificatifs, page 2" in shown
        assert "23 décembre 2026" in shown
        empty = firm.send(f"{path}/appeal", seen(world, claim))
        assert empty.status_code == 422
        data = {**seen(world, claim), "asks": "decision", "grounds": "La page 2 est datée."}
        file = {"file": (io.BytesIO(papers.pdf()), "page2.pdf")}
        assert firm.send(f"{path}/appeal", {**data, **file}).status_code == 303
        assert "page2.pdf" in page(firm, path)
        lead = client_for(world.lead)
        assert "page2.pdf" in page(lead, f"/staff/claims/{claim.public_id}?view=appeals")
        refused = lead.send(f"/staff/claims/{claim.public_id}/uphold", seen(world, claim))
        assert refused.status_code == 422
        given = {**seen(world, claim), "reasons": "La page 2 ne dit rien du rôle."}
        assert lead.send(f"/staff/claims/{claim.public_id}/uphold", given).status_code == 303
        told = page(firm, path)
        assert "La page 2 ne dit rien du rôle." in told
        assert "responsable du programme" in told

    def test_is_won_with_the_grid_ticked_and_reasons_kept_when_something_lacks(
        self, world: World, firm: Browser, client_for: ClientFor
    ) -> None:
        claim = rejected(world)
        do(world, world.member, claim, claims.appeal_claim, asks="decision", grounds="Page 2")
        given = verdict(world, claim)
        lead, path = client_for(world.lead), f"/staff/claims/{claim.public_id}/judge"
        data: dict[str, object] = {**seen(world, claim), "roles": list(given.roles), "reasons": "Daté."}
        data |= {f"approved-{line}": "30000,00" for line in given.lines}
        lacking = lead.send(path, {**data, "ticks": []})
        assert lacking.status_code == 422 and "Daté." in lacking.text
        assert lead.send(path, {**data, "ticks": sorted(given.ticks)}).status_code == 303
        assert world.fresh(claim).state is ClaimState.APPROVED

    def test_finds_who_was_faster(self, world: World, client_for: ClientFor) -> None:
        claim = rejected(world)
        do(world, world.member, claim, claims.appeal_claim, asks="decision", grounds="Page 2")
        old = seen(world, claim)
        do(world, world.lead, claim, claims.judge_appeal, reasons="Non.")
        do(world, world.member, claim, claims.appeal_claim, asks="decision", grounds="Encore")
        manager = factories.make_user(world.owner, Role.PROGRAMME_MANAGER)
        late = client_for(manager).send(
            f"/staff/claims/{claim.public_id}/uphold", {**old, "reasons": "Non plus."}
        )
        assert late.status_code == 409 and world.member.name in late.text


class TestRevocation:
    def test_waits_for_the_other_side(self, world: World, firm: Browser, client_for: ClientFor) -> None:
        claim = world.in_review()
        approve(world, claim)
        people = [factories.make_user(world.owner, role) for role in (Role.FINANCE, Role.PROGRAMME_MANAGER)]
        finance, manager = map(client_for, people)
        path = f"/staff/claims/{claim.public_id}"
        data = {**seen(world, claim), "reason": "AUDIT_FINDING", "note": "Facture annulée"}
        assert finance.send(f"{path}/revoke", data).status_code == 303
        assert people[0].name not in page(firm, f"/claims/{claim.public_id}")
        assert "revoke/confirm" not in page(finance, path)
        assert finance.send(f"{path}/revoke/confirm", seen(world, claim)).status_code == 403
        assert claim.reference in page(manager, "/staff/claims?revoking=1")
        assert "revoke/confirm" in page(manager, path)
        assert manager.send(f"{path}/revoke/confirm", seen(world, claim)).status_code == 303
        both = f"proposé par {people[0].name}, confirmé par {people[1].name}"
        for reader, theirs in ((firm, f"/claims/{claim.public_id}"), (manager, path)):
            told = page(reader, theirs)
            assert "Facture annulée" in told and both in told


class TestDraftByPhone:
    def test_is_written_by_the_pam_and_declared_by_the_firm(
        self, world: World, pam: Browser, firm: Browser
    ) -> None:
        started = pam.send(f"/staff/partners/{world.firm.public_id}/draft")
        edit = re.sub(r"^https?://[^/]+", "", started.location)
        assert "Vous rédigez pour la société" in page(pam, edit)
        kept = pam.send(f"{edit}?step=1", {"version": "1", "title": "Poste de travail", "customer_name": "X"})
        assert kept.status_code == 303, kept.text[:2000]
        claim = world.owner.query(Claim).one()
        last = f"/claims/{claim.public_id}/edit?step=4"
        assert "Remettre le brouillon" in page(pam, last)
        assert f"/claims/{claim.public_id}/submit" not in page(pam, last)
        refused = pam.send(f"/claims/{claim.public_id}/submit", {**seen(world, claim), "honour": "y"})
        assert refused.status_code == 403
        assert pam.send(f"/staff/claims/{claim.public_id}/offer", seen(world, claim)).status_code == 303
        assert "Rédigé pour vous par votre PAM" in page(firm, last)
        assert f"/claims/{claim.public_id}/submit" in page(firm, last)

    def test_is_no_way_into_the_drafts_of_a_firm(self, world: World, pam: Browser) -> None:
        theirs = world.draft()
        page(pam, f"/claims/{theirs.public_id}/edit", 404)
        assert pam.send(f"/staff/claims/{theirs.public_id}/offer", {"version": "1"}).status_code == 404


class TestDraftOfTwoColleagues:
    def test_keeps_what_both_wrote_before_each_other(
        self, world: World, firm: Browser, client_for: ClientFor
    ) -> None:
        claim = world.draft()
        path, old = f"/claims/{claim.public_id}/edit?step=1", seen(world, claim)
        colleague = client_for(world.admin)
        mine = {"customer_siren": "000000018", "customer_sector": "bank", "project_type": "security"}
        assert (
            colleague.send(path, {**old, **mine, "title": "Le sien", "customer_name": "B"}).status_code == 303
        )
        stopped = firm.send(path, {**old, **mine, "title": "Le mien", "customer_name": "B"})
        assert stopped.status_code == 422
        assert "Le mien" in stopped.text and "Le sien" in stopped.text and world.admin.name in stopped.text
        assert world.fresh(claim).title == "Le sien"
        autosaved = firm.send(
            f"/claims/{claim.public_id}/autosave?step=1", {**old, **mine, "title": "Le mien"},
            headers={"Accept": "application/json"},
        )  # fmt: skip
        assert autosaved.status_code == 409


class TestMessages:
    def test_go_both_ways_and_the_firm_sees_who_opened_a_file(
        self, world: World, firm: Browser, pam: Browser
    ) -> None:
        claim = world.submitted()
        for browser, path in ((firm, "/claims"), (pam, "/staff/claims")):
            data = {"body": "Bonjour", "file": (io.BytesIO(papers.pdf()), "plan.pdf")}
            assert browser.send(f"{path}/{claim.public_id}/message", data).status_code == 303
            assert browser.send(f"{path}/{claim.public_id}/message", {"body": " "}).status_code == 422
        shown = page(pam, f"/staff/claims/{claim.public_id}")
        link = re.findall(r'href="(/files/[^"?]+)">plan.pdf', shown)[0]
        assert pam.get(link).status_code == 200
        assert f"ouvert par {world.pam.name}" in page(firm, f"/claims/{claim.public_id}")


class TestSmallClaims:
    def small(self, world: World, amount: str, number: str, **changes: object) -> Claim:
        lines = [LineInput("SECURITY", Decimal(amount))]
        return world.submitted(lines=lines, order_no=number, **changes)

    def test_are_approved_together_with_a_report_of_what_did_not_pass(
        self, world: World, pam: Browser
    ) -> None:
        passing = self.small(world, "4000.00", "A1")
        public = self.small(world, "3000.00", "A2", customer_public=True, customer_siren="000000026")
        large = self.small(world, "16000.00", "A3", customer_siren="000000034")
        shown = page(pam, "/staff/queue")
        assert str(passing.public_id) + ":" in shown and str(large.public_id) + ":" not in shown
        chosen = [f"{one.public_id}:{one.version}" for one in (passing, public, large)]
        report = pam.send("/staff/claims/approve-small", {"chosen": chosen})
        assert report.status_code == 200
        assert public.reference in report.text and "seconde personne" in report.text
        states = [world.fresh(one).state for one in (passing, public, large)]
        assert states == [ClaimState.APPROVED, ClaimState.SUBMITTED, ClaimState.SUBMITTED]

    def test_are_those_of_firms_one_follows(self, world: World, client_for: ClientFor) -> None:
        claim = self.small(world, "4000.00", "A1")
        stranger: User = factories.make_pam(world.owner)
        sent = client_for(stranger).send(
            "/staff/claims/approve-small", {"chosen": [f"{claim.public_id}:{claim.version}"]}
        )
        assert sent.status_code == 404
        assert client_for(world.pam).send("/staff/claims/approve-small", {"chosen": "x:y"}).status_code == 404
