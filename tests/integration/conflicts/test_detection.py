"""Declarations of one project by two firms are found: at once when certain, for a person when not."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from portal import conflicts
from portal.claims.workflow import ClaimState
from portal.conflicts.models import Cause, ConflictState
from tests.factories.people import AT
from tests.integration.conflicts.conftest import Rivals

DAY = date(2026, 9, 15)


class TestLookForConflicts:
    def test_opens_one_at_once_for_the_same_order_of_the_same_customer_and_family(
        self, rivals: Rivals
    ) -> None:
        rivals.claim(0)
        late = rivals.claim(1, order_no=" cmd-7".strip(), state=ClaimState.SUBMITTED)
        assert rivals.detect(late) == 1
        found = rivals.conflict()
        assert (found.state, found.cause, found.families) == (ConflictState.OPEN, Cause.ORDER, ["M365"])
        assert rivals.states() == [ClaimState.IN_CONFLICT, ClaimState.IN_CONFLICT]
        assert [party.found_in for party in rivals.parties()] == ["in_review", "submitted"]

    def test_opens_one_for_the_same_enrolment(self, rivals: Rivals) -> None:
        rivals.claim(0, order_no="", enrolment_no="E-55")
        assert rivals.detect(rivals.claim(1, order_no="", enrolment_no="e-55")) == 1
        assert rivals.conflict().cause is Cause.ENROLMENT

    def test_finds_nothing_twice(self, rivals: Rivals) -> None:
        claims = rivals.claim(0), rivals.claim(1)
        assert [rivals.detect(*claims), rivals.detect(claims[0]), rivals.detect(claims[1])] == [1, 0, 0]

    @pytest.mark.parametrize(
        ("values", "count"),
        [
            ({"ordered_on": DAY + timedelta(days=180)}, 1),
            ({"ordered_on": DAY + timedelta(days=181)}, 0),
            ({"amounts": (("SQL", "1.00"),)}, 0),
            ({"amounts": (("SQL", "1.00"), ("M365", "1.00"))}, 1),
            ({"customer_siren": "000000026", "customer_name": "Autre client"}, 0),
            ({"customer_siren": "000000026", "customer_name": "CLIENTE FICTIF S.A.S."}, 1),
            ({"state": ClaimState.DRAFT}, 0),
            ({"state": ClaimState.REJECTED}, 0),
        ],
    )
    def test_leaves_likely_ones_to_a_person_and_tells_nobody(
        self, rivals: Rivals, values: dict[str, Any], count: int
    ) -> None:
        claim = rivals.claim(0)
        rivals.claim(1, **{"order_no": "OTHER", **values})
        assert rivals.detect(claim) == count
        assert rivals.states()[0] is ClaimState.IN_REVIEW
        assert rivals.mails() == []
        if count:
            assert rivals.conflict().state is ConflictState.SUSPECTED

    def test_takes_two_orders_of_the_vendor_for_two_projects(self, rivals: Rivals) -> None:
        from tests import factories
        from tests.factories import measure

        claims = rivals.claim(0, order_no="CMD-1"), rivals.claim(1, order_no="CMD-2")
        for claim, number in zip(claims, ("CMD-1", "CMD-2"), strict=True):
            measure.make_match(rivals.owner, claim, factories.make_order_line(rivals.owner, order_no=number))
        assert rivals.detect(*claims) == 0

    def test_lets_a_third_firm_join_without_a_word_to_the_first_two(self, rivals: Rivals) -> None:
        from portal.users.models import Role
        from tests import factories

        rivals.detect(rivals.claim(0), rivals.claim(1))
        before = rivals.mails()
        third = factories.make_partner(rivals.owner)
        admin = factories.make_user(rivals.owner, Role.PARTNER_ADMIN, partner=third)
        claim = factories.make_claim(
            rivals.owner,
            third,
            author=admin,
            state=ClaimState.SUBMITTED,
            order_no="CMD-7",
            grid_id=rivals.grid.id,
        )
        assert rivals.detect(claim) == 0
        assert len(rivals.parties()) == 3
        assert [mail for mail in rivals.mails() if mail not in before] == [("conflict.opened", third.id)]

    def test_reaches_approved_claims_until_thirty_days_after_their_statement(self, rivals: Rivals) -> None:
        rivals.claim(0, state=ClaimState.APPROVED)
        assert rivals.detect(rivals.claim(1)) == 1
        assert rivals.states() == [ClaimState.IN_CONFLICT, ClaimState.IN_CONFLICT]


class TestNotice:
    def test_tells_both_firms_the_same_neutral_thing_and_stops_their_clocks(self, rivals: Rivals) -> None:
        rivals.detect(rivals.claim(0), rivals.claim(1))
        assert rivals.mails() == [("conflict.opened", firm.id) for firm in rivals.firms]
        rows = rivals.owner.execute(
            text("select decide_by, clock_left from claims order by partner_id")
        ).all()
        assert rows == [(None, 5), (None, 5)]
        assert {party.due_on for party in rivals.parties()} == {date(2026, 12, 7)}
        contexts = rivals.owner.execute(
            text("select m.context::text, u.partner_id from mails m join users u on u.id = m.user_id")
        ).all()
        for context, firm_id in contexts:
            for firm in rivals.firms:
                if firm_id is not None and firm_id != firm.id:
                    assert firm.legal_name not in context and firm.code not in context

    def test_is_reminded_of_two_working_days_before_the_last(self, rivals: Rivals) -> None:
        from portal.db import transaction

        rivals.detect(rivals.claim(0), rivals.claim(1))
        at = AT.replace(day=30) + timedelta(days=3)  # Thursday 3 December; the last day is Monday 7th
        with rivals.acting(None), transaction():
            assert conflicts.remind_of_conflicts(at=at) == 2
            assert conflicts.remind_of_conflicts(at=at + timedelta(days=1)) == 0


class TestSuspicion:
    def test_once_confirmed_is_a_conflict_like_any_other(self, rivals: Rivals) -> None:
        claim = rivals.claim(0)
        rivals.claim(1, order_no="OTHER")
        rivals.detect(claim)
        rivals.as_lead(conflicts.confirm_suspicion)
        assert rivals.states() == [ClaimState.IN_CONFLICT, ClaimState.IN_CONFLICT]
        assert len(rivals.mails()) == 2

    def test_once_dismissed_leaves_no_trace_and_never_comes_back(self, rivals: Rivals) -> None:
        claim = rivals.claim(0)
        rivals.claim(1, order_no="OTHER")
        rivals.detect(claim)
        rivals.as_lead(conflicts.dismiss_suspicion, reasons="deux sites")
        assert rivals.detect(claim) == 0
        assert rivals.mails() == []
