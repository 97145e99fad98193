"""A plan as a form: each input is named by its path in the document, so that a fault finds its field."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.i18n import current_locale
from portal.money import NotANumber, plain, read_amount, read_rate

AMOUNTS = {"claim_cap", "partner_cap", "min_payout", "cap", "floor", "amount", "min_credited"}
PERCENTS = {"vat_rate", "rate", "value", "min_growth", "attainment_cap"}
FLAGS = {"flush_at_fiscal_year_end", "continuous", "lead_only"}
TEXTS = {"code", "scheme", "type", "true_up", "rounding"}
ON_AMOUNTS = {"MARGINAL", "RETROACTIVE"}
ROOTS = {"role_weights", "measure", "gates", "components", "partner_cap", "min_payout",
         "flush_at_fiscal_year_end", "true_up", "vat_rate"}  # fmt: skip
IDENTITY = ("code", "version", "segment", "period", "currency")
ORDER = (
    *IDENTITY, "role_weights", "measure", "claim_cap", "weights", "gates", "components", "type", "scheme",
    "families", "value", "continuous", "count", "min_credited", "score", "tiers", "from", "rate",
    "attainment_cap", "multipliers", "rounding", "amount", "lead_only", "max_projects", "min_growth", "cap",
    "floor", "partner_cap", "min_payout", "flush_at_fiscal_year_end", "true_up", "vat_rate",
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,59}(\.[A-Za-z0-9_-]{1,60}|\[[0-9]{1,3}\]){0,6}")
_PART = re.compile(r"[A-Za-z0-9_-]+")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")

Tree = dict[str, Any]


def tree_of(sent: MultiDict[str, str]) -> Tree:
    """What was typed, as a tree of texts: lists by their numbers, boxes ticked as lists."""
    tree: Tree = {}
    for name in sent:
        if _NAME.fullmatch(name) and _PART.findall(name)[0] in ROOTS:
            *steps, last = _PART.findall(name)
            place = tree
            for step in steps:
                deeper = place.setdefault(step, {})
                place = deeper if isinstance(deeper, dict) else {}
            place[last] = sent.getlist(name) if last == "families" else sent[name]
    found: Tree = _with_lists(tree)
    return found


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return [_with_lists(node[key]) for key in sorted(node, key=int)]
    return {key: _with_lists(value) for key, value in node.items()}


def document_of(tree: Tree, identity: Mapping[str, Any]) -> dict[str, Any]:
    """The document that the form says; what cannot be read is left as typed, for the parser to refuse."""
    told = {key: identity[key] for key in IDENTITY if key in identity}
    read: dict[str, Any] = in_order(told | (_read(tree, "", "") or {}))
    return read | {"components": read.get("components", [])}


def _read(node: Any, key: str, scheme: str) -> Any:
    """The value of a node, none when nothing was typed."""
    if isinstance(node, dict):
        within = node.get("scheme", scheme)
        found = {name: _read(value, name, within) for name, value in node.items()}
        return {name: value for name, value in found.items() if value is not None} or (
            {} if key in ("tiers", "gates") else None
        )
    if isinstance(node, list):
        items = [one if key == "families" else _read(one, key, scheme) for one in node]
        return [one for one in items if one is not None] if key == "families" else items or None
    text = str(node).strip()
    return _value(text, key, scheme) if text else None


def _value(text: str, key: str, scheme: str) -> Any:
    if key in FLAGS:
        return True
    if key in TEXTS:
        return text
    bare = _SPACES.sub("", text).replace(",", ".")
    if kind_of(key, scheme) == "percent":
        bare = bare.removesuffix("%")
        try:
            return plain(read_rate(bare).scaleb(-2))
        except NotANumber:
            return text
    return bare.removesuffix("€")


def kind_of(key: str, scheme: str = "") -> str:
    """How a value is typed: amount, percent, number, flag or text."""
    if key in AMOUNTS or (key == "from" and scheme in ON_AMOUNTS):
        return "amount"
    if key in PERCENTS or key == "from" or key in ("PRESCRIBE", "DESIGN", "INTEGRATE", "DEPLOY"):
        return "percent"
    if key in FLAGS:
        return "flag"
    return "text" if key in TEXTS else "number"


def typed_of(document: Any, key: str = "", scheme: str = "") -> Any:
    """A document as one would type it."""
    if isinstance(document, dict):
        within = document.get("scheme", scheme)
        return {name: typed_of(value, name, within) for name, value in document.items()}
    if isinstance(document, list):
        return [one if key == "families" else typed_of(one, key, scheme) for one in document]
    if isinstance(document, bool):
        return "1" if document else ""
    return "" if document is None else _typed(str(document), kind_of(key, scheme))


def _typed(text: str, kind: str) -> str:
    try:
        if kind == "amount":
            return _spoken(f"{read_amount(text):,.2f}".replace(",", "\u202f"))
        if kind in ("percent", "number"):
            return _spoken(plain(_short(read_rate(text).scaleb(2 if kind == "percent" else 0))))
    except NotANumber:
        pass
    return text


def _spoken(figure: str) -> str:
    return figure.replace(".", ",") if current_locale() == "fr" else figure


def _short(value: Decimal) -> Decimal:
    """Without the zeros that say nothing."""
    short = value.normalize()
    return short if short.as_tuple().exponent <= 0 else short.quantize(Decimal(1))  # type: ignore[operator]


def in_order(node: Any) -> Any:
    """The same document with its keys in the order of the rules."""
    if isinstance(node, dict):
        places = {key: place for place, key in enumerate(ORDER)}
        return {key: in_order(node[key]) for key in sorted(node, key=lambda key: (places.get(key, 99), key))}
    return [in_order(one) for one in node] if isinstance(node, list) else node


def edit(tree: Tree, do: str, choices: Mapping[str, str]) -> None:
    """Carry out a button of the form: `add:path`, `remove:path`, `up:path`, `down:path`."""
    verb, _colon, path = do.partition(":")
    if not _NAME.fullmatch(path):
        return
    if verb == "add":
        held = _list_at(tree, path)
        if held is not None and len(held) < 200:
            held.append(_new(path, choices.get(f"new:{path}", ""), held))
        return
    parent, _bracket, number = path.rpartition("[")
    held, place = _list_at(tree, parent), int(number.rstrip("]")) if number.rstrip("]").isdigit() else -1
    if held is None or not 0 <= place < len(held):
        return
    if verb == "remove":
        del held[place]
    elif verb in ("up", "down"):
        other = place + (-1 if verb == "up" else 1)
        if 0 <= other < len(held):
            held[place], held[other] = held[other], held[place]


def _list_at(tree: Tree, path: str) -> list[Any] | None:
    place: Any = tree
    steps = _PART.findall(path)
    for step in steps[:-1]:
        if isinstance(place, list):
            place = place[int(step)] if step.isdigit() and int(step) < len(place) else None
        else:
            place = place.get(step) if isinstance(place, dict) else None
    if not isinstance(place, dict) or not steps:
        return None
    held = place.setdefault(steps[-1], [])
    return held if isinstance(held, list) else None


def _new(path: str, choice: str, held: list[Any]) -> Tree:
    if path == "components":
        taken = {one.get("code") for one in held if isinstance(one, dict)}
        code = next(f"C{number}" for number in range(1, 999) if f"C{number}" not in taken)
        tiers = {"tiers": [{"from": "0", "rate": ""}]} if choice.endswith(_TIERED) else {}
        return {"code": code, "scheme": choice, **tiers}
    return {"type": choice} if path.endswith("gates") else {}


_TIERED = ("MARGINAL", "RETROACTIVE", "INTERPOLATED")


def paths_of(tree: Any, path: str = "") -> Iterator[str]:
    """Every path of the form, for faults to be put beside the nearest one."""
    if path:
        yield path
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from paths_of(value, f"{path}.{key}" if path else key)
    elif isinstance(tree, list):
        for place, value in enumerate(tree):
            yield from paths_of(value, f"{path}[{place}]")
