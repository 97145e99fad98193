"""Pages ask PostgreSQL a fixed number of questions, however much they show."""

from decimal import Decimal

from portal.claims import LineInput
from tests.integration.claims.conftest import World
from tests.web.claims.conftest import page
from tests.web.conftest import Browser

MOST = 36  # the review: the claim, its messages and judgements, its queue, what it would change


class TestQueries:
    def test_of_the_queue_and_a_claim_do_not_grow(
        self, world: World, pam: Browser, queries: list[str]
    ) -> None:
        claim = world.submitted()
        counts = []
        for path in ("/staff/queue", f"/staff/claims/{claim.public_id}", "/staff/claims"):
            queries.clear()
            page(pam, path)
            counts.append(len(queries))
        for number in range(4):
            lines = [LineInput(family, Decimal(number + 1)) for family in ("SQL", "M365")]
            world.submitted(order_no=f"CMD-{number}", lines=lines)
        for path, before in zip(
            ("/staff/queue", f"/staff/claims/{claim.public_id}", "/staff/claims"), counts, strict=True
        ):
            queries.clear()
            page(pam, path)
            assert len(queries) == before, path
        assert max(counts) <= MOST, counts
