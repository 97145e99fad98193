"""Reading simulations: how far they are, what they come to, partner by partner."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, case, cast, func, select, text
from sqlalchemy.dialects.postgresql import JSONB

from portal.db import AnyRow, AnySelect, db
from portal.errors import NotFound
from portal.partners.models import Coverage, Partner
from portal.periods.models import Period
from portal.planning.models import Simulation, SimulationResult
from portal.users.models import User

CHANGE = SimulationResult.after - SimulationResult.before


STANDINGS: dict[str, ColumnElement[bool]] = {
    "winners": CHANGE > 0,
    "losers": CHANGE < 0,
    "same": CHANGE == 0,
}


@dataclass(frozen=True)
class SimulationChunk:
    """Some partners of a simulation: what one work item computes."""

    simulation_id: int
    partner_ids: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.simulation_id}/{','.join(map(str, self.partner_ids))}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The chunk that a work item's subject names."""
        simulation_id, ids = text.split("/")
        return cls(int(simulation_id), tuple(map(int, ids.split(","))))

    def apart(self) -> list[Self]:
        """Each of its partners alone, so that one's failure is its own."""
        return [type(self)(self.simulation_id, (partner_id,)) for partner_id in self.partner_ids]


@dataclass(frozen=True)
class Total:
    """Some partners together: how many, what they earned and would have earned, who wins and loses."""

    partners: int
    before: Decimal
    after: Decimal
    winners: int
    losers: int

    @property
    def change(self) -> Decimal:
        """What the plan would have cost more."""
        return self.after - self.before


@dataclass(frozen=True)
class Summary:
    """What a simulation comes to, in all and by coverage, and how many partners pass each gate."""

    total: Total
    by_coverage: dict[Coverage, Total]
    gates: tuple[AnyRow, ...]


def simulation_batch(simulation_id: int) -> str:
    """The batch of the work items that compute a simulation."""
    return f"simulation:{simulation_id}"


def get_simulation(public_id: UUID) -> Simulation:
    """A simulation; NotFound where there is none."""
    query = select(Simulation).where(Simulation.public_id == public_id)
    found = db.session.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def list_simulations(plan_id: int) -> Sequence[AnyRow]:
    """The simulations of a plan, the latest first."""
    done = (
        select(func.count())
        .where(SimulationResult.simulation_id == Simulation.id)
        .correlate(Simulation)
        .scalar_subquery()
    )
    return db.session.execute(
        select(
            *(
                Simulation.public_id,
                Simulation.started_at,
                Simulation.partners,
                User.name.label("started_by"),
            ),
            *(Period.code.label("period"), done.label("done")),
        )
        .join(Period, Period.id == Simulation.period_id)
        .outerjoin(User, User.id == Simulation.started_by_id)
        .where(Simulation.plan_id == plan_id)
        .order_by(Simulation.id.desc())
    ).all()


def simulated_so_far(simulation_id: int) -> int:
    """How many partners are computed."""
    count = select(func.count()).where(SimulationResult.simulation_id == simulation_id)
    return db.session.execute(count).scalar_one()


def summary_of(simulation_id: int) -> Summary:
    """Totals, counted from the rows."""
    rows = db.session.execute(
        select(Partner.coverage, *_totals())
        .join(Partner, Partner.id == SimulationResult.partner_id)
        .where(SimulationResult.simulation_id == simulation_id)
        .group_by(Partner.coverage)
        .order_by(Partner.coverage)
    )
    parts = {coverage: Total(*figures) for coverage, *figures in rows}
    zero = Decimal("0.00")
    whole = Total(
        sum(part.partners for part in parts.values()),
        sum((part.before for part in parts.values()), zero),
        sum((part.after for part in parts.values()), zero),
        sum(part.winners for part in parts.values()),
        sum(part.losers for part in parts.values()),
    )
    return Summary(whole, parts, tuple(_gates(simulation_id)))


def _totals() -> tuple[Any, ...]:
    count = func.count(case((CHANGE > 0, 1))), func.count(case((CHANGE < 0, 1)))
    return func.count(), func.sum(SimulationResult.before), func.sum(SimulationResult.after), *count


def _gates(simulation_id: int) -> Sequence[AnyRow]:
    """Each gate by its component and place, and how many partners pass it."""
    each = select(func.jsonb_array_elements(SimulationResult.gates).label("gate"))
    gates = each.where(SimulationResult.simulation_id == simulation_id).subquery()
    told = cast(gates.c.gate, JSONB)
    of, place = told["of"].astext, cast(told["place"].astext, Integer)
    passed = func.count(case((told["passed"].astext == "true", 1)))
    return db.session.execute(
        select(of.label("of"), place.label("place"), passed.label("passed"))
        .group_by(text("1, 2"))
        .order_by(text("1 nulls first, 2"))
    ).all()


def list_results(simulation_id: int, *, standing: str, page: int, size: int) -> tuple[Sequence[AnyRow], int]:
    """One page of partners, the largest change first, and how many there are."""
    query = _results(simulation_id)
    condition = STANDINGS.get(standing)
    counted = select(func.count()).where(SimulationResult.simulation_id == simulation_id)
    if condition is not None:
        query, counted = query.where(condition), counted.where(condition)
    rows = query.order_by(func.abs(CHANGE).desc(), Partner.code).limit(size).offset((page - 1) * size)
    return db.session.execute(rows).all(), db.session.execute(counted).scalar_one()


def stream_results(simulation_id: int) -> Iterator[AnyRow]:
    """Every partner by its code."""
    query = _results(simulation_id).order_by(Partner.code.collate("C"))
    yield from db.session.execute(query, execution_options={"yield_per": 500})


def _results(simulation_id: int) -> AnySelect:
    return (
        select(
            *(Partner.code, Partner.public_id, Partner.legal_name, Partner.coverage),
            *(SimulationResult.credited, SimulationResult.attainment, SimulationResult.components),
            *(SimulationResult.before, SimulationResult.after, CHANGE.label("change")),
        )
        .join(Partner, Partner.id == SimulationResult.partner_id)
        .where(SimulationResult.simulation_id == simulation_id)
    )
