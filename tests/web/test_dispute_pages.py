"""A dispute from the statement to its decision, by pages."""

import re

from tests.integration.disputes.conftest import Stated, context, drain, stated
from tests.web.conftest import ClientFor

__all__ = ["context", "drain", "stated"]


class TestDisputePages:
    def test_lead_from_the_statement_to_a_decision_and_its_adjustment(
        self, stated: Stated, client_for: ClientFor
    ) -> None:
        admin, page = client_for(stated.admin), f"/statements/{stated.statement.public_id}"
        assert f"{page}/dispute" in admin.get(page).text
        wrong = admin.send(f"{page}/dispute", {"line": "component:C1", "expected:component:C1": "x"})
        assert wrong.status_code == 422 and 'value="component:C1" checked' in wrong.text
        given = {"line": "component:C1", "reason": "calculation", "words": "Voir le plan"}
        opened = admin.send(f"{page}/dispute", given)
        assert opened.status_code == 303
        uuid = opened.location.rsplit("/", 1)[-1]
        place = f"/staff/disputes/{uuid}"
        assert "une autre personne tranche" in client_for(stated.finance).get(place).text
        lead = client_for(stated.lead)
        line = re.search(r'name="(line-\d+)"', lead.get(place).text)
        assert line
        assert lead.send(f"{place}/decide", {"words": "Oui"}).status_code == 422
        assert lead.send(f"{place}/decide", {line[1]: "accepted", "words": "Oui"}).status_code == 303
        assert "/staff/corrections/new?partner=P-00042" in client_for(stated.finance).get(place).text
        assert "acceptée" in admin.get(f"/disputes/{uuid}").text
