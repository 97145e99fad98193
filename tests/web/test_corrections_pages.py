"""The pages of corrections: computed again, looked at, decided by another person, seen from both periods."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.users.models import Role
from tests import factories
from tests.integration.corrections.conftest import Closed, close, closed
from tests.web.conftest import ClientFor
from tests.workers.conftest import context, drain

__all__ = ["close", "closed", "context", "drain"]
LIST = "/staff/corrections"


def said(answer: object) -> str:
    return answer.get_data(as_text=True).replace("\u202f", " ").replace("\xa0", " ")  # type: ignore[attr-defined]


class TestPages:
    def test_lead_from_the_computation_to_the_decision_and_both_statements(
        self, closed: Closed, owner: Session, client_for: ClientFor
    ) -> None:
        finance, other = client_for(closed.finance), client_for(closed.other)
        assert "FY26-H2" in said(finance.get(LIST))
        closed.verified(2, "0.00")
        begun = finance.send(f"{LIST}/recompute", {"period": "FY26-H2"})
        assert begun.status_code == 303 and "/runs/" in begun.location
        assert "0 sur 2" in said(finance.get(begun.location))
        closed.drain("corrections.recompute")
        found = said(finance.get(begun.location))
        assert "-4 128,88" in found.replace("−", "-") and "D-FY26-000002" in found
        assert "P-00042" in said(finance.get(f"{begun.location}.csv"))

        (one,) = closed.adjustments()
        page = f"{LIST}/{one.public_id}"
        assert "8 000,00" in said(finance.get(page)) and "/approve" not in said(finance.get(page))
        assert "/approve" in said(other.get(page))
        assert finance.send(f"{page}/approve", {"seen": one.version}).status_code == 403
        refused = other.send(f"{page}/refuse", {"seen": one.version, "motive": ""})
        assert refused.status_code == 422

        report = finance.send(
            f"{LIST}/decide", {"act": "approve", "pick": [f"{one.public_id}/{one.version}"]}
        )
        assert "P-00042" in said(finance.get(report.location)), "one's own is refused, and said"
        other.send(f"{LIST}/decide", {"act": "approve", "pick": [f"{one.public_id}/{one.version}"]})
        (one,) = closed.adjustments()
        assert one.approved_by_id == closed.other.id
        third = client_for(factories.make_user(owner, Role.FINANCE))
        late = third.send(f"{page}/approve", {"seen": 1})
        assert late.status_code == 409 and closed.other.name in said(late)
        assert "CREDIT" in said(other.get(f"{LIST}/export.csv?state=all")) or "P-00042" in said(
            other.get(f"{LIST}/export.csv?state=all")
        )

        statement = owner.execute(text("select public_id from statements limit 1")).scalar_one()
        firm = client_for(closed.close.firm.admin)
        assert "FY27" in said(firm.get(f"/statements/{statement}")) or "2026-2027" in said(
            firm.get(f"/statements/{statement}")
        )
        assert firm.get(page).status_code == 403

    def test_propose_by_hand_and_keep_what_was_typed(self, closed: Closed, client_for: ClientFor) -> None:
        finance = client_for(closed.finance)
        typed = {
            "partner": "P-00042",
            "amount": "-412,37",
            "reason": "GOODWILL",
            "note": "",
            "origin": "FY26-H2",
        }
        answer = finance.send(f"{LIST}/new", typed)
        assert answer.status_code == 422 and "412,37" in said(answer)
        done = finance.send(f"{LIST}/new", typed | {"note": "Erreur de notre fait"})
        assert done.status_code == 303
        assert "Erreur de notre fait" in said(finance.get(done.location))

    def test_say_that_nobody_left_with_a_balance(self, closed: Closed, client_for: ClientFor) -> None:
        auditor = client_for(factories.make_user(closed.owner, Role.AUDITOR))
        assert auditor.get(f"{LIST}/leaving").status_code == 200
        assert auditor.send(f"{LIST}/recompute", {"period": "FY26-H2"}).status_code == 403
