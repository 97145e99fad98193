"""Forms that no page of the portal sends."""

from uuid import uuid4

import pytest

from tests.integration.claims.conftest import World
from tests.web.conftest import Browser


class TestForgedVersion:
    @pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "9" * 5000, "٣", "\0"])
    def test_is_one_that_nothing_has(self, world: World, firm: Browser, pam: Browser, version: str) -> None:
        draft, claim = world.draft(), world.submitted()
        sent = {"version": version, "title": "Autre"}
        assert firm.send(f"/claims/{draft.public_id}/edit?step=1", sent).status_code in (303, 422)
        assert firm.send(f"/claims/{draft.public_id}/submit", {"version": version}).status_code == 422
        assert firm.send(f"/claims/{draft.public_id}/discard", {"version": version}).status_code == 409
        assert firm.send(f"/claims/{claim.public_id}/withdraw", {"version": version}).status_code == 409
        for verb in ("take", "ask", "reject"):
            answer = pam.send(f"/staff/claims/{claim.public_id}/{verb}", {"version": version, "reason": ""})
            assert answer.status_code in (409, 422), verb
        assert world.fresh(claim).state == claim.state


class TestForgedButton:
    def test_takes_back_no_evidence_of_another_claim(self, world: World, firm: Browser) -> None:
        draft, claim = world.draft(order_no="CMD-2"), world.submitted()
        query = f"select public_id from claim_evidence where claim_id = {claim.id}"
        (paper,) = world.scalars(query)
        for given in (paper, uuid4(), "no id at all"):
            path = f"/claims/{draft.public_id}/edit?step=3"
            sent = {"version": str(world.fresh(draft).version), "remove": str(given)}
            assert firm.send(path, sent).status_code == 404
        assert world.scalars(f"{query} and withdrawn_at is null") == [paper]
