"""What may be claimed, and the closed lists of reasons, evidence and checks."""

from portal.catalogue.models import ReasonKind
from portal.catalogue.programme import place_of_reason, places
from portal.catalogue.queries import (
    Entry,
    grid_in_force,
    list_checks,
    list_evidence_types,
    list_families,
    list_reasons,
    words_of_reason,
)
from portal.catalogue.services import load_programme

__all__ = [
    "Entry", "ReasonKind", "grid_in_force", "list_checks", "list_evidence_types", "list_families",
    "list_reasons", "load_programme", "place_of_reason", "places",
    "words_of_reason",
]  # fmt: skip
