"""Plans, facts, results: what a period earns each partner.

What needs the database is loaded on first use, so that `plan evaluate` starts without it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.margin.crediting import match_and_credit, refresh_credit
    from portal.margin.facts import PartnerFacts, facts_of
    from portal.margin.in_force import PlanInForce, PlanMissing, plan_for, plans_in_force
    from portal.margin.kept import ResultRefused, sha256_of, trace_again, whole_result
    from portal.margin.left_out import LeftOut, left_out
    from portal.margin.near import find_run_before, near_misses, periods_proposed
    from portal.margin.queries import (
        RunChunk,
        batch_of,
        count_results,
        find_latest_run,
        get_run,
        list_results_of_run,
    )
    from portal.margin.review import (
        Totals,
        count_differences,
        find_approved_run,
        get_result,
        get_run_by_public_id,
        largest_changes,
        list_results,
        list_runs,
        period_code_of,
        run_totals,
    )
    from portal.margin.services import (
        cancel_runs,
        compute_results,
        finish_run,
        start_run,
    )
    from portal.margin.versions import (
        NotAtThisStep,
        begin_plan,
        draft_plan,
        find_version,
        get_plan,
        list_free_places,
        list_plans,
        list_versions,
        new_version,
        propose_plan,
        publish_plan,
        return_plan,
        save_draft,
    )

_HOMES = {
    "crediting": ("match_and_credit", "refresh_credit"),
    "facts": ("PartnerFacts", "facts_of"),
    "in_force": ("PlanInForce", "PlanMissing", "plan_for", "plans_in_force"),
    "left_out": ("LeftOut", "left_out"),
    "near": ("find_run_before", "near_misses", "periods_proposed"),
    "queries": (
        "RunChunk",
        "batch_of",
        "count_results",
        "find_latest_run",
        "get_run",
        "list_results_of_run",
    ),
    "review": (
        "Totals",
        "count_differences",
        "find_approved_run",
        "get_result",
        "get_run_by_public_id",
        "largest_changes",
        "list_results",
        "list_runs",
        "period_code_of",
        "run_totals",
    ),
    "kept": ("ResultRefused", "sha256_of", "trace_again", "whole_result"),
    "services": ("cancel_runs", "compute_results", "finish_run", "start_run"),
    "versions": (
        "NotAtThisStep",
        "begin_plan",
        "draft_plan",
        "find_version",
        "get_plan",
        "list_free_places",
        "list_plans",
        "list_versions",
        "new_version",
        "propose_plan",
        "publish_plan",
        "return_plan",
        "save_draft",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "LeftOut",
    "NotAtThisStep",
    "PartnerFacts",
    "PlanInForce",
    "PlanMissing",
    "ResultRefused",
    "RunChunk",
    "Totals",
    "batch_of",
    "begin_plan",
    "cancel_runs",
    "compute_results",
    "count_differences",
    "count_results",
    "draft_plan",
    "facts_of",
    "find_approved_run",
    "find_latest_run",
    "find_run_before",
    "find_version",
    "finish_run",
    "get_plan",
    "get_result",
    "get_run",
    "get_run_by_public_id",
    "largest_changes",
    "left_out",
    "list_free_places",
    "list_plans",
    "list_results",
    "list_results_of_run",
    "list_runs",
    "list_versions",
    "match_and_credit",
    "near_misses",
    "new_version",
    "period_code_of",
    "periods_proposed",
    "plan_for",
    "plans_in_force",
    "propose_plan",
    "publish_plan",
    "refresh_credit",
    "return_plan",
    "run_totals",
    "save_draft",
    "sha256_of",
    "start_run",
    "trace_again",
    "whole_result",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(name)
    return getattr(import_module(f"portal.margin.{_HOME_OF[name]}"), name)
