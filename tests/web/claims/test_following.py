"""A firm's list, one claim's page, and the files."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import claims
from portal.claims import ClaimState
from portal.db import transaction
from portal.files.models import FileState, StoredFile
from portal.users.models import Role
from tests import factories
from tests.factories import papers
from tests.factories.people import AT
from tests.integration.claims.conftest import World
from tests.web.claims.conftest import page
from tests.web.conftest import Browser, ClientFor


def asked(world: World) -> claims.Claim:
    claim = world.in_review()
    with world.acting(world.pam), transaction():
        mine = claims.get_claim(claim.public_id)
        claims.request_info(
            claim=mine,
            seen=mine.version,
            reason="ROLE_ASKED",
            note="À quelle page ?",
            actor_id=world.pam.id,
            at=AT,
        )
    return world.fresh(claim)


class TestList:
    def test_is_filtered_by_the_url(self, world: World, firm: Browser) -> None:
        claim, draft = world.submitted(), world.draft(order_no="B", title="Autre")
        assert claim.reference in page(firm, "/claims?state=open")
        assert draft.reference not in page(firm, "/claims?state=open")
        assert claim.reference in page(firm, "/claims?q=000 000 018&family=SECURITY&period=FY27-H1")
        assert claim.reference not in page(firm, "/claims?period=FY26-H2")
        assert "Aucun dossier" in page(firm, "/claims?q=introuvable")

    @pytest.mark.parametrize(
        "query", ["page=x", "page=999999", "sort=nope", "period=FYxx", "state=%00", "q=%25_'", "family=';--"]
    )
    def test_shrugs_at_odd_queries(self, world: World, firm: Browser, query: str) -> None:
        world.draft()
        page(firm, f"/claims?{query}")

    def test_teaches_when_empty(self, world: World, firm: Browser) -> None:
        assert "deux minutes" in page(firm, "/claims")

    def test_leaves_as_a_spreadsheet_that_runs_nothing(self, world: World, firm: Browser) -> None:
        world.draft(title='=cmd|"/c calc"!A1')
        answer = firm.get("/claims?export=csv")
        assert "attachment" in answer.headers["Content-Disposition"]
        text = answer.get_data().decode("utf-8-sig")
        assert "'=cmd" in text and ";" in text
        assert firm.get("/claims?export=xlsx").get_data().startswith(b"PK")

    def test_asks_as_many_queries_for_one_claim_as_for_many(
        self, world: World, firm: Browser, queries: list[str]
    ) -> None:
        world.draft()
        page(firm, "/claims")
        one = len(queries)
        for number in range(5):
            world.draft(order_no=str(number))
        queries.clear()
        page(firm, "/claims")
        assert len(queries) == one


class TestClaim:
    def test_is_answered_with_words_and_a_new_file(self, world: World, firm: Browser) -> None:
        claim = asked(world)
        assert "À quelle page" in page(firm, f"/claims/{claim.public_id}")
        empty = firm.send(f"/claims/{claim.public_id}/answer", {"version": claim.version, "note": ""})
        assert empty.status_code == 422
        data = {
            "evidence_type": "TENDER_ANSWER",
            "dated_on": "",
            "file": (io.BytesIO(papers.letter()), "m.eml"),
        }
        assert firm.send(f"/claims/{claim.public_id}/evidence", data).status_code == 303
        claim = world.fresh(claim)
        done = firm.send(f"/claims/{claim.public_id}/answer", {"version": claim.version, "note": "Page 4"})
        assert done.status_code == 303
        assert world.fresh(claim).state is ClaimState.IN_REVIEW

    def test_still_says_what_is_asked_after_a_reminder(self, world: World, firm: Browser) -> None:
        claim = asked(world)
        with world.acting(None), transaction():
            claims.remind_claims(at=AT + timedelta(days=11))
        shown = page(firm, f"/claims/{claim.public_id}")
        assert "Rappel envoyé" in shown
        assert shown.count("À quelle page ?") == 2, "in the notice and on the timeline"

    def test_replaces_a_file_and_keeps_the_old_one_in_sight(self, world: World, firm: Browser) -> None:
        claim = world.submitted()
        with world.acting(world.member):
            old = claims.evidence_of(claim.id)[0].public_id
        data = {
            "evidence_type": "SIGNED_SOW",
            "replaces": str(old),
            "file": (io.BytesIO(papers.image()), "v2.png"),
        }
        assert firm.send(f"/claims/{claim.public_id}/evidence", data).status_code == 303
        shown = page(firm, f"/claims/{claim.public_id}")
        assert "contrat.pdf" in shown and "remplacé" in shown

    def test_is_withdrawn_after_being_named(self, world: World, firm: Browser) -> None:
        claim = world.submitted()
        answer = firm.send(f"/claims/{claim.public_id}/withdraw", {"version": claim.version, "note": ""})
        assert answer.status_code == 303
        assert world.fresh(claim).state is ClaimState.WITHDRAWN

    def test_answers_an_old_page_with_who_and_what(self, world: World, firm: Browser) -> None:
        claim = asked(world)
        answer = firm.send(f"/claims/{claim.public_id}/withdraw", {"version": claim.version - 1})
        assert answer.status_code == 409
        assert world.pam.name in answer.get_data(as_text=True)

    def test_takes_no_file_back_from_an_old_page(self, world: World, firm: Browser) -> None:
        claim = world.submitted()
        with world.acting(world.member):
            paper = claims.evidence_of(claim.id)[0].public_id
        take_back = f"/claims/{claim.public_id}/evidence/{paper}/withdraw"
        late = firm.send(take_back, {"version": claim.version - 1})
        assert late.status_code == 409 and world.member.name in late.get_data(as_text=True)
        with world.acting(world.member):
            assert claims.evidence_of(claim.id)[0].withdrawn_at is None
        assert firm.send(take_back, {"version": claim.version}).status_code == 303
        with world.acting(world.member):
            assert claims.evidence_of(claim.id)[0].withdrawn_at is not None

    def test_tells_the_refusal_its_cure_and_the_last_day(self, world: World, firm: Browser) -> None:
        claim = world.in_review()
        with world.acting(world.pam), transaction():
            mine = claims.get_claim(claim.public_id)
            claims.reject_claim(
                claim=mine, seen=mine.version, reason="UNDATED", note="Page 1", actor_id=world.pam.id, at=AT
            )
        shown = page(firm, f"/claims/{claim.public_id}")
        assert "Justificatif non daté" in shown and "version datée" in shown and "23 décembre 2026" in shown

    def test_is_copied_into_a_new_draft(self, world: World, firm: Browser) -> None:
        claim = world.submitted()
        answer = firm.send(f"/claims/{claim.public_id}/copy")
        assert answer.status_code == 303
        assert 'value="Banque Orvault"' in page(firm, answer.location)

    def test_is_thrown_away_as_a_draft_only(self, world: World, firm: Browser) -> None:
        claim, submitted = world.draft(order_no="X"), world.submitted()
        assert firm.send(f"/claims/{claim.public_id}/discard", {"version": claim.version}).status_code == 303
        assert (
            firm.send(f"/claims/{submitted.public_id}/discard", {"version": submitted.version}).status_code
            == 404
        )


class TestFiles:
    def test_are_attachments_without_powers(self, world: World, pam: Browser) -> None:
        world.submitted()
        key = world.scalars("select public_id from files")[0]
        answer = pam.get(f"/files/{key}")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.content_type == "application/octet-stream"

    def test_are_looked_at_only_when_a_browser_may(self, world: World, pam: Browser) -> None:
        claim = world.submitted()
        with world.acting(world.member), transaction():
            claims.add_evidence(
                claim=claims.get_claim(claim.public_id), source=papers.office(), name="a.docx",
                evidence_type="SIGNED_SOW", dated_on=None, actor_id=world.member.id, at=AT,
            )  # fmt: skip
        pdf, docx = world.scalars("select public_id from files order by id")
        assert pam.get(f"/files/{pdf}?view=1").headers["Content-Disposition"].startswith("inline")
        assert pam.get(f"/files/{docx}?view=1").headers["Content-Disposition"].startswith("attachment")

    def test_tell_their_owner_who_opened_them(self, world: World, pam: Browser, firm: Browser) -> None:
        claim = world.submitted()
        pam.get(f"/files/{world.scalars('select public_id from files')[0]}")
        assert f"ouvert par {world.pam.name}" in page(firm, f"/claims/{claim.public_id}")

    def test_are_closed_to_the_portal_administrator(self, world: World, client_for: ClientFor) -> None:
        world.submitted()
        admin = client_for(factories.make_user(world.owner, Role.ADMIN))
        assert admin.get(f"/files/{world.scalars('select public_id from files')[0]}").status_code in (
            403,
            404,
        )


class TestCheckForViruses:
    @pytest.mark.parametrize(
        ("locale", "state", "said", "answered"),
        [
            (
                "fr",
                FileState.QUARANTINED,
                "en cours de vérification antivirus",
                "Revenez dans quelques minutes.",
            ),
            ("en", FileState.QUARANTINED, "being checked for viruses", "Come back in a few minutes."),
            ("fr", FileState.REFUSED, "refusé par la vérification antivirus", ""),
            ("en", FileState.REFUSED, "refused by the check for viruses", ""),
        ],
    )
    def test_is_told_where_a_paper_waits_for_it_or_fell_to_it(
        self, world: World, client_for: ClientFor, locale: str, state: FileState, said: str, answered: str
    ) -> None:
        claim = world.submitted()
        file = world.owner.execute(select(StoredFile)).scalars().one()
        file.state, world.member.locale = state, locale
        world.owner.commit()
        firm = client_for(world.member)
        shown = page(firm, f"/claims/{claim.public_id}")
        assert said in shown and f"/files/{file.public_id}" not in shown
        answer = firm.get(f"/files/{file.public_id}")
        assert answer.status_code >= 400 and answered in answer.text
