"""Before a period: plans tried on the past and told to the firms they will concern, objectives proposed."""

from portal.planning.announcement import announce_plan
from portal.planning.coming import ComingPlan, acknowledge_plan, find_coming_plan, waits_to_be_seen
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
from portal.planning.targets import TargetLine, check_targets, propose_targets, set_targets

__all__ = [
    "STANDINGS",
    "ComingPlan",
    "SimulationChunk",
    "Summary",
    "TargetLine",
    "acknowledge_plan",
    "announce_plan",
    "check_targets",
    "compute_simulation",
    "find_coming_plan",
    "get_simulation",
    "list_results",
    "list_simulations",
    "propose_targets",
    "set_targets",
    "simulate_plan",
    "simulated_so_far",
    "simulation_batch",
    "stream_results",
    "summary_of",
    "waits_to_be_seen",
]
