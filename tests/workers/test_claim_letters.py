"""Every letter about a claim, as its worker writes it, in both languages."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal import claims, files
from portal.db import transaction
from portal.mail.letters import write_message
from portal.mail.models import Mail
from portal.users.models import Role
from tests import factories
from tests.conftest import Acting
from tests.factories.people import AT
from tests.integration.claims.conftest import World, make_world
from tests.integration.claims.test_review import approve, do, verdict

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
    "claim.appealed",
    "claim.appeal_upheld",
    "claim.appeal_won",
    "claim.revocation_proposed",
    "claim.revoked",
    "claim.offered",
    "claim.message",
    "claim.clock",
    "claim.late",
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
    _judge_and_revoke(world)
    for days in (10, 16):
        with world.acting(None), transaction():
            at = AT + timedelta(days=days)
            claims.remind_claims(at=at)
            claims.expire_claims(at=at)
    return world


def _judge_and_revoke(world: World) -> None:
    """Appeals lost and won, an approval taken back, a draft given to the firm, a message."""
    manager = factories.make_user(world.owner, Role.PROGRAMME_MANAGER)
    finance = factories.make_user(world.owner, Role.FINANCE)
    claim = world.in_review(order_no="8")
    do(world, world.pam, claim, claims.reject_claim, reason="UNDATED", note="", page="page 2")
    for judge, given in ((world.lead, None), (manager, verdict(world, claim))):
        do(world, world.member, claim, claims.appeal_claim, asks="decision", grounds="Page 2")
        do(world, judge, claim, claims.judge_appeal, reasons="Lu <1>", verdict=given)
    do(world, finance, claim, claims.propose_revocation, reason="AUDIT_FINDING", reasons="Avoir")
    do(world, manager, claim, claims.confirm_revocation)
    with world.acting(world.pam), transaction():
        draft = claims.start_draft(partner_id=world.firm.id, actor_id=world.pam.id, at=AT)
        claims.offer_draft(claim=draft, seen=1, actor_id=world.pam.id, at=AT)
        mine = claims.get_claim(claim.public_id)
        claims.post_message(claim=mine, body="Bonjour", actor_id=world.pam.id, at=AT)


class TestLetters:
    def test_say_the_same_in_text_and_html_with_one_link_no_amount_outside_and_why(
        self, world: World
    ) -> None:
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
                why = "portail des partenaires." if locale == "fr" else "the partner portal."
                assert plain.rstrip().endswith(why) and why in html
            world.owner.expunge(mail)
