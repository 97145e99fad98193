"""What lines of a reorganisation do, and the firms and account managers they are judged against."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.partners.models import Coverage, Segment, Unit
from portal.portfolio.inputs import Fault, Row
from portal.portfolio.models import LineKind, Reorganisation


@dataclass(frozen=True, slots=True)
class Turn:
    """One PAM's days with a firm."""

    id: int
    pam_id: int
    starts_on: date
    ends_before: date | None

    def holds(self, on: date) -> bool:
        """Whether the day is one of them."""
        return self.starts_on <= on and (self.ends_before is None or on < self.ends_before)


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm as it is known, and who follows it when."""

    id: int
    code: str
    siren: str
    name: str
    segment: Segment
    coverage: Coverage
    unit: Unit
    starts_on: date
    ends_before: date | None
    next_coverage: Coverage | None = None  # set ahead, its day has not come
    next_coverage_on: date | None = None
    turns: tuple[Turn, ...] = ()

    def coverage_on(self, on: date) -> Coverage:
        """Who answers for it on this day, today or later."""
        ahead = self.next_coverage_on is not None and self.next_coverage_on <= on
        return self.next_coverage if ahead and self.next_coverage else self.coverage

    def turn_on(self, on: date) -> Turn | None:
        """Who follows it on this day."""
        return next((turn for turn in self.turns if turn.holds(on)), None)


@dataclass(frozen=True, slots=True)
class Known:
    """Firms by code (codes merged away included) and account managers by what they may be called."""

    firms: Mapping[str, Firm]
    pams: Mapping[str, tuple[int, ...]]
    today: date

    def by_siren(self) -> dict[str, Firm]:
        """Firms by SIREN."""
        return {firm.siren: firm for firm in self.firms.values()}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a line does: to which firm, who follows it from which day on, and what it replaces."""

    row: Row
    kind: LineKind
    on: date
    firm: Firm | None = None
    pam_id: int | None = None
    leaving: Turn | None = None
    single: bool = False
    later: date | None = None
    segment: Segment | None = None
    coverage: Coverage | None = None
    ahead: bool = False
    into: str = ""

    @property
    def moves(self) -> bool:
        """Whether another PAM comes."""
        return self.leaving is not None and self.kind is LineKind.CHANGED

    @property
    def opened(self) -> bool:
        """Whether an assignment begins with it."""
        return self.moves or (self.kind is LineKind.JOINED and self.pam_id is not None)

    @property
    def closed(self) -> bool:
        """Whether an assignment that was lived ends with it."""
        return self.leaving is not None and self.leaving.starts_on < self.on


@dataclass(frozen=True)
class Report:
    """What importing a file would do, line by line, or why some lines are refused."""

    sha256: str
    outcomes: tuple[Outcome, ...] = ()
    faults: tuple[Fault, ...] = ()
    loads: tuple[tuple[int, int, int], ...] = ()
    already: Reorganisation | None = None

    def of_kind(self, kind: str) -> list[Outcome]:
        """The lines that do this."""
        return [one for one in self.outcomes if one.kind == kind]

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return len(self.outcomes) + len({fault.line for fault in self.faults})

    @property
    def opened(self) -> int:
        """How many assignments begin."""
        return sum(one.opened for one in self.outcomes)

    @property
    def closed(self) -> int:
        """How many assignments end."""
        return sum(one.closed for one in self.outcomes)

    @property
    def singles(self) -> int:
        """How many firms had two account managers and keep one."""
        return sum(one.single for one in self.outcomes)

    @property
    def merges(self) -> list[Outcome]:
        """The merges that somebody has to accept."""
        return self.of_kind(LineKind.MERGED)


def loads(known: Known, outcomes: Sequence[Outcome]) -> list[tuple[int, int, int]]:
    """(PAM, firms without the file, firms with it) on the last day on which the file changes something."""
    on = max([known.today, *(one.on for one in outcomes if one.kind is not LineKind.UNCHANGED)])
    before: Counter[int] = Counter()
    for firm in {firm.id: firm for firm in known.firms.values()}.values():
        turn = firm.turn_on(on)
        if turn:
            before[turn.pam_id] += 1
    after = Counter(before)
    for one in outcomes:
        gone = one.kind is LineKind.MERGED and one.firm is not None
        if one.leaving and one.firm and (one.moves or gone):
            turn = one.firm.turn_on(on)
            if turn is None or turn.id != one.leaving.id:
                continue
            after[turn.pam_id] -= 1
        if one.opened and one.pam_id is not None:
            after[one.pam_id] += 1
    return [(pam_id, before[pam_id], after[pam_id]) for pam_id in sorted(before.keys() | after.keys())]
