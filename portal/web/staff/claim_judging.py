"""Whether this reader may judge an appeal or take an approval back."""

from typing import Any

from portal import claims
from portal.access import allowed, current_person
from portal.claims import Claim, ClaimState
from portal.web.staff.queue import LEVELS


def may_judge(claim: Claim) -> bool:
    """Whether an appeal of this reader's level waits, and the reader decided nothing before."""
    person = current_person()
    if claim.state is not ClaimState.APPEALED or not allowed("claim:judge", partner_id=claim.partner_id):
        return False
    waiting = [one.level for one in claims.appeals_of(claim.id) if one.outcome is None]
    return waiting == [LEVELS.get(person.role)] and not claims.has_decided(claim.id, person.id)


def revoking_of(claim: Claim) -> dict[str, Any]:
    """What stands of a revocation, and what this reader may do about it."""
    may = allowed("claim:revoke", partner_id=claim.partner_id) and claim.state is ClaimState.APPROVED
    proposed = claims.open_revocation(claim.id) if may else None
    return {
        "may_revoke": may and proposed is None,
        "revocation": proposed,
        "may_confirm": proposed is not None and proposed.proposed_side is not current_person().role,
    }
