"""The life of a claim: states and transitions as data. Pure."""

from enum import StrEnum


class ClaimState(StrEnum):
    """Where a claim stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    INFO_REQUESTED = "info_requested"
    PENDING_SECOND = "pending_second"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    IN_CONFLICT = "in_conflict"
    APPEALED = "appealed"
    REVOKED = "revoked"
