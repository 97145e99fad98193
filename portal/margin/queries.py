"""Reading runs and results."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import func, select

from portal.db import AnyRow, db
from portal.errors import NotFound
from portal.margin.facts import select_partners
from portal.margin.models import MarginResult, MarginRun, RunState
from portal.partners.models import Partner
from portal.periods.models import Period

FEW = 25  # partners computed again together when more of them failed


@dataclass(frozen=True)
class RunChunk:
    """Some partners of a run, of consecutive positions: what one work item stands for."""

    run_id: int
    position: int
    partner_ids: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.position}/{','.join(map(str, self.partner_ids))}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The chunk that a work item's subject names."""
        run_id, position, ids = text.split("/")
        return cls(int(run_id), int(position), tuple(map(int, ids.split(","))))

    @property
    def name(self) -> str:
        """What tells it from the others of its run, however many partners it names."""
        return f"{self.run_id}/{self.position}+{len(self.partner_ids)}"

    def apart(self) -> list[Self]:
        """Its partners a few at a time, then each alone, so that one's failure is its own."""
        kind, size = type(self), FEW if len(self.partner_ids) > FEW else 1
        return [
            kind(self.run_id, self.position + start, self.partner_ids[start : start + size])
            for start in range(0, len(self.partner_ids), size)
        ]


def batch_of(run_id: int) -> str:
    """The batch of the work items that compute a run."""
    return f"run:{run_id}"


def get_run(run_id: int) -> MarginRun:
    """A run; NotFound where there is none."""
    run = db.session.get(MarginRun, run_id)
    if run is None:
        raise NotFound
    return run


def list_run_partners(period: Period) -> Sequence[int]:
    """Partners that a period concerns, in the order of their codes."""
    partners = select_partners(period).order_by(Partner.code.collate("C"))
    return db.session.execute(partners.with_only_columns(Partner.id)).scalars().all()


def find_latest_run(period_id: int) -> MarginRun | None:
    """The last run of a period that was not cancelled."""
    return db.session.execute(
        select(MarginRun)
        .where(MarginRun.period_id == period_id, MarginRun.state != RunState.CANCELLED)
        .order_by(MarginRun.number.desc())
        .limit(1)
    ).scalar_one_or_none()


def count_results(run_id: int) -> int:
    """How many partners of a run are computed."""
    count = select(func.count()).where(MarginResult.run_id == run_id)
    return db.session.execute(count).scalar_one()


def list_results_of_run(run_id: int) -> Sequence[AnyRow]:
    """(id, partner_id, position) of each result of a run, by position."""
    return db.session.execute(
        select(MarginResult.id, MarginResult.partner_id, MarginResult.position)
        .where(MarginResult.run_id == run_id)
        .order_by(MarginResult.position)
    ).all()
