"""A component from its lines to its amount: gates, scheme, cap, floor."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from portal.margin.engine.crediting import Measure
from portal.margin.engine.facts import ZERO
from portal.margin.engine.gates import GateResult, check_gates
from portal.margin.engine.plan import Component
from portal.margin.engine.schemes import Pay, pay


class Print(StrEnum):
    """What a printed line stands for."""

    CLAIM = "CLAIM"
    SCHEME = "SCHEME"
    CAP = "CAP"
    FLOOR = "FLOOR"


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One line of a component as it is printed; the lines sum to the component's amount."""

    kind: Print
    amount: Decimal
    ref: str | None = None
    uncapped: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ComponentResult:
    """What one component earns. `computed` is what its scheme gives, even behind a closed gate."""

    component: Component
    base: Decimal
    gates: tuple[GateResult, ...]
    passed: bool
    computed: Pay
    amount: Decimal
    lines: tuple[PrintedLine, ...]
    refs: tuple[str, ...]

    @property
    def code(self) -> str:
        """The component's code in the plan."""
        return self.component.code


def settle_component(component: Component, measure: Measure, *, plan_passed: bool) -> ComponentResult:
    """The result of one component: nothing behind a gate that fails, else the floor wins over the cap."""
    taken = tuple(line for line in measure.lines if component.takes(line.claim.family))
    base = sum((line.measured for line in taken), ZERO)
    gates = check_gates(component.gates, measure)
    passed = plan_passed and all(gate.passed for gate in gates)
    computed = pay(component.scheme, taken, base, measure)
    lines = _printed(component, computed) if passed else ()
    return ComponentResult(
        component=component,
        base=base,
        gates=gates,
        passed=passed,
        computed=computed,
        amount=sum((line.amount for line in lines), ZERO),
        lines=lines,
        refs=tuple(line.claim.ref for line in taken),
    )


def _printed(component: Component, computed: Pay) -> tuple[PrintedLine, ...]:
    lines = [PrintedLine(Print.CLAIM, line.amount, line.ref, line.uncapped) for line in computed.lines]
    if not lines:
        lines = [PrintedLine(Print.SCHEME, computed.amount)]
    amount = computed.amount
    if component.cap is not None and amount > component.cap:
        lines.append(PrintedLine(Print.CAP, component.cap - amount))
        amount = component.cap
    if component.floor is not None and amount < component.floor:
        lines.append(PrintedLine(Print.FLOOR, component.floor - amount))
    return tuple(lines)
