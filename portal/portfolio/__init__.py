"""Exactly one PAM per partner on every day: assignments, handovers, absences."""

from portal.portfolio.queries import (
    PamCard,
    followed_by,
    list_assignments,
    list_delegations,
    list_loads,
    list_pams,
    pam_of,
)
from portal.portfolio.services import assign_pam, end_absence, hand_over, set_absence

__all__ = [
    "PamCard", "assign_pam", "end_absence", "followed_by", "hand_over", "list_assignments",
    "list_delegations", "list_loads", "list_pams", "pam_of", "set_absence",
]  # fmt: skip
