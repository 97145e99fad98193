"""Questions, answers, refusals and approvals, on a real PostgreSQL."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import text

from portal import claims
from portal.claims import Claim, ClaimState, Decision, LineInput, LineVerdict, ProjectRole, Verdict
from portal.claims.models import ClaimLine, ClaimMatch, MatchKind, MatchState
from portal.claims.workflow import IllegalStep
from portal.db import Identity, acting_as, transaction
from portal.errors import Forbidden, Invalid, NotFound, Stale
from portal.users.models import User
from tests import factories
from tests.factories import papers
from tests.factories.people import AT
from tests.integration.claims.conftest import World

LATER = AT + timedelta(days=4)
P, D = ProjectRole.PRESCRIBE, ProjectRole.DESIGN
ROLES = (P, D)


def do(world: World, person: User, claim: Claim, use_case: Callable[..., object], **given: object) -> object:
    """Play a use case on the claim as this person sees it now."""
    with world.acting(person), transaction():
        mine = claims.get_claim(claim.public_id)
        return use_case(claim=mine, **{"seen": mine.version, "actor_id": person.id, "at": AT, **given})


def verdict(
    world: World, claim: Claim, *approved: str, cut: str | None = None, skip: str = "", **others: object
) -> Verdict:
    """A verdict on every line (in full by default) with the grid ticked, but for one check."""
    with world.acting(world.pam):
        lines = claims.lines_of(claim.id)
        codes = {
            check.code
            for check, _ in claims.grid_of(claims.get_claim(claim.public_id), on=date(2026, 11, 23))
        }
        given = {
            line.id: LineVerdict(Decimal(approved[place]) if approved else line.declared, cut)
            for place, line in enumerate(lines)
        }
    return Verdict(**{"lines": given, "roles": ROLES, "ticks": frozenset(codes - {skip}), **others})  # type: ignore[arg-type]


def approve(
    world: World, claim: Claim, *approved: str, person: User | None = None, **others: object
) -> object:
    given = verdict(world, claim, *approved, **others)  # type: ignore[arg-type]
    return do(world, person or world.pam, claim, claims.approve_claim, verdict=given)


def match(world: World, claim: Claim, kind: MatchKind, verified: str) -> None:
    """An order line that answers the claim's only line."""
    order = factories.make_order_line(world.owner, amount=verified, family="SECURITY")
    line = world.owner.query(ClaimLine).filter_by(claim_id=claim.id).one()
    world.owner.add(
        ClaimMatch(
            partner_id=claim.partner_id, claim_line_id=line.id, order_line_id=order.id, kind=kind,
            state=MatchState.CONFIRMED if kind is MatchKind.EXACT else MatchState.PROPOSED,
            verified_amount=Decimal(verified), matched_at=AT,
        )
    )  # fmt: skip
    world.owner.commit()


class TestTakeClaim:
    def test_tells_the_firm_by_whom_it_is_read(self, world: World) -> None:
        claim = world.in_review()
        assert (claim.state, claim.taken_by_id) == (ClaimState.IN_REVIEW, world.pam.id)

    def test_is_not_found_by_the_pam_of_another_firm(self, world: World) -> None:
        claim = world.submitted()
        with world.acting(factories.make_pam(world.owner)), pytest.raises(NotFound):
            claims.get_claim(claim.public_id)


class TestRequestInfo:
    def test_stops_the_clock_and_gives_fifteen_days(self, world: World) -> None:
        claim = world.in_review()
        do(world, world.pam, claim, claims.request_info, reason="EVIDENCE_UNDATED", note="Page 2 ?", at=LATER)
        found = world.fresh(claim)
        assert (found.state, found.decide_by, found.clock_left) == (ClaimState.INFO_REQUESTED, None, 6)
        assert found.info_due_on == date(2026, 12, 12)
        assert "claim.info_requested" in world.scalars("select kind from mails")

    @pytest.mark.parametrize(
        ("reason", "fault"), [("", "required"), ("UNDATED", "not_a_choice"), ("X", "not_a_choice")]
    )
    def test_needs_a_reason_of_the_list(self, world: World, reason: str, fault: str) -> None:
        claim = world.in_review()
        with pytest.raises(Invalid) as refusal:
            do(world, world.pam, claim, claims.request_info, reason=reason, note="")
        assert refusal.value.faults == {"reason": fault}
        assert world.fresh(claim).state is ClaimState.IN_REVIEW

    def test_cannot_be_asked_of_an_unread_claim(self, world: World) -> None:
        with pytest.raises(IllegalStep):
            do(world, world.pam, world.submitted(), claims.request_info, reason="ROLE_ASKED", note="")


class TestAnswerRequest:
    def asked(self, world: World) -> Claim:
        claim = world.in_review()
        do(world, world.pam, claim, claims.request_info, reason="EVIDENCE_UNDATED", note="", at=LATER)
        return claim

    def test_lets_the_clock_run_on_from_where_it_stood(self, world: World) -> None:
        claim = self.asked(world)
        answered_at = LATER + timedelta(days=7)
        do(world, world.member, claim, claims.answer_request, note="Voici", at=answered_at)
        found = world.fresh(claim)
        assert (found.state, found.clock_left, found.info_due_on) == (ClaimState.IN_REVIEW, None, None)
        assert found.decide_by == date(2026, 12, 14)  # six working days after Friday 4 December
        assert "claim.answered" in world.scalars("select kind from mails")

    def test_needs_words_or_a_new_paper(self, world: World) -> None:
        claim = self.asked(world)
        with pytest.raises(Invalid) as refusal:
            do(world, world.member, claim, claims.answer_request, note="  ", at=LATER)
        assert refusal.value.faults == {"note": "answer_missing"}
        with world.acting(world.member), transaction():
            claims.add_evidence(
                claim=claims.get_claim(claim.public_id), source=papers.image(), name="page.png",
                evidence_type="CUSTOMER_CONFIRMATION", dated_on=None, actor_id=world.member.id,
                at=LATER + timedelta(hours=1),
            )  # fmt: skip
        do(world, world.member, claim, claims.answer_request, note="", at=LATER)
        assert world.fresh(claim).state is ClaimState.IN_REVIEW

    def test_may_bring_the_number_that_was_missing(self, world: World) -> None:
        claim = world.in_review(order_no="")
        do(world, world.pam, claim, claims.request_info, reason="ORDER_NUMBER_ASKED", note="", at=LATER)
        do(world, world.member, claim, claims.answer_request, note="", order_no=" CMD-9 ", at=LATER)
        assert world.fresh(claim).order_no == "CMD-9"
        do(world, world.pam, claim, claims.request_info, reason="ORDER_NUMBER_ASKED", note="", at=LATER)
        do(world, world.member, claim, claims.answer_request, note="non", order_no="CMD-10", at=LATER)
        assert world.fresh(claim).order_no == "CMD-9"

    def test_never_brings_the_number_of_another_claim_of_the_firm(self, world: World) -> None:
        world.submitted()
        claim = world.in_review(order_no="", duplicate_reason="Autre site")
        do(world, world.pam, claim, claims.request_info, reason="ORDER_NUMBER_ASKED", note="", at=LATER)
        with pytest.raises(claims.OwnDuplicate):
            do(world, world.member, claim, claims.answer_request, note="", order_no="cmd-881204", at=LATER)
        assert world.fresh(claim).state is ClaimState.INFO_REQUESTED

    def test_expires_after_the_last_day_and_not_on_it(self, world: World) -> None:
        claim = self.asked(world)
        with world.acting(None), transaction():
            assert claims.remind_claims(at=LATER + timedelta(days=10)) == 1
        with world.acting(None), transaction():
            assert claims.expire_claims(at=LATER + timedelta(days=15)) == 0
        with world.acting(None), transaction():
            assert claims.expire_claims(at=LATER + timedelta(days=16)) == 1
        assert world.fresh(claim).state is ClaimState.EXPIRED
        kinds = world.scalars("select kind from mails")
        assert {"claim.info_reminder", "claim.expired"} <= set(kinds)


class TestRejectClaim:
    def test_tells_the_reason_its_cure_and_the_last_day(self, world: World) -> None:
        claim = world.in_review()
        do(world, world.pam, claim, claims.reject_claim, reason="EVIDENCE_AFTER_ORDER", note="")
        found = world.fresh(claim)
        assert (found.state, found.decision) == (ClaimState.REJECTED, Decision.REJECTED)
        assert (found.reason_code, found.cure_by) == ("EVIDENCE_AFTER_ORDER", date(2026, 12, 23))
        assert world.scalars("select context->>'reason' from mails where kind = 'claim.rejected'") == [
            "EVIDENCE_AFTER_ORDER"
        ]

    def test_asks_for_words_with_the_other_reason(self, world: World) -> None:
        with pytest.raises(Invalid):
            do(world, world.pam, world.in_review(), claims.reject_claim, reason="OTHER_REFUSAL", note=" ")

    def test_lets_the_firm_declare_again(self, world: World) -> None:
        claim = world.in_review()
        do(world, world.pam, claim, claims.reject_claim, reason="UNDATED", note="")
        assert world.submitted().state is ClaimState.SUBMITTED


class TestApproveClaim:
    def test_keeps_amounts_roles_and_ticks_and_tells_the_firm(self, world: World) -> None:
        claim = world.in_review()
        assert approve(world, claim) == ()
        found = world.fresh(claim)
        assert (found.state, found.decision, found.decided_by_id) == (
            ClaimState.APPROVED, Decision.APPROVED, world.pam.id,
        )  # fmt: skip
        assert world.scalars("select approved_amount from claim_lines") == [Decimal("30000.00")]
        assert len(world.scalars("select check_code from claim_grid_ticks")) == 8
        assert "claim.approved" in world.scalars("select kind from mails")
        assert "claim.approved" in world.scalars("select action from audit_records")

    def test_codes_each_cut(self, world: World) -> None:
        claim = world.in_review()
        approve(world, claim, "20000.00", cut="FINAL_AMOUNT_DIFFERS")
        found = world.fresh(claim)
        assert found.decision is Decision.APPROVED_IN_PART
        assert "claim.approved_in_part" in world.scalars("select kind from mails")

    def test_approves_fewer_roles_with_a_reason_and_remembers_those_declared(self, world: World) -> None:
        claim = world.in_review()
        approve(world, claim, roles=(P,), role_reason="ROLE_NOT_DESCRIBED")
        assert world.fresh(claim).decision is Decision.APPROVED_IN_PART
        assert world.fresh(claim).roles == ["PRESCRIBE"]
        declared = world.scalars("select details->'roles_declared' from claim_events where kind = 'approved'")
        assert declared == [["PRESCRIBE", "DESIGN"]]

    @pytest.mark.parametrize(
        ("approved", "others", "place"),
        [
            (("30000.01",), {}, "approved-1"),
            (("-0.01",), {}, "approved-1"),
            (("20000.00",), {}, "cut-1"),
            (("20000.00",), {"cut": "NOPE"}, "cut-1"),
            ((), {"skip": "PRODUCT_NAMED"}, "ticks"),
            ((), {"roles": ()}, "roles"),
            ((), {"roles": (*ROLES, ProjectRole.DEPLOY)}, "roles"),
            ((), {"roles": (P,)}, "role_reason"),
            ((), {"lines": {}}, "approved-1"),
        ],
    )
    def test_is_refused_beside_what_is_wrong(
        self, world: World, approved: tuple[str, ...], others: dict[str, object], place: str
    ) -> None:
        claim = world.in_review()
        with pytest.raises(Invalid) as refusal:
            approve(world, claim, *approved, **others)
        assert place in refusal.value.faults
        assert world.fresh(claim).state is ClaimState.IN_REVIEW

    def test_needs_an_order_or_enrolment_number(self, world: World) -> None:
        with pytest.raises(Invalid) as refusal:
            approve(world, world.in_review(order_no=""))
        assert refusal.value.faults == {"order_no": "order_number_missing"}

    def test_needs_the_claim_to_be_read_first(self, world: World) -> None:
        with pytest.raises(IllegalStep):
            approve(world, world.submitted())

    def test_is_never_done_by_who_made_the_claim(self, world: World) -> None:
        with world.acting(world.pam), transaction():
            claim = claims.start_draft(partner_id=world.firm.id, actor_id=world.pam.id, at=AT)
            with pytest.raises(Forbidden):
                claims.approve_claim(
                    claim=claim, seen=1, verdict=Verdict({}, ROLES, frozenset()), actor_id=world.pam.id, at=AT
                )

    def test_refuses_the_second_of_two_deciders_and_names_the_first(self, world: World) -> None:
        claim = world.in_review()
        seen = claim.version
        do(world, world.pam, claim, claims.reject_claim, reason="UNDATED", note="", at=LATER)
        given = verdict(world, claim)
        with pytest.raises(Stale) as refusal:
            do(world, world.pam, claim, claims.approve_claim, verdict=given, seen=seen, at=LATER)
        assert refusal.value.params == {"who": world.pam.name, "what": "claim.rejected", "at": LATER}

    def test_refuses_a_page_whose_evidence_was_replaced_meanwhile(self, world: World) -> None:
        claim = world.in_review()
        given = verdict(world, claim)
        with world.acting(world.member), transaction():
            mine = claims.get_claim(claim.public_id)
            paper = claims.get_evidence(claims.evidence_of(mine.id)[0].public_id)
            claims.add_evidence(
                claim=mine, source=papers.image(), name="v2.png", evidence_type="SIGNED_SOW", dated_on=None,
                actor_id=world.member.id, at=LATER, replaces=paper,
            )  # fmt: skip
        with pytest.raises(Stale) as refusal:
            do(world, world.pam, claim, claims.approve_claim, verdict=given, seen=claim.version)
        assert refusal.value.params["what"] == "claim.evidence_replaced"

    def test_happens_exactly_once_among_many_at_the_same_instant(self, world: World, portal: Flask) -> None:
        claim = world.in_review()
        given, key, seen = verdict(world, claim), claim.public_id, claim.version
        token = factories.make_session(world.owner, world.pam)
        barrier, outcomes = Barrier(8), []

        def decide() -> None:
            with portal.app_context(), acting_as(Identity(token, "portal_pam")):
                mine = claims.get_claim(key)
                barrier.wait(10)
                try:
                    with transaction():
                        claims.approve_claim(
                            claim=mine, seen=seen, verdict=given, actor_id=world.pam.id, at=AT
                        )
                    outcomes.append("approved")
                except Stale:
                    outcomes.append("stale")

        threads = [Thread(target=decide) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(outcomes) == ["approved"] + ["stale"] * 7
        assert world.scalars("select count(*) from claim_events where kind = 'approved'") == [1]


class TestSecondApproval:
    @pytest.mark.parametrize(
        ("changes", "weight", "reasons"),
        [
            ({"lines": [LineInput("SECURITY", Decimal("50000.00"))]}, "1", ()),
            ({"lines": [LineInput("SECURITY", Decimal("50000.01"))]}, "1", ("above_limit",)),
            ({"lines": [LineInput("SECURITY", Decimal("76923.07"))]}, "0.65", ()),
            ({"lines": [LineInput("SECURITY", Decimal("76923.09"))]}, "0.65", ("above_limit",)),
            ({"customer_public": True}, "1", ("public_customer",)),
        ],
    )
    def test_is_asked_by_amount_and_customer(
        self, world: World, changes: dict[str, object], weight: str, reasons: tuple[str, ...]
    ) -> None:
        claim = world.in_review(**changes)
        assert approve(world, claim, weight=Decimal(weight)) == reasons
        expected = ClaimState.PENDING_SECOND if reasons else ClaimState.APPROVED
        assert world.fresh(claim).state is expected

    def test_is_asked_when_the_order_is_only_probable(self, world: World) -> None:
        claim = world.in_review()
        match(world, claim, MatchKind.PROBABLE, "30000.00")
        assert approve(world, claim) == ("probable_match",)

    def test_counts_no_more_than_the_orders_verify(self, world: World) -> None:
        claim = world.in_review(lines=[LineInput("SECURITY", Decimal("90000.00"))])
        match(world, claim, MatchKind.EXACT, "50000.00")
        assert approve(world, claim) == ()

    def second(self, world: World) -> Claim:
        claim = world.in_review(customer_public=True)
        approve(world, claim)
        return claim

    def test_makes_the_decision_with_another_person(self, world: World) -> None:
        claim = self.second(world)
        assert world.fresh(claim).decided_by_id is None
        do(world, world.lead, claim, claims.approve_second, note="")
        found = world.fresh(claim)
        assert (found.first_decided_by_id, found.decided_by_id) == (world.pam.id, world.lead.id)
        assert (found.state, found.decision) == (ClaimState.APPROVED, Decision.APPROVED)

    def test_keeps_a_cut_of_the_first_person(self, world: World) -> None:
        claim = world.in_review(customer_public=True)
        approve(world, claim, roles=(P,), role_reason="ROLE_NOT_DESCRIBED")
        do(world, world.lead, claim, claims.approve_second, note="")
        assert world.fresh(claim).decision is Decision.APPROVED_IN_PART

    def test_is_never_given_by_the_first_person(self, world: World) -> None:
        claim = self.second(world)
        with pytest.raises(Forbidden):
            do(world, world.pam, claim, claims.approve_second, note="")
        with pytest.raises(Forbidden):
            do(world, world.pam, claim, claims.reject_claim, reason="UNDATED", note="")

    def test_may_end_in_a_refusal_that_grants_nothing(self, world: World) -> None:
        claim = self.second(world)
        do(world, world.lead, claim, claims.reject_claim, reason="OUT_OF_PROGRAMME", note="")
        assert world.fresh(claim).state is ClaimState.REJECTED
        assert world.scalars("select approved_amount from claim_lines") == [None]

    def test_writes_to_the_leads_of_the_segment(self, world: World) -> None:
        self.second(world)
        assert world.scalars("select recipient from mails where kind = 'claim.pending_second'") == [
            world.lead.email
        ]


class TestTimeline:
    def test_is_open_to_the_firm_with_names_and_words(self, world: World) -> None:
        claim = world.in_review()
        do(world, world.pam, claim, claims.request_info, reason="ROLE_ASKED", note="Page ?")
        with world.acting(world.admin):
            events = claims.timeline_of(claim.id)
        assert [event.kind for event in events] == [
            "info_requested", "taken", "submitted", "evidence_added", "started",
        ]  # fmt: skip
        assert (events[0].actor, events[0].note, events[0].of_firm) == (world.pam.name, "Page ?", False)
        assert events[2].of_firm

    def test_never_changes(self, world: World) -> None:
        world.submitted()
        with pytest.raises(Exception, match="never change"):
            world.owner.execute(text("update claim_events set note = 'x'"))
        world.owner.rollback()
        with pytest.raises(Exception, match="never change"):
            world.owner.execute(text("delete from claim_events where kind = 'submitted'"))
