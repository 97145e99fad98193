"""Plan and facts documents as trees: JSON and YAML read as they are written, numbers as their text."""

import json
import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml

from portal.margin.engine import FaultAt
from portal.margin.engine.reading import Table
from portal.margin.engine.values import Number

DEEPEST = 32
_YAML_NAMES = (".yaml", ".yml")
_YAML_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_YAML_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

_decoder = json.JSONDecoder(
    object_pairs_hook=Table, parse_float=Number, parse_int=Number, parse_constant=Number
)


def read_document(path: Path) -> object:
    """The tree of a JSON or YAML file, told apart by its name or else by its first character."""
    return read_written(path.read_bytes(), path.suffix)


def read_written(content: bytes, suffix: str) -> object:
    """The tree of what a JSON or YAML file holds."""
    written = _decoded(content)
    if suffix in _YAML_NAMES or (suffix != ".json" and written.lstrip()[:1] not in ("{", "[")):
        return read_yaml(written)
    return read_json(written)


def read_lines(path: Path) -> Iterator[tuple[int, object]]:
    """The trees of a .jsonl file one by one, each with its line number; blank lines are passed over."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield number, read_json(_decoded(line))
            except FaultAt as fault:
                raise at_line(number, fault) from None


def at_line(number: int, fault: FaultAt) -> FaultAt:
    """A fault of one line of a .jsonl file."""
    return fault.at(f"line {number}: {fault.path}" if fault.path else f"line {number}")


def read_json(written: str) -> object:
    """The tree of a JSON text."""
    try:
        return _decoder.decode(written)
    except json.JSONDecodeError as error:
        place = f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno}, column {error.colno}"
        raise FaultAt("", "not_json", error=error.msg, place=place) from None
    except RecursionError:
        raise FaultAt("", "too_deep") from None


def read_yaml(written: str) -> object:
    """The tree of a YAML text: no aliases, no tags, no dates; only null, true and false are words apart."""
    try:
        events = _events(written)
        first = next(events, None)
        if first is None:
            raise FaultAt("", "empty")
        tree = _node(first, events, 0)
        if next(events, None) is not None:
            raise FaultAt("", "not_single")
    except yaml.YAMLError as error:
        raise FaultAt("", "not_yaml", error=" ".join(str(error).split())) from None
    return tree


def _events(written: str) -> Iterator[yaml.Event]:
    for event in yaml.parse(written, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            yield event


def _node(event: Any, events: Iterator[yaml.Event], depth: int) -> object:
    if depth > DEEPEST:
        raise FaultAt("", "too_deep")
    if isinstance(event, yaml.AliasEvent) or event.tag is not None:
        raise FaultAt("", "alias", line=_line(event))
    if isinstance(event, yaml.SequenceStartEvent):
        return [_node(item, events, depth + 1) for item in _until(yaml.SequenceEndEvent, events)]
    if isinstance(event, yaml.MappingStartEvent):
        keys = _until(yaml.MappingEndEvent, events)
        return Table([(_key(key), _node(next(events), events, depth + 1)) for key in keys])
    return _scalar(event)


def _line(event: Any) -> int:
    return event.start_mark.line + 1


def _until(end: type[yaml.Event], events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
    return takewhile(lambda event: not isinstance(event, end), events)


def _key(event: yaml.Event) -> str:
    if not isinstance(event, yaml.ScalarEvent) or event.tag is not None:
        raise FaultAt("", "key_no_text", line=_line(event))
    return str(event.value)


def _scalar(event: Any) -> object:
    if not event.implicit[0]:
        return event.value
    word = event.value.lower()
    if word in _YAML_WORDS:
        return _YAML_WORDS[word]
    return Number(event.value) if _YAML_NUMBER.fullmatch(event.value) else event.value


def _decoded(written: bytes) -> str:
    try:
        return written.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FaultAt("", "not_utf8", byte=error.start + 1) from None
