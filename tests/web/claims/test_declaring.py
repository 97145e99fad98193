"""Declaring a project in a browser, well and badly."""

import io
import re
from datetime import date, timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal import claims
from portal.claims import Claim, ClaimState
from portal.db import transaction
from tests import factories
from tests.factories import papers
from tests.factories.people import AT
from tests.integration.claims.conftest import World
from tests.web.claims.conftest import page
from tests.web.conftest import Browser, ClientFor

PROJECT = {
    "customer_siren": "000 000 018", "customer_name": "Banque Orvault", "customer_sector": "bank",
    "title": "Sécurité du poste", "project_type": "security",
}  # fmt: skip
LINES = {
    "roles": ["PRESCRIBE", "DESIGN"], "lines-0-family": "SECURITY", "lines-0-agreement": "CSP",
    "lines-0-amount": "54 321,09",
}  # fmt: skip
ORDER = {
    "reseller_name": "Quilvest", "order_no": "CMD-881204", "signed_on": "20/10/2026",
    "ordered_on": "2026-11-03",
    "evidence_type": "SIGNED_SOW", "dated_on": "14/10/2026",
}  # fmt: skip


def only_claim(world: World) -> Claim:
    world.owner.rollback()
    world.owner.expire_all()
    return world.owner.query(Claim).one()


def edit(browser: Browser, claim: Claim, step: int, **data: object) -> TestResponse:
    answer = browser.send(f"/claims/{claim.public_id}/edit?step={step}", {"version": claim.version, **data})
    answer.request.environ["wsgi.input"].close()  # the test client leaves a large body's file open
    return answer


def paper(content: bytes | None = None, name: str = "contrat.pdf") -> tuple[io.BytesIO, str]:
    return io.BytesIO(papers.pdf() if content is None else content), name


class TestDeclaring:
    def test_takes_four_steps_from_the_customer_to_the_honour(self, world: World, firm: Browser) -> None:
        assert "SIREN" in page(firm, "/claims/new")
        answer = firm.send("/claims/new", PROJECT)
        claim = only_claim(world)
        assert answer.location == f"/claims/{claim.public_id}/edit?step=2"
        assert edit(firm, claim, 2, **LINES).status_code == 303
        claim = only_claim(world)
        assert edit(firm, claim, 3, **ORDER, file=paper()).location.endswith("step=4")
        claim = only_claim(world)
        shown = page(firm, f"/claims/{claim.public_id}/edit?step=4")
        assert "54\u202f321,09\u00a0€" in shown
        answer = firm.send(f"/claims/{claim.public_id}/submit", {"version": claim.version, "honour": "y"})
        assert answer.location == f"/claims/{claim.public_id}"
        assert only_claim(world).state is ClaimState.SUBMITTED
        assert claim.reference in page(firm, "/claims")

    def test_is_done_once_by_a_double_click(self, world: World, firm: Browser) -> None:
        claim = world.draft()
        for _ in range(2):
            answer = firm.send(f"/claims/{claim.public_id}/submit", {"version": claim.version, "honour": "y"})
            assert answer.status_code == 303
        assert world.scalars("select count(*) from claim_events where kind = 'submitted'") == [1]

    def test_leaves_a_draft_that_a_colleague_finds(
        self, world: World, firm: Browser, client_for: ClientFor
    ) -> None:
        answer = firm.send("/claims/new", {**PROJECT, "customer_siren": "", "leave": "1"})
        assert answer.location == "/claims"
        claim = only_claim(world)
        assert 'value="Banque Orvault"' in page(
            client_for(world.admin), f"/claims/{claim.public_id}/edit?step=1"
        )

    def test_says_what_is_missing_and_where(self, world: World, firm: Browser) -> None:
        claim = world.empty()
        shown = page(firm, f"/claims/{claim.public_id}/edit?step=4")
        for step, name in ((1, "customer_siren"), (2, "lines"), (3, "evidence")):
            assert f"step={step}#{name}" in shown
        answer = firm.send(f"/claims/{claim.public_id}/submit", {"version": claim.version, "honour": "y"})
        assert answer.status_code == 422
        assert only_claim(world).state is ClaimState.DRAFT

    def test_tells_what_the_grid_would_return(self, world: World, firm: Browser) -> None:
        claim = world.draft()
        assert "reviendrait pour" not in page(firm, f"/claims/{claim.public_id}/edit?step=3")
        edit(firm, claim, 3, **{**ORDER, "order_no": "", "evidence_type": ""})
        assert "reviendrait pour" in page(firm, f"/claims/{claim.public_id}/edit?step=3")

    def test_blocks_an_order_declared_before_with_a_link_to_it(self, world: World, firm: Browser) -> None:
        first, second = world.submitted(), world.draft()
        shown = page(firm, f"/claims/{second.public_id}/edit?step=4")
        assert str(first.public_id) in shown
        answer = firm.send(f"/claims/{second.public_id}/submit", {"version": second.version, "honour": "y"})
        assert answer.status_code == 422
        assert first.reference in answer.get_data(as_text=True)


class TestBadInput:
    @pytest.mark.parametrize(
        ("siren", "words"),
        [
            ("12345678", "9 chiffres"),
            ("000000017", "existe pas"),
            ("732 829 320 00075", "existe pas"),
            ("abc", "9 chiffres"),
        ],
    )
    def test_keeps_what_was_typed_beside_a_wrong_siren(
        self, world: World, firm: Browser, siren: str, words: str
    ) -> None:
        answer = firm.send("/claims/new", {**PROJECT, "customer_siren": siren})
        shown = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert words in shown
        assert f'value="{siren}"' in shown and 'value="Banque Orvault"' in shown
        assert world.scalars("select count(*) from claims") == [0]

    @pytest.mark.parametrize("amount", ["12,345.67", "-1", "NaN", "1e5", "1,234,50", "12 34", "1.234", "∞"])
    def test_refuses_what_is_no_amount(self, world: World, firm: Browser, amount: str) -> None:
        claim = world.draft()
        answer = edit(firm, claim, 2, **{**LINES, "lines-0-amount": amount})
        assert answer.status_code == 422
        assert f'value="{amount}"' in answer.get_data(as_text=True)
        assert only_claim(world).version == claim.version

    @pytest.mark.parametrize("amount", ["1 234,50", "1234.5", "1234,50 €", "1\u202f234,50"])
    def test_takes_amounts_as_they_are_on_paper(self, world: World, firm: Browser, amount: str) -> None:
        edit(firm, world.draft(), 2, **{**LINES, "lines-0-amount": amount})
        assert [str(value) for value in world.scalars("select declared_amount from claim_lines")] == [
            "1234.50"
        ]

    def test_asks_to_complete_half_a_line(self, world: World, firm: Browser) -> None:
        answer = edit(firm, world.draft(), 2, **{**LINES, "lines-1-family": "SQL", "lines-1-amount": ""})
        assert answer.status_code == 422
        assert 'id="lines-1-amount-error"' in answer.get_data(as_text=True)

    @pytest.mark.parametrize("day", ["31/02/2026", "2026-13-01", "demain", "1/1/26"])
    def test_refuses_what_is_no_day(self, world: World, firm: Browser, day: str) -> None:
        answer = edit(firm, world.draft(), 3, **{**ORDER, "ordered_on": day, "evidence_type": ""})
        assert answer.status_code == 422
        assert f'value="{day}"' in answer.get_data(as_text=True)

    def test_says_when_the_order_comes_before_the_signature(self, world: World, firm: Browser) -> None:
        claim = world.draft(ordered_on=date(2026, 10, 1))
        shown = page(firm, f"/claims/{claim.public_id}/edit?step=4")
        assert "antérieure à la signature" in shown

    @pytest.mark.parametrize(
        ("content", "name", "words"),
        [
            (b"", "vide.pdf", "est vide"),
            (b"words", "notes.txt", "pas un fichier PDF"),
            (papers.image(), "contrat.pdf", "ne correspond pas"),
            (papers.pdf() + bytes(21 * 1024 * 1024), "gros.pdf", "dépasse 20"),
            (papers.pixel_bomb(), "photo.png", "60 millions"),
        ],
    )
    def test_explains_a_file_that_cannot_be_evidence(
        self, world: World, firm: Browser, content: bytes, name: str, words: str
    ) -> None:
        claim = world.empty()
        answer = edit(firm, claim, 3, **ORDER, file=paper(content, name))
        shown = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert words in shown and 'value="CMD-881204"' in shown
        assert world.scalars("select count(*) from files") == [0]

    def test_shows_a_late_saver_who_came_first_and_keeps_their_words(
        self, world: World, firm: Browser
    ) -> None:
        claim = world.draft()
        with world.acting(world.admin), transaction():
            mine = claims.get_claim(claim.public_id)
            claims.save_draft(
                claim=mine, seen=mine.version, changes={"title": "B"}, actor_id=world.admin.id,
                at=AT + timedelta(minutes=5),
            )  # fmt: skip
        answer = edit(firm, claim, 1, **{**PROJECT, "title": "Le mien"})
        shown = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert world.admin.name in shown and 'value="Le mien"' in shown
        current = re.search(r'name="version" value="(\d+)"', shown)
        assert current
        again = firm.send(
            f"/claims/{claim.public_id}/edit?step=1", {**PROJECT, "title": "Le mien", "version": current[1]}
        )
        assert again.status_code == 303
        assert only_claim(world).title == "Le mien"


class TestAutosave:
    def test_keeps_what_can_be_read_and_gives_the_new_version(self, world: World, firm: Browser) -> None:
        claim = world.draft()
        answer = firm.send(
            f"/claims/{claim.public_id}/autosave?step=1",
            {**PROJECT, "title": "Nouveau", "customer_siren": "12", "version": claim.version},
        )
        found = only_claim(world)
        assert answer.json == {"version": found.version}
        assert (found.title, found.customer_siren) == ("Nouveau", "000000018")

    def test_refuses_an_old_version_as_json(self, world: World, firm: Browser) -> None:
        claim = world.draft()
        answer = firm.send(
            f"/claims/{claim.public_id}/autosave?step=1", {**PROJECT, "version": 1},
            headers={"Accept": "application/json"},
        )  # fmt: skip
        assert answer.status_code == 409


class TestOtherFirms:
    def test_find_nothing_of_a_claim(self, world: World, app: Flask, client_for: ClientFor) -> None:
        claim = world.submitted()
        other = factories.make_partner(world.owner)
        stranger = client_for(factories.make_user(world.owner, world.admin.role, partner=other))
        for path in ("", "/edit"):
            assert stranger.get(f"/claims/{claim.public_id}{path}").status_code == 404
        for verb in ("submit", "withdraw", "answer", "evidence", "copy", "discard", "autosave"):
            assert stranger.send(f"/claims/{claim.public_id}/{verb}").status_code == 404, verb
        file_id = world.scalars("select public_id from files")[0]
        assert stranger.get(f"/files/{file_id}").status_code == 404
        assert claim.reference not in page(stranger, "/claims")
