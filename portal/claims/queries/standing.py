"""Where a claim stands in figures: the four amounts and the matching badge."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.sql.selectable import LateralFromClause

from portal.claims.models import Claim, ClaimLine, ClaimMatch, MatchState
from portal.money import ZERO


class Matching(StrEnum):
    """Whether the vendor's orders confirm the claim."""

    NONE = "none"
    PROPOSED = "proposed"
    MATCHED = "matched"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Standing:
    """Declared, approved, verified and credited are four different amounts."""

    declared: Decimal
    approved: Decimal | None
    verified: Decimal | None
    credited: Decimal | None
    proposed: bool

    @property
    def matching(self) -> Matching:
        """The matching badge."""
        return matching_of(self.declared, self.approved, self.verified, proposed=self.proposed)


def matching_of(
    declared: Decimal, approved: Decimal | None, verified: Decimal | None, *, proposed: bool
) -> Matching:
    """Matched when the orders verify all that was approved (or declared, before the decision)."""
    if verified is None:
        return Matching.PROPOSED if proposed else Matching.NONE
    claimed = declared if approved is None else approved
    return Matching.MATCHED if verified >= claimed else Matching.GAP


def standing_columns() -> LateralFromClause:
    """Of the claim it is joined to: the four amounts, whether a match is proposed, families."""
    confirmed = ClaimMatch.state == MatchState.CONFIRMED
    matched = (
        select(
            ClaimMatch.claim_line_id.label("line_id"),
            func.sum(case((confirmed, ClaimMatch.verified_amount))).label("verified"),
            func.sum(ClaimMatch.credited_amount).label("credited"),
            func.bool_or(ClaimMatch.state == MatchState.PROPOSED).label("proposed"),
        )
        .where(ClaimMatch.claim_line_id == ClaimLine.id)
        .group_by(ClaimMatch.claim_line_id)
        .lateral("matched")
    )
    return (
        select(
            ClaimLine.claim_id,
            func.sum(ClaimLine.declared_amount).label("declared"),
            func.sum(ClaimLine.approved_amount).label("approved"),
            func.sum(matched.c.verified).label("verified"),
            func.sum(matched.c.credited).label("credited"),
            func.coalesce(func.bool_or(matched.c.proposed), False).label("proposed"),
            func.array_agg(ClaimLine.family).label("families"),
        )
        .outerjoin(matched, matched.c.line_id == ClaimLine.id)
        .where(ClaimLine.claim_id == Claim.id)
        .group_by(ClaimLine.claim_id)
        .lateral("standing")
    )


def standing_of(row: Any) -> Standing:
    """The figures of a row selected with `standing_columns`; a claim without lines declares nothing."""
    return Standing(row.declared or ZERO, row.approved, row.verified, row.credited, bool(row.proposed))
