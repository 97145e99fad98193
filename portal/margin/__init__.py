"""Plans, facts, results: what a period earns each partner.

What needs the database is loaded on first use, so that `plan evaluate` starts without it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.margin.crediting import match_and_credit, refresh_credit
    from portal.margin.facts import PartnerFacts, facts_of
    from portal.margin.in_force import PlanInForce, PlanMissing, plan_for, plans_in_force
    from portal.margin.left_out import LeftOut, left_out
    from portal.margin.queries import (
        RunChunk,
        batch_of,
        count_results,
        find_latest_run,
        get_run,
        list_results_of_run,
    )
    from portal.margin.services import (
        ResultRefused,
        cancel_runs,
        compute_results,
        finish_run,
        sha256_of,
        start_run,
    )

_HOMES = {
    "crediting": ("match_and_credit", "refresh_credit"),
    "facts": ("PartnerFacts", "facts_of"),
    "in_force": ("PlanInForce", "PlanMissing", "plan_for", "plans_in_force"),
    "left_out": ("LeftOut", "left_out"),
    "queries": (
        "RunChunk",
        "batch_of",
        "count_results",
        "find_latest_run",
        "get_run",
        "list_results_of_run",
    ),
    "services": ("ResultRefused", "cancel_runs", "compute_results", "finish_run", "sha256_of", "start_run"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "LeftOut",
    "PartnerFacts",
    "PlanInForce",
    "PlanMissing",
    "ResultRefused",
    "RunChunk",
    "batch_of",
    "cancel_runs",
    "compute_results",
    "count_results",
    "facts_of",
    "find_latest_run",
    "finish_run",
    "get_run",
    "left_out",
    "list_results_of_run",
    "match_and_credit",
    "plan_for",
    "plans_in_force",
    "refresh_credit",
    "sha256_of",
    "start_run",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(name)
    return getattr(import_module(f"portal.margin.{_HOME_OF[name]}"), name)
