"""The life of a claim: states, steps, guards and clocks. Pure."""

from portal.claims.workflow.grid import Finding, Paper, findings
from portal.claims.workflow.rules import RULES, Clock, Rules, clock, pause, resume
from portal.claims.workflow.table import (
    CLOSED,
    OPEN,
    STEPS,
    TABLE,
    Action,
    Actor,
    ClaimState,
    IllegalStep,
    Step,
    next_state,
    possible_actions,
)

__all__ = [
    "CLOSED", "OPEN", "RULES", "STEPS", "TABLE", "Action", "Actor", "ClaimState", "Clock", "Finding",
    "IllegalStep",
    "Paper", "Rules", "Step", "clock", "findings", "next_state", "pause", "possible_actions", "resume",
]  # fmt: skip
