"""Conditions to earn anything; a gate passes at its value and fails on a figure that is absent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from portal.margin.engine.crediting import Measure
from portal.margin.engine.facts import Competency
from portal.margin.engine.plan import CompetencyHeld, Gate, MinAttainment, MinCsat, MinProjects

# The figures that a step looked at, kept as they were, for the trace.
Operands = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class GateResult:
    """Whether a gate lets through, and what it looked at."""

    type: str
    passed: bool
    operands: Operands


def check_gates(gates: Iterable[Gate], measure: Measure) -> tuple[GateResult, ...]:
    """Each gate checked, in the order of the plan."""
    return tuple(_check(gate, measure) for gate in gates)


def _check(gate: Gate, measure: Measure) -> GateResult:
    operands: Operands
    match gate:
        case MinAttainment():
            passed, operands = _attained(gate, measure)
        case CompetencyHeld():
            passed, operands = _held(gate, measure)
        case MinProjects():
            passed, operands = _enough_projects(gate, measure)
        case MinCsat():
            score = measure.facts.csat
            passed = score is not None and score >= gate.score
            operands = {"score": gate.score, "csat": score}
    return GateResult(gate.TYPE, passed, operands)


def _attained(gate: MinAttainment, measure: Measure) -> tuple[bool, Operands]:
    if measure.objective is None:
        return False, {"value": gate.value, "measured": measure.measured, "needed": None}
    # Cross-multiplied: the quotient measured / target is never rounded.
    needed = gate.value * measure.objective
    return measure.measured >= needed, {
        "value": gate.value,
        "measured": measure.measured,
        "needed": needed,
    }


def _enough_projects(gate: MinProjects, measure: Measure) -> tuple[bool, Operands]:
    counted = [code for code, project in measure.projects.items() if project.credited >= gate.min_credited]
    return len(counted) >= gate.count, {
        "count": gate.count,
        "min_credited": gate.min_credited,
        "projects": counted,
    }


def _held(gate: CompetencyHeld, measure: Measure) -> tuple[bool, Operands]:
    held = [competency for competency in measure.facts.competencies if competency.code == gate.code]
    first = measure.first_day if gate.continuous else measure.last_day
    return _covers(held, first, measure.last_day), {
        "code": gate.code,
        "from": first,
        "to": measure.last_day,
        "held": [{"from": one.starts_on, "until": one.ends_before} for one in held],
    }


def _covers(held: Iterable[Competency], first: date, last: date) -> bool:
    """Whether the intervals, taken together, leave out no day from the first to the last."""
    missing = first
    for one in sorted(held, key=lambda competency: competency.starts_on):
        if one.starts_on > missing:
            break
        missing = max(missing, one.ends_before or date.max)
    return missing > last
