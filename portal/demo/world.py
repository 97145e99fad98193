"""The whole of the demo before it is written: who there is, what was declared, what was ordered."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from portal.calendar import PeriodCode
from portal.demo.arvelia import build_arvelia
from portal.demo.claim_rows import number_stories
from portal.demo.conflicts import build_conflicts
from portal.demo.customers import Customer, build_customers
from portal.demo.firms import Firm, build_firms
from portal.demo.history import build_history
from portal.demo.orders import Order, build_files
from portal.demo.story import Story


@dataclass(frozen=True)
class World:
    """Firms, customers and stories; the same at every making."""

    firms: list[Firm]
    customers: list[Customer]
    stories: list[Story]

    @cached_property
    def files(self) -> dict[date, list[Order]]:
        """The vendor's order files by their day."""
        return build_files(self.stories, self.firms, self.customers)

    def stories_of(self, period: PeriodCode) -> list[Story]:
        """What was ordered in a period, as the firms declared it."""
        return [story for story in self.stories if story.period == period]


def build_world() -> World:
    """Everything, from fixed seeds."""
    firms, customers = build_firms(), build_customers()
    return World(firms, customers, number_stories(_stories(firms, customers)))


def _stories(firms: list[Firm], customers: list[Customer]) -> Iterator[Story]:
    yield from build_history(firms, customers)
    yield from build_arvelia(firms, customers)
    yield from build_conflicts(firms, customers)
