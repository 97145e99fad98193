"""The grid both sides see, as far as a claim's own facts can answer it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Finding(StrEnum):
    """What the facts say of a check: met, would be returned for, or a person must read."""

    MET = "met"
    MISSING = "missing"
    TO_READ = "to_read"


@dataclass(frozen=True, slots=True)
class Paper:
    """A piece of evidence, as the grid looks at it."""

    kind: str
    dated_on: date | None


def findings(
    codes: Sequence[str],
    *,
    roles: Sequence[str],
    papers: Sequence[Paper],
    ordered_on: date | None,
    numbered: bool,
) -> Mapping[str, Finding]:
    """The finding of each check of the grid; checks unknown here are for a person to read."""
    known = {
        "EVIDENCE_PRESENT": _met(bool(papers)),
        "EVIDENCE_DATED": _met(bool(papers) and all(paper.dated_on for paper in papers)),
        "DATED_BEFORE_ORDER": _dated_before(papers, ordered_on) if "PRESCRIBE" in roles else Finding.MET,
        "ORDER_NUMBER": _met(numbered),
    }
    unread = Finding.TO_READ if papers else Finding.MISSING
    return {code: known.get(code, unread) for code in codes}


def _dated_before(papers: Sequence[Paper], ordered_on: date | None) -> Finding:
    days = [paper.dated_on for paper in papers if paper.dated_on]
    if ordered_on is None:
        return Finding.TO_READ if papers else Finding.MISSING
    return _met(any(day <= ordered_on for day in days))


def _met(condition: bool) -> Finding:
    return Finding.MET if condition else Finding.MISSING
