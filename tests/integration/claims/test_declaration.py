"""Drafts and their submission, on a real PostgreSQL."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from portal import claims
from portal.claims import ClaimState, LineInput, OwnDuplicate
from portal.claims.workflow import IllegalStep
from portal.db import transaction
from portal.errors import Invalid, NotFound, Stale
from tests import factories
from tests.factories.people import AT
from tests.integration.claims.conftest import World


def submit(
    world: World, claim: claims.Claim, *, at: datetime = AT, seen: int | None = None, honour: bool = True
) -> None:
    with world.acting(world.member), transaction():
        mine = claims.get_claim(claim.public_id)
        claims.submit_claim(
            claim=mine, seen=seen or mine.version, honour=honour, actor_id=world.member.id, at=at
        )


def faults(world: World, claim: claims.Claim, *, at: datetime = AT) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        submit(world, claim, at=at)
    return refusal.value.faults


class TestStartDraft:
    def test_numbers_drafts_of_a_fiscal_year_without_doubles(self, world: World) -> None:
        references = [world.draft().reference for _ in range(3)]
        assert references == ["D-FY27-000001", "D-FY27-000002", "D-FY27-000003"]

    def test_copies_customer_project_and_roles_but_no_order_or_proof(self, world: World) -> None:
        first = world.submitted()
        with world.acting(world.admin), transaction():
            source = claims.get_claim(first.public_id)
            copy = claims.start_draft(
                partner_id=world.firm.id, actor_id=world.admin.id, at=AT, copy_of=source
            )
            assert (copy.customer_siren, copy.roles) == (source.customer_siren, source.roles)
            assert (copy.order_no, copy.ordered_on, copy.state) == ("", None, ClaimState.DRAFT)
            assert claims.evidence_of(copy.id) == []


class TestSaveDraft:
    def test_lets_a_colleague_complete_it(self, world: World) -> None:
        claim = world.draft()
        with world.acting(world.admin), transaction():
            mine = claims.get_claim(claim.public_id)
            claims.save_draft(
                claim=mine,
                seen=mine.version,
                changes={"title": "Autre titre"},
                actor_id=world.admin.id,
                at=AT,
            )
        assert world.fresh(claim).title == "Autre titre"

    def test_changes_nothing_when_nothing_was_changed(self, world: World) -> None:
        claim = world.draft()
        with world.acting(world.member), transaction():
            mine = claims.get_claim(claim.public_id)
            same = [LineInput("SECURITY", Decimal("30000.00"))]
            assert not claims.save_draft(
                claim=mine, seen=mine.version, changes={"title": mine.title}, lines=same,
                actor_id=world.member.id, at=AT,
            )  # fmt: skip
        assert world.fresh(claim).version == claim.version

    def test_refuses_a_page_that_a_colleague_made_old_and_says_who(self, world: World) -> None:
        claim = world.draft()
        with world.acting(world.admin), transaction():
            mine = claims.get_claim(claim.public_id)
            claims.save_draft(
                claim=mine, seen=mine.version, changes={"title": "B"}, actor_id=world.admin.id,
                at=AT + timedelta(minutes=1),
            )  # fmt: skip
        with world.acting(world.member), pytest.raises(Stale) as refusal, transaction():
            mine = claims.get_claim(claim.public_id)
            claims.save_draft(
                claim=mine, seen=claim.version, changes={"title": "C"}, actor_id=world.member.id, at=AT
            )
        assert refusal.value.params["who"] == world.admin.name
        assert refusal.value.params["what"] == "claim.saved"

    def test_is_not_found_by_another_firm(self, world: World) -> None:
        claim = world.draft()
        other = factories.make_user(
            world.owner, world.member.role, partner=factories.make_partner(world.owner)
        )
        with world.acting(other), pytest.raises(NotFound):
            claims.get_claim(claim.public_id)


class TestDiscardDraft:
    def test_removes_what_nobody_received(self, world: World) -> None:
        claim = world.draft()
        with world.acting(world.member), transaction():
            mine = claims.get_claim(claim.public_id)
            claims.discard_draft(claim=mine, seen=mine.version, actor_id=world.member.id, at=AT)
        assert world.scalars("select count(*) from claims") == [0]
        assert "claim.discarded" in world.scalars("select action from audit_records")


class TestSubmitClaim:
    def test_starts_the_clock_keeps_the_grid_and_writes_to_the_pam(self, world: World) -> None:
        claim = world.submitted()
        assert claim.state is ClaimState.SUBMITTED
        assert claim.decide_by == date(2026, 12, 7)
        assert claim.grid_id is not None
        assert claim.declared_honour_by_id == world.member.id
        mails = world.scalars("select kind || ' ' || recipient from mails")
        assert mails == [f"claim.submitted {world.pam.email}"]
        assert "submitted" in world.scalars("select kind from claim_events")
        assert "claim.submitted" in world.scalars("select action from audit_records")

    def test_writes_to_the_deputy_of_an_absent_pam(self, world: World) -> None:
        from portal.portfolio.models import Delegation

        deputy = factories.make_pam(world.owner)
        world.owner.add(
            Delegation(
                pam_id=world.pam.id, deputy_id=deputy.id, starts_on=date(2026, 11, 20),
                ends_before=date(2026, 11, 30), created_at=AT,
            )
        )  # fmt: skip
        world.owner.commit()
        world.submitted()
        assert world.scalars("select recipient from mails") == [deputy.email]

    def test_is_harmless_when_pressed_twice(self, world: World) -> None:
        claim = world.draft()
        submit(world, claim, seen=claim.version)
        submit(world, claim, seen=claim.version)
        assert len(world.scalars("select id from claim_events where kind = 'submitted'")) == 1
        assert len(world.scalars("select id from mails")) == 1

    def test_names_every_missing_field_at_once(self, world: World) -> None:
        claim = world.empty()
        assert set(faults(world, claim)) == {
            "customer_siren", "customer_name", "customer_sector", "title", "project_type", "roles",
            "signed_on",
            "lines", "reseller_name", "evidence",
        }  # fmt: skip
        assert world.fresh(claim).state is ClaimState.DRAFT

    def test_asks_for_the_declaration_on_honour(self, world: World) -> None:
        with pytest.raises(Invalid) as refusal:
            submit(world, world.draft(), honour=False)
        assert refusal.value.faults == {"honour": "not_ticked"}

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"customer_siren": "000000017"}, {"customer_siren": "siren_key"}),
            ({"signed_on": date(2026, 11, 24), "ordered_on": None}, {"signed_on": "day_in_future"}),
            ({"ordered_on": date(2026, 11, 24)}, {"ordered_on": "day_in_future"}),
            ({"signed_on": date(2026, 11, 4)}, {"ordered_on": "order_before_signature"}),
            (
                {"signed_on": date(2026, 8, 1), "ordered_on": date(2026, 8, 24)},
                {"ordered_on": "window_closed"},
            ),
            ({"signed_on": date(2026, 8, 24), "ordered_on": None}, {"signed_on": "window_closed"}),
            ({"lines": []}, {"lines": "no_line"}),
            ({"lines": [LineInput("SQL", Decimal("0.00"))]}, {"lines": "no_line"}),
            ({"reseller_name": ""}, {"reseller_name": "reseller_missing"}),
        ],
    )
    def test_says_what_is_wrong_beside_the_field(
        self, world: World, changes: dict[str, object], expected: dict[str, str]
    ) -> None:
        assert faults(world, world.draft(**changes)) == expected

    def test_is_open_on_the_ninetieth_day_after_the_order(self, world: World) -> None:
        claim = world.draft(signed_on=date(2026, 8, 1), ordered_on=date(2026, 8, 25))
        submit(world, claim)
        assert world.fresh(claim).state is ClaimState.SUBMITTED

    def test_counts_days_in_paris(self, world: World) -> None:
        claim = world.draft(signed_on=date(2026, 8, 1), ordered_on=date(2026, 8, 25))
        assert faults(world, claim, at=AT.replace(hour=23, minute=30)) == {"ordered_on": "window_closed"}

    def test_is_refused_when_the_firm_declared_the_order_before(self, world: World) -> None:
        first = world.submitted()
        with pytest.raises(OwnDuplicate) as refusal:
            submit(world, world.draft(lines=[LineInput("SECURITY", Decimal("1.00"))]))
        assert refusal.value.params["reference"] == first.reference

    def test_accepts_another_family_of_the_same_order(self, world: World) -> None:
        world.submitted()
        submit(world, world.draft(lines=[LineInput("SQL", Decimal("30000.00"))]))

    def test_asks_to_justify_a_close_one_without_number(self, world: World) -> None:
        world.submitted(order_no="")
        close = world.draft(order_no="", lines=[LineInput("SECURITY", Decimal("33000.00"))])
        assert faults(world, close) == {"duplicate_reason": "duplicate_to_justify"}
        justified = world.draft(order_no="", duplicate_reason="Deux sites distincts")
        submit(world, justified)
        assert world.fresh(justified).state is ClaimState.SUBMITTED

    def test_lets_through_a_distant_amount_or_another_order(self, world: World) -> None:
        world.submitted()
        submit(world, world.draft(order_no="CMD-2"))
        submit(world, world.draft(order_no="", lines=[LineInput("SECURITY", Decimal("90000.00"))]))

    def test_cannot_be_done_again_once_in_review(self, world: World) -> None:
        claim = world.in_review()
        with pytest.raises(IllegalStep):
            submit(world, claim)


class TestWithdrawClaim:
    def test_takes_back_and_stops_the_clock(self, world: World) -> None:
        claim = world.in_review()
        with world.acting(world.admin), transaction():
            mine = claims.get_claim(claim.public_id)
            claims.withdraw_claim(
                claim=mine, seen=mine.version, actor_id=world.admin.id, at=AT, note="Annulé"
            )
        found = world.fresh(claim)
        assert (found.state, found.decide_by) == (ClaimState.WITHDRAWN, None)
        assert "claim.withdrawn" in world.scalars("select kind from mails")


class TestExpireClaims:
    def test_expires_drafts_past_their_window_and_tells_the_firm(self, world: World) -> None:
        claim = world.draft(signed_on=date(2026, 8, 1), ordered_on=date(2026, 8, 25))
        with world.acting(None), transaction():
            assert claims.expire_claims(at=AT) == 0
        with world.acting(None), transaction():
            assert claims.expire_claims(at=AT + timedelta(days=1)) == 1
        assert world.fresh(claim).state is ClaimState.EXPIRED
        assert world.scalars("select recipient from mails") == [world.member.email]
