"""Plans before they apply: tried on past periods, and told to the firms they will concern."""

from portal.planning.coming import ComingPlan, acknowledge_plan, find_coming_plan
from portal.planning.queries import (
    STANDINGS,
    SimulationChunk,
    Summary,
    get_simulation,
    list_results,
    list_simulations,
    simulated_so_far,
    simulation_batch,
    stream_results,
    summary_of,
)
from portal.planning.services import compute_simulation, simulate_plan

__all__ = [
    "STANDINGS",
    "ComingPlan",
    "SimulationChunk",
    "Summary",
    "acknowledge_plan",
    "compute_simulation",
    "find_coming_plan",
    "get_simulation",
    "list_results",
    "list_simulations",
    "simulate_plan",
    "simulated_so_far",
    "simulation_batch",
    "stream_results",
    "summary_of",
]
