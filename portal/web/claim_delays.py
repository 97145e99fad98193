"""How long decisions take, as published by team."""

from typing import Any

from portal import claims
from portal.db import db
from portal.partners import Coverage, Partner
from portal.web.claim_words import TEAMS


def published() -> list[dict[str, Any]]:
    """Every team with its median in working days, and the day it was published."""
    return [
        {"team": TEAMS.get(team, team), "days": median, "on": on}
        for team, (on, median) in claims.published_times().items()
    ]


def delay_of(partner_id: int) -> dict[str, Any] | None:
    """The median of the team that decides this firm's claims."""
    firm = db.session.get_one(Partner, partner_id)
    found = claims.published_times().get("TELE" if firm.coverage is Coverage.TELE else str(firm.segment))
    return {"on": found[0], "days": found[1]} if found else None
