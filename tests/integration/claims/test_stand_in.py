"""A deputy acts for an absent PAM: named on the timeline, within the lower of the two limits."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal import claims, portfolio
from portal.claims import ClaimState, LineVerdict, ProjectRole, Verdict
from portal.db import transaction
from portal.errors import NotFound
from portal.users.models import User
from tests import factories
from tests.factories.people import AT
from tests.integration.claims.conftest import World

TODAY = date(2026, 11, 23)


@pytest.fixture
def deputy(world: World) -> User:
    """Somebody who answers for the firm's PAM today."""
    deputy = factories.make_pam(world.owner, name="Bo Castellar")
    with world.acting(world.pam), transaction():
        portfolio.set_absence(
            pam_id=world.pam.id, deputy_id=deputy.id, starts_on=TODAY, last_day=TODAY + timedelta(days=4),
            actor_id=world.pam.id, at=AT,
        )  # fmt: skip
    return deputy


def limit(world: World, person: User, amount: str) -> None:
    person.approval_limit = Decimal(amount)
    world.owner.add(person)
    world.owner.commit()


def approve(world: World, person: User, given: claims.Claim) -> tuple[str, ...]:
    """Take the claim and approve it in full."""
    with world.acting(person), transaction():
        claim = claims.get_claim(given.public_id)
        claims.take_claim(claim=claim, seen=claim.version, actor_id=person.id, at=AT)
        lines = {line.id: LineVerdict(line.declared) for line in claims.lines_of(claim.id)}
        ticks = frozenset(check.code for check, _ in claims.grid_of(claim, on=TODAY))
        verdict = Verdict(lines=lines, roles=tuple(map(ProjectRole, claim.roles)), ticks=ticks)
        return claims.approve_claim(
            claim=claim, seen=claim.version, verdict=verdict, actor_id=person.id, at=AT
        )


class TestDeputy:
    def test_sees_the_claims_of_who_is_away_and_nobody_elses(self, world: World, deputy: User) -> None:
        claim = world.submitted()
        stranger = factories.make_pam(world.owner)
        with world.acting(deputy):
            assert claims.get_claim(claim.public_id).id == claim.id
        with world.acting(stranger), pytest.raises(NotFound):
            claims.get_claim(claim.public_id)

    def test_is_named_on_the_timeline_as_acting_for_the_pam_of_record(
        self, world: World, deputy: User
    ) -> None:
        claim = world.submitted()
        approve(world, deputy, claim)
        with world.acting(world.member):
            events = claims.timeline_of(claim.id)
        told = {event.kind: (event.actor, event.on_behalf_of) for event in events}
        assert told["taken"] == ("Bo Castellar", world.pam.name)
        assert told["submitted"][1] is None
        assert set(
            world.scalars("select on_behalf_of_id from audit_records where action = 'claim.taken'")
        ) == {world.pam.id}

    @pytest.mark.parametrize("whose", ["deputy", "absent"])
    def test_approves_alone_within_the_lower_of_the_two_limits(
        self, world: World, deputy: User, whose: str
    ) -> None:
        limit(world, deputy if whose == "deputy" else world.pam, "20000.00")
        claim = world.submitted()
        assert approve(world, deputy, claim) == ("above_limit",)
        assert world.fresh(claim).state is ClaimState.PENDING_SECOND
