"""Messages between a firm and the vendor's people about a claim, with a paper or without."""

from datetime import datetime
from typing import IO

from sqlalchemy import insert

from portal import audit, files
from portal.claims.emails import tell_of_message
from portal.claims.models import Claim, ClaimMessage
from portal.claims.services.steps import side_of
from portal.claims.workflow import Actor, ClaimState
from portal.db import db
from portal.errors import Invalid, Refused


def post_message(
    *,
    claim: Claim,
    body: str,
    actor_id: int,
    at: datetime,
    source: bytes | IO[bytes] | None = None,
    name: str = "",
) -> None:
    """Say something to the other side; a message changes nothing of the claim and stops no clock."""
    if claim.state is ClaimState.DRAFT:
        raise Refused("illegal_step")
    if not body.strip() and source is None:
        raise Invalid({"body": "message_empty"})
    file = None
    if source is not None:
        file = files.store_file(source=source, name=name, partner_id=claim.partner_id, at=at)
    of_firm = side_of(actor_id) is Actor.PARTNER
    db.session.execute(
        insert(ClaimMessage).values(
            partner_id=claim.partner_id, claim_id=claim.id, author_id=actor_id, at=at, body=body.strip(),
            file_id=file.id if file else None,
        ).inline()
    )  # fmt: skip
    audit.record(
        "claim.message", subject=("claim", claim.reference), at=at, actor_id=actor_id,
        partner_id=claim.partner_id, file_hash=file.sha256 if file else None,
    )  # fmt: skip
    purpose = f"{claim.id}:message:{at.isoformat()}"
    tell_of_message(claim, author_id=actor_id, of_firm=of_firm, purpose=purpose, at=at)
