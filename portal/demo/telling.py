"""Writing claims with all that belongs to them."""

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg

from portal.demo import claim_rows
from portal.demo.claim_rows import Papers
from portal.demo.loading import copy
from portal.demo.story import Story


@dataclass(frozen=True)
class Desk:
    """What every claim refers to: the stored papers and the grid."""

    papers: Papers
    grid_id: int
    checks: list[str]


def write_claims(owner: psycopg.Connection, stories: list[Story], desk: Desk) -> None:
    """Claims, lines, files, evidence, ticks, timeline, readings and the record."""
    copy(owner, "claims", (claim_rows.claim_row(story, desk.grid_id) for story in stories))
    copy(owner, "claim_lines", (row for story in stories for row in claim_rows.line_rows(story)))
    copy(owner, "files", (row for story in stories for row in claim_rows.file_rows(story, desk.papers)))
    copy(owner, "claim_evidence", (row for story in stories for row in claim_rows.evidence_rows(story)))
    ticks = (row for story in stories for row in claim_rows.tick_rows(story, desk.grid_id, desk.checks))
    copy(owner, "claim_grid_ticks", ticks)
    copy(owner, "claim_events", (row for story in stories for row in claim_rows.event_rows(story)))
    copy(owner, "claim_appeals", (row for story in stories for row in claim_rows.appeal_rows(story)))
    copy(owner, "file_readings", (row for story in stories for row in claim_rows.reading_rows(story)))
    copy(owner, "audit_records", (row for story in stories for row in claim_rows.audit_rows(story)))


def write_counters(owner: psycopg.Connection, stories: Iterable[Story]) -> None:
    """The next reference follows the last one."""
    last: dict[str, int] = {}
    for story in stories:
        _, year, number = story.reference.split("-")
        last[year] = max(last.get(year, 0), int(number))
    for counter in last.items():
        owner.execute("insert into claim_counters values (%s, %s)", counter)
