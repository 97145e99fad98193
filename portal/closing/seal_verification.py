"""Sealed rows held against the rows as they are: what was altered, deleted or added is named."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal import files
from portal.closing.sealed_rows import SealedRow, Span, rows_of
from portal.closing.seals import Index, count_unsealed, kept_rows, list_seals, make_index
from portal.db import AnyRow
from portal.errors import DomainError


@dataclass(frozen=True)
class Broken:
    """Something under a seal that is not as it was sealed."""

    period: str
    what: str
    said: str

    def __str__(self) -> str:
        return f"{self.period} {self.what}: {self.said}".lstrip()


@dataclass
class Sealed:
    """What was looked at: how many rows, and the seals found to hold, the latest last."""

    rows: int = 0
    holding: tuple[tuple[str, str], ...] = ()


def verify_seals(seal: str = "", *, found: Sealed) -> Iterator[Broken]:
    """Hold every row against the chain that ends with this seal, or with the last of the database.

    A seal read from paper is believed; the database's own are only as good as their owner.
    """
    kept = {row.sha256: row for row in list_seals()}
    latest = next(iter(kept), "")
    if seal and seal not in kept:
        yield Broken(
            "", "seal", f"{seal} was printed, and the database has no such seal: its chain was rewritten"
        )
    for step, broken in _chain_to(seal or latest, kept):
        yield from broken
        if step is not None:
            yield from _against_rows(step, found)
    yield from _later_seals(seal, latest, kept, found)
    if count_unsealed():
        yield Broken("", "seal", f"{count_unsealed()} closed periods have no seal")


_Step = tuple[tuple[Index, Index | None] | None, list[Broken]]


def _chain_to(seal: str, kept: dict[str, AnyRow]) -> list[_Step]:
    """The indexes that lead to this seal, the oldest first, each with the one before it."""
    indexes: list[Index] = []
    faults: list[Broken] = []
    while seal:
        index, broken = _index_of(seal, kept)
        faults += broken
        if index is None:
            break
        indexes.append(index)
        seal = index.previous
    indexes.reverse()
    befores = (None, *indexes)
    return [(None, faults), *(((one, before), []) for one, before in zip(indexes, befores, strict=False))]


def _index_of(seal: str, kept: dict[str, AnyRow]) -> tuple[Index | None, list[Broken]]:
    """The index under a seal: from the file store or, where it is lost, made again and of the same hash."""
    row = kept.get(seal)
    try:
        index = Index.parse(files.get(seal))
    except DomainError:
        if row is None:
            return None, [
                Broken("", "seal", f"the file store has no list under {seal}: rows cannot be named")
            ]
        index = _made_again(row, kept)
        if index.sha256 != seal:
            lost = "its list is lost from the file store, and its rows no longer give it"
            return None, [Broken(row.code, f"seal {seal}", lost)]
    if row is not None and (row.code, row.position, row.previous_sha256 or "", row.lines, row.amount) != (
        index.period, index.position, index.previous, index.lines, index.amount,
    ):  # fmt: skip
        return index, [Broken(row.code, f"seal {seal}", "the row of the seal does not say what it seals")]
    return index, []


def _made_again(row: AnyRow, kept: dict[str, AnyRow]) -> Index:
    before = kept.get(row.previous_sha256)
    span = Span(
        row.code, before.last_entry if before else 0, row.last_entry,
        before.last_payment if before else 0, row.last_payment,
    )  # fmt: skip
    return make_index(span, position=row.position, previous=row.previous_sha256 or "", keep=False)


def _against_rows(step: tuple[Index, Index | None], found: Sealed) -> Iterator[Broken]:
    """Merge what was sealed with what there is: both come in the same order."""
    index, before = step
    span = Span(
        index.period, before.last_entry if before else 0, index.last_entry,
        before.last_payment if before else 0, index.last_payment,
    )  # fmt: skip
    whole = True
    for broken in _differences(index, span, found):
        whole = False
        yield broken
    if whole:
        found.holding = (*found.holding, (index.period, index.sha256))


def _differences(index: Index, span: Span, found: Sealed) -> Iterator[Broken]:
    try:
        now = (row for row, _moved in rows_of(span))
        yield from _merged(index.period, kept_rows(index), now, found)
    except DomainError:
        again = make_index(span, position=index.position, previous=index.previous, keep=False)
        if again.sha256 != index.sha256:
            lost = "pages of its list are lost from the file store, and its rows no longer give it"
            yield Broken(index.period, f"seal {index.sha256}", lost)
        found.rows += again.lines


def _merged(
    period: str, sealed: Iterator[SealedRow], now: Iterator[SealedRow], found: Sealed
) -> Iterator[Broken]:
    was, is_ = next(sealed, None), next(now, None)
    while was is not None or is_ is not None:
        found.rows += 1
        if is_ is None or (was is not None and (was.kind, was.key) < (is_.kind, is_.key)):
            assert was is not None
            yield Broken(period, _named(was), f"deleted; sealed as: {was.said}")
            was = next(sealed, None)
        elif was is None or (is_.kind, is_.key) < (was.kind, was.key):
            yield Broken(period, _named(is_), f"added after the seal: {is_.said}")
            is_ = next(now, None)
        else:
            if was.sha256 != is_.sha256:
                yield Broken(period, _named(was), f"altered; sealed as: {was.said}; now: {is_.said}")
            was, is_ = next(sealed, None), next(now, None)


def _named(row: SealedRow) -> str:
    return f"{row.kind} {row.key.lstrip('0')}"


def _later_seals(seal: str, latest: str, kept: dict[str, AnyRow], found: Sealed) -> Iterator[Broken]:
    """What was sealed after the printed seal must lead back to it."""
    if not seal or seal == latest or seal not in kept:
        return
    steps = _chain_to(latest, kept)
    if not any(step and step[0].sha256 == seal for step, _broken in steps):
        yield Broken("", "seal", f"{latest}, the last of the database, does not stand on {seal}")
    for step, broken in steps:
        yield from broken
        if step is not None and step[0].position > kept[seal].position:
            yield from _against_rows(step, found)
