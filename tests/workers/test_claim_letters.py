"""Every letter about a claim, as its worker writes it, in both languages."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal import claims, files
from portal.db import transaction
from portal.mail.letters import write_message
from portal.mail.models import Mail
from tests.conftest import Acting
from tests.factories.people import AT
from tests.integration.claims.conftest import World, make_world
from tests.integration.claims.test_review import approve, do

KINDS = {
    "claim.submitted",
    "claim.withdrawn",
    "claim.info_requested",
    "claim.answered",
    "claim.info_reminder",
    "claim.expired",
    "claim.approved",
    "claim.approved_in_part",
    "claim.rejected",
    "claim.pending_second",
}


@pytest.fixture
def world(owner: Session, acting: Acting, tmp_path: Path) -> World:
    """A firm whose claims have been through every step that writes a letter."""
    files.configure(tmp_path.as_uri())
    world = make_world(owner, acting)
    do(world, world.member, world.submitted(order_no="1"), claims.withdraw_claim, note="Annulé")
    approve(world, world.in_review(order_no="2"))
    approve(world, world.in_review(order_no="3"), "1.00", cut="FINAL_AMOUNT_DIFFERS")
    approve(world, world.in_review(order_no="4", customer_public=True))
    do(
        world,
        world.pam,
        world.in_review(order_no="5"),
        claims.reject_claim,
        reason="UNDATED",
        note="Page <1>",
    )
    for number in ("6", "7"):
        asked = world.in_review(order_no=number)
        do(world, world.pam, asked, claims.request_info, reason="ROLE_ASKED", note="")
    do(world, world.member, asked, claims.answer_request, note="Page 4")
    for days in (10, 16):
        with world.acting(None), transaction():
            at = AT + timedelta(days=days)
            claims.remind_claims(at=at)
            claims.expire_claims(at=at)
    return world


class TestLetters:
    def test_say_the_same_in_text_and_html_with_one_link_and_no_amount_outside(self, world: World) -> None:
        mails = world.owner.query(Mail).all()
        assert {mail.kind for mail in mails} == KINDS
        for mail in mails:
            for locale in ("fr", "en"):
                mail.locale = locale
                message = write_message(mail, mail.context, base_url="https://palier.example")
                assert "€" not in message["Subject"]
                plain, html = (part.get_content() for part in message.iter_parts())
                assert mail.context["reference"] in plain and mail.context["reference"] in html
                assert plain.count("https://palier.example/") == 1
                assert "<1>" not in html and "None" not in plain
            world.owner.expunge(mail)
