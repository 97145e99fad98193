"""Strict reading of document trees: objects and lists, every fault with its path."""

from collections.abc import Callable, Set
from itertools import islice
from typing import Any, TypeVar

from portal.margin.engine.faults import MOST_FAULTS, FaultAt, gather
from portal.margin.engine.values import text

T = TypeVar("T")
D = TypeVar("D")

_REQUIRED: Any = object()


class Table(dict[str, Any]):
    """An object of a JSON or YAML document; `repeated` names a key that was written twice."""

    __slots__ = ("repeated",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated: str | None = None
        if len(self) != len(pairs):
            met: set[str] = set()
            self.repeated = next(key for key, _ in pairs if key in met or met.add(key))  # type: ignore[func-returns-value]


class Fields:
    """The keys of one object, taken one by one; `end` raises all the faults that were met."""

    __slots__ = ("_faults", "_table")

    def __init__(self, value: object, known: Set[str], of: str) -> None:
        self._table = table(value)
        self._faults = []
        if not self._table.keys() <= known:
            unknown = (key for key in self._table if key not in known)
            self._faults = [FaultAt(shown(key), "unknown_key", of=of) for key in islice(unknown, MOST_FAULTS)]

    def take(self, key: str, read: Callable[[Any], T], default: D = _REQUIRED) -> T | D:
        """The value of a key; null is as absent. The default stands in after a fault, until `end`."""
        value = self._table.get(key)
        if value is None:
            if default is _REQUIRED:
                self.fault(key, "missing")
            return default
        try:
            return read(value)
        except FaultAt as fault:
            self._faults.append(fault.under(key))
            return default

    def fault(self, key: str, code: str, **params: Any) -> None:
        """One more fault, at a key of this object."""
        self._faults.append(FaultAt(key, code, **params))

    @property
    def sound(self) -> bool:
        """Whether no fault was met so far, so that keys can be compared with one another."""
        return not self._faults

    def end(self) -> None:
        """Raise what was found."""
        if self._faults:
            raise gather(self._faults)


def table(value: object) -> dict[str, Any]:
    """An object whose keys are all different texts."""
    if not isinstance(value, dict):
        raise FaultAt("", "not_object")
    repeated = getattr(value, "repeated", None)
    if repeated is not None:
        raise FaultAt(shown(repeated), "written_twice")
    return value


def map_of(read: Callable[[Any], T]) -> Callable[[Any], dict[str, T]]:
    """A reader of an object with free keys."""

    def read_map(value: object) -> dict[str, T]:
        found, faults = {}, []
        for key, item in table(value).items():
            try:
                found[text(key)] = read(item)
            except FaultAt as fault:
                faults.append(fault.under(shown(key)))
                if len(faults) == MOST_FAULTS:
                    break
        if faults:
            raise gather(faults)
        return found

    return read_map


def list_of(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    """A reader of a list."""

    def read_list(value: object) -> tuple[T, ...]:
        if not isinstance(value, list | tuple):
            raise FaultAt("", "not_list")
        found, faults = [], []
        for position, item in enumerate(value):
            try:
                found.append(read(item))
            except FaultAt as fault:
                faults.append(fault.under(f"[{position}]"))
                if len(faults) == MOST_FAULTS:
                    break
        if faults:
            raise gather(faults)
        return tuple(found)

    return read_list


def shown(key: str) -> str:
    """A key as it is shown in a path, whatever it holds."""
    short = key if len(key) <= 60 else key[:59] + "…"
    return short if short.isprintable() and short else ascii(short)
