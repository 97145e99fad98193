"""Appeals, revocations, drafts on behalf, messages, clocks and small claims, on a real PostgreSQL."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError

from portal import claims
from portal.claims import Claim, ClaimState, Decision, LineInput
from portal.claims.models import AppealOutcome, ClaimAppeal, ClaimRevocation
from portal.claims.workflow import RULES, IllegalStep
from portal.db import db, transaction
from portal.errors import Forbidden, Invalid, Refused, Stale
from portal.users.models import Role, User
from tests import factories
from tests.factories import papers
from tests.factories.people import AT
from tests.integration.claims.conftest import FIELDS, World
from tests.integration.claims.test_review import ROLES, approve, do, verdict

DAY = timedelta(days=1)


def rejected(world: World) -> Claim:
    claim = world.in_review()
    do(world, world.pam, claim, claims.reject_claim, reason="UNDATED", note="")
    return world.fresh(claim)


def appealed(world: World, claim: Claim, at: object = AT) -> Claim:
    do(world, world.member, claim, claims.appeal_claim, asks="decision", grounds="Daté en page 2.", at=at)
    return world.fresh(claim)


def judge(world: World, person: User, claim: Claim, **given: object) -> Claim:
    do(world, person, claim, claims.judge_appeal, **{"reasons": "Rien de nouveau.", **given})
    return world.fresh(claim)


def somebody(world: World, role: Role) -> User:
    return factories.make_user(world.owner, role)


class TestAppealClaim:
    def test_goes_to_the_lead_then_to_the_programme_and_no_further(self, world: World) -> None:
        claim = appealed(world, rejected(world))
        assert (claim.state, claim.decide_by) == (ClaimState.APPEALED, RULES.judge_by(AT.date()))
        to = world.scalars("select recipient from mails where kind = 'claim.appealed'")
        assert to == [world.lead.email]
        claim = judge(world, world.lead, claim)
        assert (claim.state, claim.decision) == (ClaimState.REJECTED, Decision.REJECTED)
        assert (claim.cure_by, claim.decide_by) == (date(2026, 12, 23), None)
        manager = somebody(world, Role.PROGRAMME_MANAGER)
        claim = appealed(world, claim, at=AT + DAY)
        given = verdict(world, claim)
        claim = judge(world, manager, claim, verdict=given, reasons="La page 2 est datée.", at=AT + 2 * DAY)
        assert (claim.state, claim.decision, claim.decided_by_id) == (
            ClaimState.APPROVED, Decision.APPROVED, manager.id,
        )  # fmt: skip
        assert (claim.reason_code, claim.cure_by) == (None, None)
        assert {"claim.appeal_upheld", "claim.appeal_won"} <= set(world.scalars("select kind from mails"))

    def test_is_refused_a_third_time(self, world: World) -> None:
        claim = judge(world, world.lead, appealed(world, rejected(world)))
        claim = judge(world, somebody(world, Role.PROGRAMME_MANAGER), appealed(world, claim))
        with pytest.raises(Refused, match="appeal_closed"):
            appealed(world, claim)

    def test_is_open_on_the_thirtieth_day_and_closed_on_the_next(self, world: World) -> None:
        claim = rejected(world)
        with pytest.raises(Refused, match="appeal_closed"):
            appealed(world, claim, at=AT + 31 * DAY)
        assert appealed(world, claim, at=AT + 30 * DAY).state is ClaimState.APPEALED

    def test_is_refused_of_a_claim_approved_in_full(self, world: World) -> None:
        claim = world.in_review()
        approve(world, claim)
        with pytest.raises(Refused, match="appeal_closed"):
            appealed(world, claim)

    def test_keeps_what_was_approved_in_part_and_never_takes_it_back(self, world: World) -> None:
        claim = world.in_review()
        approve(world, claim, "20000.00", cut="FINAL_AMOUNT_DIFFERS")
        claim = appealed(world, claim)
        assert claim.decision is Decision.APPROVED_IN_PART
        assert world.scalars("select approved_amount from claim_lines") == [Decimal("20000.00")]
        less = verdict(world, claim, "10000.00", cut="FINAL_AMOUNT_DIFFERS")
        with pytest.raises(Invalid) as refusal:
            judge(world, world.lead, claim, verdict=less)
        assert set(refusal.value.faults.values()) == {"appeal_takes_nothing"}
        claim = judge(world, world.lead, claim)
        assert (claim.state, claim.decision) == (ClaimState.APPROVED, Decision.APPROVED_IN_PART)
        assert world.scalars("select approved_amount from claim_lines") == [Decimal("20000.00")]

    @pytest.mark.parametrize(
        ("given", "fault"),
        [
            ({"grounds": "  ", "asks": "decision"}, {"grounds": "required"}),
            ({"grounds": "x", "asks": "justice"}, {"asks": "not_a_choice"}),
        ],
    )
    def test_says_what_it_is_against_and_why(
        self, world: World, given: dict[str, str], fault: dict[str, str]
    ) -> None:
        with pytest.raises(Invalid) as refusal:
            do(world, world.member, rejected(world), claims.appeal_claim, **given)
        assert refusal.value.faults == fault


class TestJudgeAppeal:
    def test_is_not_done_by_who_decided_before(self, world: World) -> None:
        claim = world.in_review(customer_public=True)
        approve(world, claim)
        do(world, world.lead, claim, claims.reject_claim, reason="UNDATED", note="")
        claim = appealed(world, claim)
        assert world.scalars("select recipient from mails where kind = 'claim.appealed'") == []
        with pytest.raises(Forbidden, match="four_eyes"):
            judge(world, world.lead, claim)
        other = somebody(world, Role.SEGMENT_LEAD)
        assert judge(world, other, claim).state is ClaimState.REJECTED

    def test_is_not_done_at_another_level_nor_without_reasons(self, world: World) -> None:
        claim = appealed(world, rejected(world))
        with pytest.raises(Forbidden, match="appeal_level"):
            judge(world, somebody(world, Role.PROGRAMME_MANAGER), claim)
        with pytest.raises(IllegalStep):
            judge(world, world.pam, claim)
        with pytest.raises(Invalid):
            judge(world, world.lead, claim, reasons=" ")

    def test_is_refused_by_postgresql_to_who_decided_before(self, world: World) -> None:
        claim = world.in_review(customer_public=True)
        approve(world, claim)
        do(world, world.lead, claim, claims.reject_claim, reason="UNDATED", note="")
        claim = appealed(world, claim)
        judged = {
            "outcome": AppealOutcome.UPHELD, "reasons": "x", "judged_by_id": world.lead.id, "judged_at": AT,
        }  # fmt: skip
        with world.acting(world.lead), pytest.raises(DBAPIError, match="does not judge"), transaction():
            db.session.execute(update(ClaimAppeal).values(judged))

    def test_is_refused_by_postgresql_where_no_appeal_was_judged(self, world: World) -> None:
        claim = appealed(world, rejected(world))
        with world.acting(world.lead), pytest.raises(DBAPIError, match="rests on"), transaction():
            db.session.execute(update(Claim).where(Claim.id == claim.id).values(state=ClaimState.REJECTED))

    def test_is_refused_by_postgresql_where_no_appeal_was_made(self, world: World) -> None:
        claim = rejected(world)
        with world.acting(world.member), pytest.raises(DBAPIError, match="rests on"), transaction():
            db.session.execute(update(Claim).where(Claim.id == claim.id).values(state=ClaimState.APPEALED))


class TestRevokeClaim:
    def proposed(self, world: World, person: User) -> Claim:
        claim = world.in_review()
        approve(world, claim)
        do(world, person, claim, claims.propose_revocation, reason="AUDIT_FINDING", reasons="Facture annulée")
        return world.fresh(claim)

    def test_takes_two_persons_one_of_finance_and_one_of_the_programme(self, world: World) -> None:
        finance, manager = somebody(world, Role.FINANCE), somebody(world, Role.PROGRAMME_MANAGER)
        claim = self.proposed(world, finance)
        assert claim.state is ClaimState.APPROVED
        assert world.scalars("select recipient from mails where kind = 'claim.revocation_proposed'")
        for person in (finance, somebody(world, Role.FINANCE)):
            with pytest.raises(Forbidden):
                do(world, person, claim, claims.confirm_revocation)
        do(world, manager, claim, claims.confirm_revocation)
        found = world.fresh(claim)
        assert (found.state, found.reason_code) == (ClaimState.REVOKED, "AUDIT_FINDING")
        assert "claim.revoked" in world.scalars("select kind from mails")

    def test_may_be_dropped_and_proposed_again_but_not_twice_at_once(self, world: World) -> None:
        finance = somebody(world, Role.FINANCE)
        claim = self.proposed(world, finance)
        with pytest.raises(Refused, match="revocation_proposed"):
            do(world, finance, claim, claims.propose_revocation, reason="AUDIT_FINDING", reasons="x")
        with world.acting(finance), transaction():
            claims.drop_revocation(claim=claims.get_claim(claim.public_id), actor_id=finance.id, at=AT + DAY)
        with pytest.raises(Stale):
            do(world, somebody(world, Role.PROGRAMME_MANAGER), claim, claims.confirm_revocation)

    def test_is_no_lead_s(self, world: World) -> None:
        claim = world.in_review()
        approve(world, claim)
        with pytest.raises(IllegalStep):
            do(world, world.lead, claim, claims.propose_revocation, reason="AUDIT_FINDING", reasons="x")
        row = {
            "partner_id": claim.partner_id, "claim_id": claim.id, "reason_code": "AUDIT_FINDING",
            "reasons": "x", "proposed_by_id": world.lead.id, "proposed_at": AT,
        }  # fmt: skip
        stated = insert(ClaimRevocation).values(row).inline()
        with world.acting(world.lead), pytest.raises(DBAPIError, match="finance and"), transaction():
            db.session.execute(stated)

    def test_is_refused_by_postgresql_without_the_other_s_word(self, world: World) -> None:
        finance = somebody(world, Role.FINANCE)
        claim = self.proposed(world, finance)
        with world.acting(finance), pytest.raises(DBAPIError, match="rests on"), transaction():
            db.session.execute(update(Claim).where(Claim.id == claim.id).values(state=ClaimState.REVOKED))
        alone = update(ClaimRevocation).values(confirmed_by_id=finance.id, confirmed_at=AT)
        with world.acting(finance), pytest.raises(DBAPIError, match="one of finance"), transaction():
            db.session.execute(alone)


class TestDraftOnBehalf:
    def drafted(self, world: World) -> Claim:
        with world.acting(world.pam), transaction():
            claim = claims.start_draft(partner_id=world.firm.id, actor_id=world.pam.id, at=AT)
            lines = [LineInput("SECURITY", Decimal("30000.00"))]
            claims.save_draft(claim=claim, seen=1, changes=FIELDS, lines=lines, actor_id=world.pam.id, at=AT)
            lines = [LineInput("SECURITY", Decimal("31000.00"))]
            claims.save_draft(
                claim=claim, seen=2, changes={"title": "Poste"}, lines=lines, actor_id=world.pam.id, at=AT
            )
            claims.offer_draft(claim=claim, seen=3, actor_id=world.pam.id, at=AT)
        return world.fresh(claim)

    def test_is_declared_by_the_firm_alone(self, world: World) -> None:
        claim = self.drafted(world)
        assert claim.on_behalf
        assert world.scalars("select recipient from mails where kind = 'claim.offered'") == [
            world.admin.email
        ]
        with world.acting(world.member), transaction():
            world.prove(claims.get_claim(claim.public_id))
        with pytest.raises(IllegalStep):
            do(world, world.pam, claim, claims.submit_claim, honour=True)
        do(world, world.member, claim, claims.submit_claim, honour=True)
        found = world.fresh(claim)
        assert (found.state, found.declared_honour_by_id) == (ClaimState.SUBMITTED, world.member.id)

    def test_is_approved_by_two_leads_and_never_by_who_wrote_it(self, world: World) -> None:
        claim = self.drafted(world)
        with world.acting(world.member), transaction():
            world.prove(claims.get_claim(claim.public_id))
        do(world, world.member, claim, claims.submit_claim, honour=True)
        do(world, world.lead, claim, claims.take_claim)
        with pytest.raises(Forbidden):
            approve(world, claim)
        assert approve(world, claim, person=world.lead) == ("made_by_pam",)
        with pytest.raises(Forbidden):
            do(world, world.lead, claim, claims.approve_second, note="")
        do(world, somebody(world, Role.SEGMENT_LEAD), claim, claims.approve_second, note="")
        assert world.fresh(claim).state is ClaimState.APPROVED

    def test_is_marked_by_postgresql_and_no_other_draft_is_touched(self, world: World) -> None:
        mine = world.draft()
        with world.acting(world.pam), transaction():  # a firm's draft is not even there for staff
            db.session.execute(update(Claim).where(Claim.id == mine.id).values(title="Autre"))
        assert world.fresh(mine).title != "Autre"
        with world.acting(world.pam), pytest.raises(DBAPIError, match="not this person"), transaction():
            db.session.add(
                Claim(
                    partner_id=world.firm.id, reference="D-FY27-999999", created_by_id=world.pam.id,
                    created_at=AT, updated_at=AT,
                )
            )  # fmt: skip

    def test_is_the_only_claim_that_a_lead_begins(self, world: World) -> None:
        with pytest.raises(Forbidden):
            do(world, world.lead, world.submitted(), claims.take_claim)


class TestPostMessage:
    def test_reaches_the_other_side_with_its_paper(self, world: World) -> None:
        claim = world.submitted()
        for person, body in ((world.member, "Voici le plan"), (world.pam, "Merci")):
            with world.acting(person), transaction():
                claims.post_message(
                    claim=claims.get_claim(claim.public_id), body=body, source=papers.pdf(), name="plan.pdf",
                    actor_id=person.id, at=AT,
                )  # fmt: skip
        with world.acting(world.admin):
            found = claims.messages_of(claim.id)
        assert [(one.body, one.author, one.of_firm, one.name) for one in found] == [
            ("Voici le plan", world.member.name, True, "plan.pdf"),
            ("Merci", world.pam.name, False, "plan.pdf"),
        ]
        to = world.scalars("select recipient from mails where kind = 'claim.message' order by queued_at, id")
        assert set(to) == {world.pam.email, world.member.email}
        assert world.fresh(claim).state is ClaimState.SUBMITTED

    def test_says_something(self, world: World) -> None:
        with pytest.raises(Invalid), world.acting(world.member):
            claims.post_message(
                claim=claims.get_claim(world.submitted().public_id), body=" ", actor_id=world.member.id, at=AT
            )

    def test_is_kept_as_it_was_said(self, world: World) -> None:
        claim = world.submitted()
        with world.acting(world.member), transaction():
            claims.post_message(
                claim=claims.get_claim(claim.public_id), body="Oui", actor_id=world.member.id, at=AT
            )
        with pytest.raises(DBAPIError, match="claim_messages"):
            world.owner.execute(text("update claim_messages set body = 'Non'"))


class TestRemindClaims:
    def remind(self, world: World, at: object) -> int:
        with world.acting(None), transaction():
            return claims.remind_claims(at=at)  # type: ignore[arg-type]

    def test_tells_the_pam_to_begin_then_at_seventy_and_a_hundred_percent_then_the_lead(
        self, world: World
    ) -> None:
        claim = world.submitted()  # due on Monday 7 December
        sent = [self.remind(world, AT + n * DAY) for n in range(1, 20)]
        assert sum(sent) == 4
        assert [n for n, count in enumerate(sent, 1) if count] == [3, 9, 14, 16]
        mails = world.scalars(
            "select kind || ' ' || recipient from mails where kind ~ 'untaken|clock|late' order by queued_at"
        )
        assert mails == [
            *(f"claim.{kind} {world.pam.email}" for kind in ("untaken", "clock", "clock")),
            f"claim.late {world.lead.email}",
        ]  # fmt: skip
        assert world.fresh(claim).state is ClaimState.SUBMITTED

    def test_reaches_the_deputy_of_one_who_is_away(self, world: World) -> None:
        world.submitted()
        deputy = factories.make_pam(world.owner)
        world.owner.execute(
            text(
                "insert into delegations (pam_id, deputy_id, starts_on, ends_before, created_at)"
                f" values ({world.pam.id}, {deputy.id}, '2026-12-01', '2026-12-20', now())"
            )
        )
        world.owner.commit()
        assert self.remind(world, AT + 9 * DAY) == 2
        assert world.scalars("select recipient from mails where kind = 'claim.clock'") == [deputy.email]

    def test_is_silent_while_the_ball_is_with_the_firm(self, world: World) -> None:
        claim = world.in_review()
        do(world, world.pam, claim, claims.request_info, reason="EVIDENCE_UNDATED", note="")
        assert [self.remind(world, AT + n * DAY) for n in (9, 10, 11, 12)] == [0, 1, 0, 0]
        assert world.scalars("select kind from mails where kind ~ 'clock|reminder'") == [
            "claim.info_reminder"
        ]

    def test_tells_the_judge_of_an_appeal_of_its_delay(self, world: World) -> None:
        appealed(world, rejected(world))
        assert self.remind(world, AT + 16 * DAY) == 1  # eleven of fifteen working days
        assert world.scalars("select recipient from mails where kind = 'claim.clock'") == [world.lead.email]


class TestPublishTimes:
    def test_publishes_the_median_of_a_team_from_five_decisions_on(self, world: World) -> None:
        for days in (1, 2, 4, 7, 8):
            factories.make_claim(
                world.owner, world.firm, state=ClaimState.APPROVED, submitted_at=AT - days * DAY,
                decided_at=AT, grid_id=1,
            )  # fmt: skip
        with world.acting(None), transaction():
            assert claims.publish_times(at=AT) == 1
        with world.acting(world.member):
            assert claims.published_times() == {"SSII": (AT.date(), Decimal("2.0"))}


class TestApproveSmall:
    def small(self, world: World, claim: Claim, seen: int | None = None) -> Claim:
        with world.acting(world.pam), transaction():
            return claims.approve_small(
                public_id=claim.public_id, seen=seen or claim.version, weight=Decimal(1),
                actor_id=world.pam.id, at=AT,
            )  # fmt: skip

    def claim(self, world: World, amount: str = "4000.00", **changes: object) -> Claim:
        return world.submitted(lines=[LineInput("SECURITY", Decimal(amount))], **changes)

    def test_approves_in_full_what_a_reader_could(self, world: World) -> None:
        claim = self.claim(world)
        self.small(world, claim)
        found = world.fresh(claim)
        assert (found.decision, found.decided_by_id) == (Decision.APPROVED, world.pam.id)
        assert ROLES

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"amount": "15000.01"}, "bulk_too_large"),
            ({"customer_public": True}, "bulk_second_person"),
        ],
    )
    def test_leaves_alone_what_is_read_alone(self, world: World, changes: dict[str, str], code: str) -> None:
        claim = self.claim(world, **changes)
        with pytest.raises(Refused, match=code):
            self.small(world, claim)
        assert world.fresh(claim).state is ClaimState.SUBMITTED

    def test_leaves_what_the_grid_or_somebody_else_stops(self, world: World) -> None:
        claim = self.claim(world, order_no="")
        with pytest.raises(Invalid):
            self.small(world, claim)
        with pytest.raises(Stale):
            self.small(world, claim, seen=claim.version - 1)
        assert world.fresh(claim).state is ClaimState.SUBMITTED
