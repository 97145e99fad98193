"""Reading claims."""

from portal.claims.queries.activity import Activity, activity_of, unclaimed_by_firm
from portal.claims.queries.detail import (
    EvidenceRow,
    draft_of,
    evidence_of,
    get_claim,
    get_evidence,
    grid_of,
    lines_of,
    matches_of,
    readings_of,
    ticks_of,
    timeline_of,
)
from portal.claims.queries.duplicates import Duplicate, own_duplicates
from portal.claims.queries.life import (
    appeals_of,
    has_decided,
    messages_of,
    open_revocation,
    published_times,
)
from portal.claims.queries.listing import (
    ClaimFilter,
    ClaimPage,
    count_appeals,
    count_by_state,
    list_claims,
    median_days,
)
from portal.claims.queries.standing import Matching, Standing, matching_of, standing_columns, standing_of
from portal.claims.queries.team import Clocks, clocks_by_pam
from portal.claims.queries.waiting import (
    Unclaimed,
    lines_of_order,
    list_unclaimed,
    unclaimed_orders,
    waiting_for_firm,
)

__all__ = [
    "Activity",
    "ClaimFilter",
    "ClaimPage",
    "Clocks",
    "Duplicate",
    "EvidenceRow",
    "Matching",
    "Standing",
    "Unclaimed",
    "activity_of",
    "appeals_of",
    "clocks_by_pam",
    "count_appeals",
    "count_by_state",
    "draft_of",
    "evidence_of",
    "get_claim",
    "get_evidence",
    "grid_of",
    "has_decided",
    "lines_of",
    "lines_of_order",
    "list_claims",
    "list_unclaimed",
    "matches_of",
    "matching_of",
    "median_days",
    "messages_of",
    "open_revocation",
    "own_duplicates",
    "published_times",
    "readings_of",
    "standing_columns",
    "standing_of",
    "ticks_of",
    "timeline_of",
    "unclaimed_by_firm",
    "unclaimed_orders",
    "waiting_for_firm",
]
