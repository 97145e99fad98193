"""Faults and oddities of plan documents, and where they are, in the reader's language."""

import re
from typing import Any

from portal.i18n import format_amount
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.margin.engine import FaultAt, Oddity
from portal.web.plan_words import NAMES
from portal.web.words import N_

PLACES: dict[str, Any] = {
    "components": _l("Components"),
    "tiers": _l("tier"),
    "gates": _l("gate"),
    "families": _l("Product families"),
    "measure": "",
    "weights": _l("Weights of families in the measure"),
    "multipliers": _l("Multipliers by family"),
    "role_weights": _l("Share credited for each role"),
}

_FAULTS: tuple[tuple[str, str], ...] = (
    (r"is missing", N_("Fill this in.")),
    (
        r"must be a number in plain .*",
        N_("This is not a number. Write it as 2,5 or 1 234,50, without letters."),
    ),
    (r"must be a decimal number", N_("This is not a number. Write it as 2,5 or 1 234,50, without letters.")),
    (r"must have at most two decimals", N_("Two decimals at most: 1234,50. Thousands are parted by spaces.")),
    (
        r"must have at most sixteen .*",
        N_("This amount is larger than can be kept. Check the number of digits."),
    ),
    (r"must not be negative", N_("This cannot be negative.")),
    (r"must be a whole number .*", N_("This must be a whole number, zero or more.")),
    (r"must be at least 1", N_("This must be at least 1.")),
    (r"must be 0", N_("The first tier begins at 0.")),
    (
        r"must be above (?P<bound>\S+), .*",
        N_("This tier must begin above %(bound)s, where the tier before it begins."),
    ),
    (r"must have at least one tier", N_("Give at least one tier.")),
    (r"must have at least one component", N_("Give at least one component.")),
    (r"must have at most (?P<most>\d+) components", N_("A plan has at most %(most)s components.")),
    (r"is the code of another component: (?P<code>.*)", N_("Another component has the code %(code)s.")),
    (r"must not sum above 1: .*", N_("The weights of the roles must not exceed 100 %% together.")),
    (r"must be one of (?P<words>.*)", N_("This must be one of %(words)s.")),
    (r"is not a key of (?P<of>.*)", N_("This has no place in %(of)s.")),
    (r"goes with rounding LINE only", N_("A limit for each claim goes with rounding claim by claim only.")),
    (r"is written twice", N_("This is written twice.")),
    (r"must be (?P<value>\d+)", N_("The next version of this plan is %(value)s.")),
    (r"does not exist", N_("This period does not exist.")),
    (r"must be an object|must be a list|must be a text.*", N_("This is not of the kind expected here.")),
    (r"is nested too deeply", N_("The document is nested too deeply.")),
    (
        r"has an alias or a tag at line (?P<line>\d+).*",
        N_("The document has an alias or a tag at line %(line)s: write the value itself."),
    ),
    (r"is larger than (?P<most>\d+) kB", N_("The document is larger than %(most)s kB.")),
    (r"is empty", N_("The document is empty.")),
)
_ODDITIES: tuple[tuple[str, str], ...] = (
    (
        r"cliff of (?P<size>\S+) EUR at (?P<at>\S+)",
        N_("A cliff: one euro more at %(at)s € pays %(size)s € more at once."),
    ),
    (
        r"cliff of (?P<size>\S+) EUR at (?P<at>\S+) % for a target of (?P<target>\S+)",
        N_("A cliff: for an objective of %(target)s €, reaching %(at)s %% pays %(size)s € more at once."),
    ),
    (
        r"fall: more pays less, a cliff of (?P<size>\S+) EUR at (?P<at>\S+).*",
        N_("A fall: from %(at)s on, one euro more pays %(size)s € less."),
    ),
    (
        r"is never reached: attainment_cap is (?P<cap>\S+)",
        N_("This tier is never reached: attainment is counted up to %(cap)s."),
    ),
    (r"is never paid: a gate asks for (?P<gate>\S+)", N_("This tier is never paid: a gate asks for more.")),
    (
        r"adds nothing: the cap (?P<cap>\S+) is reached before",
        N_("This tier adds nothing: the cap of %(cap)s € is reached before it."),
    ),
    (
        r"(?P<floor>\S+) is above the cap (?P<cap>[^,]+), .*",
        N_("The floor of %(floor)s € is above the cap of %(cap)s € and wins over it."),
    ),
    (
        r"is above partner_cap (?P<cap>[^:]+): .*",
        N_("The smallest payment is above %(cap)s €, the most a partner earns."),
    ),
    (r"is empty: the component .*", N_("No family is chosen: the component takes nothing.")),
    (r"repeats (?P<family>.*)", N_("The family %(family)s is written twice.")),
    (
        r"(?P<family>\S+) weighs 0 in the measure .*",
        N_("The family %(family)s weighs nothing in the measure, and pays nothing."),
    ),
    (
        r"is not a family of the component",
        N_("This multiplier is of a family that the component does not take."),
    ),
)


def fault_words(fault: FaultAt) -> str:
    """A fault of the parser, and how to mend it."""
    return _said(fault.message, _FAULTS)


def oddity_words(oddity: Oddity) -> str:
    """What is legal but odd."""
    return _said(oddity.message, _ODDITIES)


def _said(message: str, table: tuple[tuple[str, str], ...]) -> str:
    for pattern, sentence in table:
        if found := re.fullmatch(pattern, message):
            return str(_(sentence, **{name: _spoken(value) for name, value in found.groupdict().items()}))
    return message


def _spoken(value: str) -> str:
    return format_amount(value) if re.fullmatch(r"[0-9]+\.[0-9]{2}", value) else value


def place_words(path: str, tree: Any) -> str:
    """Where in a plan: the component's code, the tier's or gate's number, the field's name."""
    said, node = [], tree
    for key, number in re.findall(r"([A-Za-z_-][A-Za-z0-9_-]*)|\[([0-9]+)\]", path):
        node = _within(node, key or int(number))
        if number and isinstance(node, dict) and "scheme" in node:
            said.append(str(node.get("code") or ""))
        elif number:
            said.append(str(_("number %(number)s", number=int(number) + 1)))
        elif key != "components" or path == "components":
            said.append(str(PLACES.get(key) or NAMES.get(key) or key))
    return ", ".join(one for one in said if one)


def _within(node: Any, step: str | int) -> Any:
    if isinstance(node, dict):
        return node.get(step)
    return node[step] if isinstance(node, list) and isinstance(step, int) and step < len(node) else None
