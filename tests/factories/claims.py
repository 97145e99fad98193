"""Claims in any state, written directly so that a test begins where it wants."""

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from portal.claims.models import Claim, ClaimLine, Decision
from portal.claims.workflow import ClaimState
from portal.partners.models import Partner
from portal.users.models import Role, User
from tests.factories.people import AT, make_user

_numbers = itertools.count(1)
_DECIDED = {
    ClaimState.APPROVED: Decision.APPROVED,
    ClaimState.REJECTED: Decision.REJECTED,
    ClaimState.APPEALED: Decision.REJECTED,
    ClaimState.REVOKED: Decision.APPROVED,
}


def make_claim(
    owner: Session,
    partner: Partner,
    *,
    author: User | None = None,
    state: ClaimState = ClaimState.DRAFT,
    amounts: tuple[tuple[str, str], ...] = (("M365", "10000.00"),),
    grid_id: int | None = None,
    **values: Any,
) -> Claim:
    """A claim of this firm with one line for each (family, declared amount); approved in full when approved."""
    author = author or make_user(owner, Role.PARTNER_ADMIN, partner=partner)
    given: dict[str, Any] = {
        "reference": f"D-FY27-{next(_numbers):06d}",
        "customer_siren": "000000018",
        "customer_name": "Client fictif",
        "title": "Projet",
        "roles": ["PRESCRIBE", "DESIGN"],
        "order_no": "CMD-1",
        "signed_on": date(2026, 9, 1),
        "ordered_on": date(2026, 9, 15),
    }
    if state is not ClaimState.DRAFT:
        given |= {
            "submitted_by_id": author.id,
            "submitted_at": AT,
            "declared_honour_at": AT,
            "declared_honour_by_id": author.id,
            "grid_id": grid_id,
        }
    if state in _DECIDED:
        decision = _DECIDED[state]
        given |= {"decision": decision, "decided_by_id": make_user(owner, Role.PAM).id, "decided_at": AT}
        given |= {"reason_code": "NO_PRIMARY_EVIDENCE"} if decision is Decision.REJECTED else {}
    if state is ClaimState.INFO_REQUESTED:
        given["info_due_on"] = date(2026, 12, 8)
    claim = Claim(
        partner_id=partner.id,
        state=state,
        created_by_id=author.id,
        created_at=AT,
        updated_at=AT,
        **{**given, **values},
    )
    owner.add(claim)
    owner.flush()
    approved = claim.decision in (Decision.APPROVED, Decision.APPROVED_IN_PART)
    owner.add_all(
        ClaimLine(
            partner_id=partner.id,
            claim_id=claim.id,
            position=place,
            family=family,
            declared_amount=Decimal(amount),
            approved_amount=Decimal(amount) if approved else None,
        )
        for place, (family, amount) in enumerate(amounts, 1)
    )
    owner.commit()
    return claim
