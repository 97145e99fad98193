"""The note that goes with a handover: written by the workers, printed once."""

from datetime import date
from io import BytesIO
from typing import Any

import pikepdf
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import files, portfolio
from portal.claims.workflow import ClaimState
from portal.db import Identity, acting_as, transaction
from portal.portfolio.models import HandoverNote
from portal.users.models import Role
from tests import factories
from tests.factories.people import AT
from tests.workers.conftest import Drain
from workers.context import Context


class TestHandoverNote:
    def test_says_what_is_under_way_and_masks_what_is_confidential(
        self, owner: Session, context: Context, drain: Drain
    ) -> None:
        grid = {"grid_id": factories.make_catalogue(owner).id}
        due: dict[str, Any] = {**grid, "state": ClaimState.SUBMITTED, "decide_by": date(2026, 12, 4)}
        leaving, coming = factories.make_pam(owner, name="Ada"), factories.make_pam(owner, name="Bo")
        partner = factories.make_partner(owner, pam=leaving, legal_name="L’Évrane & Cie")
        factories.make_claim(
            owner, partner, **due, title="Secret", customer_name="Secret SA", confidential=True
        )
        open_claim = factories.make_claim(owner, partner, **due, title="Migration", customer_name="Orvane")
        factories.make_claim(owner, partner, state=ClaimState.APPROVED, **grid)
        lead = factories.make_user(owner, Role.SEGMENT_LEAD)
        identity = Identity(factories.make_session(owner, lead), "portal_staff")
        with context.app.app_context(), acting_as(identity), transaction():
            portfolio.make_promise(
                partner_id=partner.id, words="Une démonstration", due_on=date(2026, 12, 1),
                actor_id=lead.id, at=AT,
            )  # fmt: skip
            portfolio.assign_pam(
                partner_id=partner.id, pam_id=coming.id, starts_on=date(2027, 1, 4), reason="mobilité",
                actor_id=lead.id, at=AT,
            )  # fmt: skip
        assert drain("handover.note") == 1
        note = owner.execute(select(HandoverNote)).scalar_one()
        [firm] = note.document["firms"]
        assert (note.document["from"]["name"], note.document["to"]["name"]) == ("Ada", "Bo")
        assert [one["words"] for one in firm["promises"]] == ["Une démonstration"]
        assert {one["customer"] for one in firm["running"]} == {"Orvane", None}
        assert open_claim.reference in {one["reference"] for one in firm["running"]}
        assert "Secret" not in str(note.document)
        identity = Identity(factories.make_session(owner, lead), "portal_staff")
        with context.app.app_context(), pikepdf.open(BytesIO(files.get(note.sha256))) as paper:
            assert paper.Root.MarkInfo.Marked
            assert note.size > 1000
