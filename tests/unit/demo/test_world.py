"""The demo before it is written: always the same, fictional, legal by the workflow's table."""

from collections import Counter

import pytest
from stdnum import iban
from stdnum.fr import siren

from portal.claims.workflow import ClaimState, next_state
from portal.demo import accounts, people, programme, staff
from portal.demo.calendar import CLOSED, NOW, cut_off_on, instant
from portal.demo.firms import ARVELIA, WITHOUT_CLAIM, assignment_rows
from portal.demo.world import World, build_world
from portal.margin.engine import parse_plan
from portal.users.models import Role


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


class TestWorld:
    def test_is_the_same_at_every_making(self, world: World) -> None:
        again = build_world()
        assert again.firms == world.firms
        assert again.stories == world.stories
        assert again.files == world.files

    def test_has_eight_hundred_partners_in_their_segments_and_ten_alliances(self, world: World) -> None:
        assert Counter((firm.segment, firm.dedicated) for firm in world.firms) == {
            ("SSII", True): 100, ("ISV", True): 50, ("LAR", True): 15, ("SMB_D", True): 20, ("VAR", True): 15,
            ("VAR", False): 600, ("ALLIANCE", True): 10,
        }  # fmt: skip

    def test_names_nobody_that_exists(self, world: World) -> None:
        everybody = [*staff.staff_rows(), *people.firm_people_rows(world.firms)]
        assert all(row["phone"].startswith("01 99 00 ") for row in everybody)
        addresses = [row["email"] for row in (*everybody, *people.contact_rows(world.firms))]
        assert all(address.endswith(".example") for address in addresses)
        numbers = [firm.siren for firm in world.firms] + [one.siren for one in world.customers]
        assert all(number.startswith("000") and siren.is_valid(number) for number in numbers)
        assert len(set(numbers)) == len(numbers)
        assert all(iban.is_valid(row["iban"]) for row in people.billing_rows(world.firms))

    def test_tries_the_screens_with_difficult_names(self, world: World) -> None:
        names = [firm.name for firm in world.firms]
        assert max(map(len, names)) == 80
        assert all(any(sign in name for name in names) for sign in ("’", "&", "É", "ç"))

    def test_had_seventy_firms_change_hands_at_the_reorganisation(self, world: World) -> None:
        turns = Counter(row["partner_id"] for row in assignment_rows(world.firms))
        assert sum(firm.former_pam_id is not None for firm in world.firms) == 70
        assert turns[ARVELIA] == 2

    def test_spreads_dedicated_firms_evenly(self, world: World) -> None:
        load = Counter(firm.pam_id for firm in world.firms if firm.pam_id in staff.DEDICATED_PAMS)
        assert load == dict.fromkeys(staff.DEDICATED_PAMS, 8)


class TestStories:
    def test_are_told_by_legal_steps_in_the_order_of_time(self, world: World) -> None:
        for story in world.stories:
            state, at = ClaimState.DRAFT, story.created_at
            for step, after in story.steps:
                state = next_state(state, step.action)
                assert (state, step.at >= at) == (after, True), story.reference
                at = step.at
            assert state is story.state
            assert at <= NOW

    def test_never_let_anybody_decide_on_their_own_claim_nor_twice(self, world: World) -> None:
        for story in world.stories:
            values = story.values
            assert values.get("decided_by_id") not in (story.author_id, values.get("first_decided_by_id", 0))

    def test_of_closed_periods_were_decided_before_the_cut_off(self, world: World) -> None:
        ends = {period: instant(cut_off_on(period), 23, 59) for period in CLOSED}
        decided = [story for story in world.stories if story.period in ends and "decided_at" in story.values]
        assert len(decided) > 3000
        assert all(story.values["decided_at"] <= ends[story.period] for story in decided)

    def test_leave_one_dedicated_firm_without_any(self, world: World) -> None:
        assert not [story for story in world.stories if story.firm.id == WITHOUT_CLAIM]


class TestProgramme:
    def test_has_a_sound_plan_for_each_segment_and_period_and_uses_every_scheme(self) -> None:
        plans = [parse_plan(document) for document in programme.plan_documents()]
        assert len({(plan.segment, plan.period) for plan in plans}) == 25
        assert len({type(part.scheme) for plan in plans for part in plan.components}) == 8


class TestAccounts:
    def test_are_one_for_each_role(self) -> None:
        assert sorted(account["role"] for account in accounts()) == sorted(Role)
        assert {account["partner"] for account in accounts()} == {"", "P-00042"}
