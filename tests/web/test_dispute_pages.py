"""A dispute from the statement to its decision, by pages."""

import re

from sqlalchemy.orm import Session

from tests import factories
from tests.integration.disputes.conftest import Stated, context, drain, stated
from tests.web.conftest import Browser, ClientFor

__all__ = ["context", "drain", "stated"]


class TestDisputePages:
    def test_lead_from_the_statement_to_a_decision_and_its_adjustment(
        self, owner: Session, stated: Stated, client_for: ClientFor
    ) -> None:
        factories.make_period(owner, "FY27-H1")
        admin, page = client_for(stated.admin), f"/statements/{stated.statement.public_id}"
        assert f"{page}/dispute" in admin.get(page).text
        wrong = admin.send(f"{page}/dispute", {"line": "component:C1", "expected:component:C1": "x"})
        assert wrong.status_code == 422 and 'value="component:C1" checked' in wrong.text
        given = {"line": "component:C1", "reason": "calculation", "words": "Voir le plan"}
        given["expected:component:C1"] = "3 600,00"
        opened = admin.send(f"{page}/dispute", given)
        assert opened.status_code == 303
        uuid = opened.location.rsplit("/", 1)[-1]
        place = f"/staff/disputes/{uuid}"
        finance = client_for(stated.finance)
        assert "une autre personne tranche" in finance.get(place).text
        money, firm = f"/staff/payments/{stated.statement.public_id}", stated.firm.partner.public_id
        for browser, path in (
            (finance, "/staff/payments"), (finance, money), (finance, f"/staff/partners/{firm}/balance"),
            (finance, f"/staff/partners/{firm}"), (admin, "/balance"), (admin, "/"),
        ):  # fmt: skip
            shown = browser.get(path).text
            assert "3\u202f711,58" in shown and "/disputes" in shown, path
        due = finance.get("/staff/exports/due.csv").text
        assert "3711,58;3964,15" in due and "1: Le calcul ne suit pas le plan" in due
        lead = client_for(stated.lead)
        line = re.search(r'name="(line-\d+)"', lead.get(place).text)
        assert line
        assert lead.send(f"{place}/decide", {"words": "Oui"}).status_code == 422
        assert lead.send(f"{place}/decide", {line[1]: "accepted", "words": "Oui"}).status_code == 303
        self.is_adjusted(finance, place)
        assert "111,58" not in admin.get(f"/disputes/{uuid}").text  # until another person approves it
        assert "acceptée" in admin.get(f"/disputes/{uuid}").text

    def is_adjusted(self, finance: Browser, place: str) -> None:
        """The line opens the adjustment with nothing left to type; each page leads to the other."""
        link = re.search(r'href="(/staff/corrections/new\?line=\d+)"', finance.get(place).text)
        assert link
        page = finance.get(link[1]).text
        found = {
            name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page) for name in ("partner", "amount")
        }
        given = {name: match[1] for name, match in found.items() if match}
        assert given == {"partner": "P-00042", "amount": "−111,58"}
        assert re.search(r'<option value="RULE_CORRECTED" selected|selected value="RULE_CORRECTED"', page)
        assert "Contestation 1 de R-FY26H2" in page and "Composante C1" in page
        sent = {"reason": "RULE_CORRECTED", "origin": "FY26-H2", "note": "Contestation 1", **given}
        made = finance.send(link[1], sent)
        assert made.status_code == 303
        assert place in finance.get(made.location).text
        assert made.location in finance.get(place).text
        assert finance.send(link[1], sent).status_code == 422
