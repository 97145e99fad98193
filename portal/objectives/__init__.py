"""Targets of partners for periods, and their acceptance."""

from portal.objectives.models import Objective
from portal.objectives.queries import get_objective, list_objectives, objectives_of
from portal.objectives.services import accept_objective, set_objective, terms_sha256

__all__ = [
    "Objective", "accept_objective", "get_objective", "list_objectives", "objectives_of", "set_objective",
    "terms_sha256",
]  # fmt: skip
