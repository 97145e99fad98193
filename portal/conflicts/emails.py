"""What firms and leads are told of a conflict: to a firm, never a word of another."""

from datetime import datetime
from typing import Any

from portal import claims
from portal.claims.models import Claim
from portal.conflicts.models import Conflict, ConflictParty


def tell_the_party(party: ConflictParty, claim: Claim, kind: str, *, at: datetime, **words: Any) -> None:
    """Write to those of the firm who made the claim; the link leads to their own side."""
    due_on = party.due_on.isoformat() if party.due_on else None
    claims.tell_the_firm(
        claim, kind, at=at, purpose=f"{party.id}:{at.isoformat()}", path=f"/conflicts/{party.public_id}",
        due_on=due_on, **words,
    )  # fmt: skip


def tell_the_arbiters(conflict: Conflict, claim: Claim, kind: str, *, at: datetime) -> None:
    """Write to the leads that a conflict waits for them."""
    claims.tell_the_leads(
        claim, kind, at=at, purpose=f"{conflict.id}:{kind}", path=f"/staff/conflicts/{conflict.public_id}"
    )
