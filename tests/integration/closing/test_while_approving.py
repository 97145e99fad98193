"""A close that begins while claims are being approved: each is in the run, or refused and left for later."""

from collections import Counter
from decimal import Decimal
from threading import Thread
from time import sleep

from flask import Flask

from portal import claims, closing, margin
from portal.claims.models import MatchKind
from portal.db import Identity, acting_as, transaction
from portal.errors import PeriodClosed
from portal.users.models import Role
from tests import factories
from tests.integration.claims.conftest import World, world
from tests.integration.claims.test_review import match, verdict
from tests.workers.closes import AT as CLOSED_AT
from tests.workers.closes import PLAN
from tests.workers.conftest import Drain, context, drain

__all__ = ["context", "drain", "world"]

CLAIMS = 9
EACH = Decimal("1000.00")
CREDITED = Decimal("650.00")  # prescribed and designed: 0.40 + 0.25


class TestClose:
    def test_counts_every_claim_that_was_approved_and_no_other(
        self, world: World, portal: Flask, drain: Drain
    ) -> None:
        owner, outcomes = world.owner, Counter[str]()
        period = factories.make_period(owner, "FY27-H1")
        factories.make_plan(owner, period, PLAN)
        manager = factories.make_user(owner, Role.PROGRAMME_MANAGER)
        waiting = [
            world.in_review(order_no=f"CMD-{number}", lines=[claims.LineInput("SECURITY", EACH)])
            for number in range(CLAIMS)
        ]
        for claim in waiting:
            match(world, claim, MatchKind.EXACT, str(EACH))
        given = {claim.public_id: verdict(world, claim) for claim in waiting}
        tokens = {person: factories.make_session(owner, person) for person in (world.pam, manager)}

        def approve(*theirs: claims.Claim) -> None:
            with portal.app_context(), acting_as(Identity(tokens[world.pam], "portal_pam")):
                for claim in theirs:
                    try:
                        with transaction():
                            mine = claims.get_claim(claim.public_id)
                            claims.approve_claim(
                                claim=mine, seen=claim.version, verdict=given[claim.public_id],
                                actor_id=world.pam.id, at=CLOSED_AT,
                            )  # fmt: skip
                            margin.refresh_credit([mine.id])
                        outcomes["approved"] += 1
                    except PeriodClosed:
                        outcomes["refused"] += 1

        *at_once, late = waiting
        threads = [Thread(target=approve, args=at_once[share::4]) for share in range(4)]
        for thread in threads:
            thread.start()
        with acting_as(Identity(tokens[manager], manager.role.database_role)):
            while outcomes["approved"] < 2:
                sleep(0.001)
            with transaction():
                closing.start_closing(period_code="FY27-H1", actor_id=manager.id, at=CLOSED_AT)
        for thread in threads:
            thread.join(60)
        approve(late)
        drain("margin.compute")
        approved = world.scalars("select reference from claims where state = 'approved'")
        assert outcomes.total() == CLAIMS and outcomes["approved"] == len(approved)
        assert outcomes["refused"] >= 1
        assert world.scalars("select credited from margin_results") == [CREDITED * len(approved)]
