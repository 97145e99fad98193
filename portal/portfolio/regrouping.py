"""What a reorganisation file would do to the firms that are known: decided without a database."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from stdnum.fr import siren as siren_number

from portal.partners.models import Coverage, Segment
from portal.partners.names import search_key
from portal.portfolio.inputs import Fault, Row
from portal.portfolio.models import LineKind
from portal.portfolio.outcomes import Firm, Known, Outcome


class _Wrong(Exception):
    def __init__(self, column: str, code: str, value: str = "") -> None:
        self.column, self.code, self.value = column, code, value


def judge(rows: Sequence[Row], known: Known) -> tuple[list[Outcome], list[Fault]]:
    """What each line does, and why some are refused; nothing is guessed."""
    outcomes: list[Outcome] = []
    faults: list[Fault] = []
    codes = Counter(row.code for row in rows)
    for row, survivor in _with_survivors(rows, known):
        try:
            if codes[row.code] > 1:
                raise _Wrong("partner_code", "reorg_code_twice", row.code)
            outcomes.append(_judge(row, survivor, known))
        except _Wrong as wrong:
            faults.append(Fault(row.line, wrong.column, wrong.code, wrong.value))
    _refuse_disagreeing_merges(outcomes, faults)
    return sorted(outcomes, key=lambda one: one.row.line), sorted(faults, key=lambda one: one.line)


def _with_survivors(rows: Sequence[Row], known: Known) -> Iterable[tuple[Row, Row | Firm | None]]:
    """Each line with the line or firm it would be merged into: the known one, or the first of its SIREN."""
    sirens = known.by_siren()
    alike: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        alike[row.siren].append(row)
    for row in rows:
        firm = sirens.get(row.siren)
        if firm is not None:
            own = next((one for one in alike[row.siren] if one.code == firm.code), None)
            yield row, None if row.code == firm.code else own or firm
        else:
            known_first = sorted(alike[row.siren], key=lambda one: (one.code not in known.firms, one.line))
            yield row, None if known_first[0] is row else known_first[0]


def _judge(row: Row, survivor: Row | Firm | None, known: Known) -> Outcome:
    on, segment, coverage = _checked(row)
    pam_id = _pam(row, segment, known)
    single = bool(row.epg and row.smsp) and _only(row, "pam_epg", known) != _only(row, "pam_smsp", known)
    firm = known.firms.get(row.code)
    if survivor is not None:
        return _merged(row, survivor, firm, on, pam_id, single, known)
    if firm is None:
        return _joining(row, on, segment, coverage, pam_id, single, known)
    return _changed(row, firm, on, segment, coverage, pam_id, single, known)


def _checked(row: Row) -> tuple[date, Segment, Coverage]:
    if not siren_number.is_valid(row.siren):
        raise _Wrong("siren", "reorg_siren", row.siren)
    if not row.name:
        raise _Wrong("legal_name", "reorg_name")
    if row.segment not in set(Segment):
        raise _Wrong("segment", "reorg_segment", row.segment)
    if row.coverage not in set(Coverage):
        raise _Wrong("coverage", "reorg_coverage", row.coverage)
    if row.on is None:
        raise _Wrong("effective_date", "reorg_day", row.day)
    return row.on, Segment(row.segment), Coverage(row.coverage)


def _pam(row: Row, segment: Segment, known: Known) -> int | None:
    """Who is retained; two account managers are never chosen between."""
    if segment is Segment.ALLIANCE:
        for column, text in (("pam_retained", row.retained), ("pam_smsp", row.smsp), ("pam_epg", row.epg)):
            if text and (column != "pam_epg" or _called(text, known)):
                raise _Wrong(column, "reorg_alliance", text)
        return None
    epg = _only(row, "pam_epg", known) if row.epg else None
    smsp = _only(row, "pam_smsp", known) if row.smsp else None
    if row.retained:
        return _only(row, "pam_retained", known)
    if epg and smsp and epg != smsp:
        raise _Wrong("pam_retained", "reorg_two_pams")
    if not (epg or smsp):
        raise _Wrong("pam_retained", "reorg_no_pam")
    return epg or smsp


def _only(row: Row, column: str, known: Known) -> int:
    text = {"pam_epg": row.epg, "pam_smsp": row.smsp, "pam_retained": row.retained}[column]
    found = _called(text, known)
    if len(found) != 1:
        raise _Wrong(column, "reorg_pam_homonym" if found else "reorg_pam_unknown", text)
    return found[0]


def _called(text: str, known: Known) -> tuple[int, ...]:
    return known.pams.get(text.lower()) or known.pams.get(search_key(text)) or ()


def _changed(
    row: Row,
    firm: Firm,
    on: date,
    segment: Segment,
    coverage: Coverage,
    pam_id: int | None,
    single: bool,
    known: Known,
) -> Outcome:
    if firm.siren != row.siren:
        raise _Wrong("siren", "reorg_siren_of_another", firm.siren)
    if (segment is Segment.ALLIANCE) != (firm.segment is Segment.ALLIANCE):
        raise _Wrong("segment", "reorg_alliance_moves")
    if on < firm.starts_on or (firm.ends_before and on >= firm.ends_before):
        raise _Wrong("effective_date", "reorg_not_in_programme", row.day)
    found = Outcome(row, LineKind.UNCHANGED, on, firm, pam_id, single=single)
    turn = firm.turn_on(on)
    if segment != firm.segment:
        raise _Wrong("segment", "reorg_segment_change", firm.segment.value)
    leaving = turn if turn and turn.pam_id != pam_id else None
    changes = coverage != firm.coverage_on(on)
    if not changes and leaving is None:
        return found
    if on < known.today:
        raise _Wrong("effective_date", "reorg_past", row.day)
    if changes and on > known.today and firm.next_coverage_on:
        raise _Wrong("coverage", "reorg_coverage_ahead", firm.next_coverage_on.isoformat())
    later = turn.ends_before if leaving and turn and turn.ends_before != firm.ends_before else None
    return replace(
        found, kind=LineKind.CHANGED, leaving=leaving, later=later,
        coverage=coverage if changes else None, ahead=changes and on > known.today,
    )  # fmt: skip


def _joining(
    row: Row,
    on: date,
    segment: Segment,
    coverage: Coverage,
    pam_id: int | None,
    single: bool,
    known: Known,
) -> Outcome:
    if not (len(row.code) == 7 and row.code.startswith("P-") and row.code[2:].isdecimal()):
        raise _Wrong("partner_code", "reorg_code", row.code)
    if on < known.today:
        raise _Wrong("effective_date", "reorg_past", row.day)
    return Outcome(row, LineKind.JOINED, on, None, pam_id, single=single, segment=segment, coverage=coverage)


def _merged(
    row: Row,
    survivor: Row | Firm,
    firm: Firm | None,
    on: date,
    pam_id: int | None,
    single: bool,
    known: Known,
) -> Outcome:
    """The same SIREN under another code: one firm remains; what the other lived stays with it."""
    into = known.firms[survivor.code].code if survivor.code in known.firms else survivor.code
    if firm is not None and firm.code == into:
        return Outcome(row, LineKind.UNCHANGED, on, None, pam_id, single=single, into=into)
    if firm is not None:
        if firm.segment is Segment.ALLIANCE:
            raise _Wrong("siren", "reorg_alliance_moves")
        if on < known.today:
            raise _Wrong("effective_date", "reorg_past", row.day)
        if on <= firm.starts_on or (firm.ends_before and on >= firm.ends_before):
            raise _Wrong("effective_date", "reorg_not_in_programme", row.day)
    elif isinstance(survivor, Firm):
        turn = survivor.turn_on(on)
        if turn and turn.pam_id != pam_id:
            raise _Wrong("partner_code", "reorg_merge_alone", into)
    turn = firm.turn_on(on) if firm else None
    return Outcome(row, LineKind.MERGED, on, firm, pam_id, leaving=turn, single=single, into=into)


def _refuse_disagreeing_merges(outcomes: list[Outcome], faults: list[Fault]) -> None:
    retained = {one.row.code: one for one in outcomes if one.kind is not LineKind.MERGED}
    by_known = {one.firm.code: one for one in retained.values() if one.firm}
    for one in [one for one in outcomes if one.kind is LineKind.MERGED]:
        other = retained.get(one.into) or by_known.get(one.into)
        if other is not None and (other.pam_id, other.on) != (one.pam_id, one.on):
            outcomes.remove(one)
            faults.append(Fault(one.row.line, "pam_retained", "reorg_merge_disagrees", one.into))
