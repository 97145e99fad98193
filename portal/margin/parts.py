"""The parts of a period that a firm spends in one segment after the other; rows in, documents out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select

from portal.db import AnyRow
from portal.partners.models import Partner, SegmentChange
from portal.periods import Period


@dataclass(frozen=True)
class Part:
    """The days `[first, end)` of a period that a firm is in the programme, in one segment."""

    segment: str
    first: date
    end: date

    def takes(self, ordered_on: date, *, last: bool) -> bool:
        """Whether an order is of this part; the last one has those of later days too, to say why not."""
        return last or ordered_on < self.end


def segment_on(day: ColumnElement[date]) -> ColumnElement[str]:
    """The segment that the firm of a query's row was in on a day."""
    after = (
        select(SegmentChange.before)
        .where(SegmentChange.partner_id == Partner.id, SegmentChange.changes_on > day)
        .order_by(SegmentChange.changes_on)
        .limit(1)
        .correlate_except(SegmentChange)
        .scalar_subquery()
    )
    return func.coalesce(after, Partner.segment)


def parts_of(partner: AnyRow, changes: Sequence[AnyRow], period: Period) -> list[Part]:
    """The parts of a firm's period, one where its segment stays the same; never none."""
    first = max(partner.starts_on, period.starts_on)
    end = max(first, min(partner.ends_before or period.ends_before, period.ends_before))
    parts: list[Part] = []
    for change in changes:
        if change.changes_on >= end:
            return [*parts, Part(change.before, first, end)]
        if change.changes_on > first:
            parts.append(Part(change.before, first, change.changes_on))
            first = change.changes_on
    return [*parts, Part(partner.segment, first, end)]


def lines_of(parts: Sequence[Part], lines: Iterable[AnyRow]) -> list[list[AnyRow]]:
    """The lines of each part, by the day of their order."""
    found: list[list[AnyRow]] = [[] for _ in parts]
    for line in lines:
        place = next(
            place
            for place, part in enumerate(parts)
            if part.takes(line.ordered_on, last=place == len(parts) - 1)
        )
        found[place].append(line)
    return found


def proration_of(part: Part, period: Period) -> dict[str, Any]:
    """Objectives are set for whole periods: who is there for some days is measured against these."""
    days, of = (part.end - part.first).days, (period.ends_before - period.starts_on).days
    return {} if days == of else {"proration": {"days": days, "of": of}}
