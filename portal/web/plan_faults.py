"""Faults and oddities of plan documents, and where they are, in the reader's language."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from portal.i18n import format_amount, format_number, format_percent
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.margin.engine import FaultAt, Oddity
from portal.web.plan_words import NAMES
from portal.web.words import N_

_AMOUNT = re.compile(r"[0-9]+\.[0-9]{2}")

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

_NUMBER = N_("This is not a number. Write it as 2.5 or 1 234.50, without letters.")
_PLAIN = N_("This is not a plain number. Write it with a point: 0.025 or 1234.50.")
_KIND = N_("This is not of the kind expected here.")
FAULT_WORDS: dict[str, str] = {
    "above_whole": N_("The weights of the roles must not exceed 100 %% together."),
    "alias": N_("The document has an alias or a tag at line %(line)s: write the value itself."),
    "below_one": N_("This must be at least 1."),
    "cap_without_line": N_("A limit for each claim goes with rounding claim by claim only."),
    "code_taken": N_("Another component has the code %(name)s."),
    "empty": N_("The document is empty."),
    "empty_text": N_("Fill this in."),
    "key_no_text": N_("The document has a key that is no plain text at line %(line)s."),
    "missing": N_("Fill this in."),
    "negative": N_("This cannot be negative."),
    "no_component": N_("Give at least one component."),
    "no_offset": N_("Give the offset of the instant, such as Z or +02:00."),
    "no_such_instant": N_("There is no such instant."),
    "no_tier": N_("Give at least one tier."),
    "not_above": N_("This tier must begin above %(bound)s, where the tier before it begins."),
    "not_among": N_("This must be one of %(words)s."),
    "not_currency": N_("Write a currency by its code, such as USD."),
    "not_day": N_("Write a day as 2026-03-10."),
    "not_day_or_instant": N_("Write a day as 2026-03-10, or an instant as 2026-03-10T09:30:00+01:00."),
    "not_decimal": _NUMBER,
    "not_euro": N_("Plans are in euros: write EUR."),
    "not_flag": N_("This must be true or false."),
    "not_json": N_("The document is not JSON: %(error)s at %(place)s."),
    "not_list": _KIND,
    "not_object": _KIND,
    "not_one": N_("The shares must sum to exactly 1, not %(sum)s."),
    "not_period": N_("Write a fiscal period as FY26, FY26-H2 or FY26-Q3."),
    "not_plain": _NUMBER,
    "not_quoted": N_("Write this text in quotes."),
    "not_single": N_("The file must hold a single YAML document."),
    "not_text": _KIND,
    "not_utf8": N_("The document is not UTF-8 at byte %(byte)s. Save it as UTF-8."),
    "not_whole": N_("This must be a whole number, zero or more."),
    "not_yaml": N_("The document is not YAML: %(error)s."),
    "not_zero": N_("The first tier begins at 0."),
    "odd_character": N_("This holds a character that is no text."),
    "other_period": N_("The period is another plan's. Begin another plan for another period."),
    "other_plan": N_("The code, the version or the segment is another plan's."),
    "overlaps": N_("This segment has the plan %(name)s in this period already: write its next version."),
    "period_unknown": N_("This period does not exist."),
    "rate_in_euro": N_("An amount in euros has no exchange rate."),
    "rate_missing": N_("Give the exchange rate for %(currency)s."),
    "rate_not_above_zero": N_("An exchange rate lies above 0."),
    "ref_taken": N_("Another claim has the reference %(name)s."),
    "repeats": N_("%(name)s is written twice."),
    "roles_missing": N_("Give the roles, or the shares."),
    "shares_without_partner": N_("The shares must name the partner %(partner)s."),
    "too_deep": N_("The document is nested too deeply."),
    "too_large": N_("The document is larger than %(most)s kB."),
    "too_many_components": N_("A plan has at most %(most)s components."),
    "too_many_decimals": N_("Two decimals at most: 1234.50."),
    "too_many_digits": N_("This amount is larger than can be kept. Check the number of digits."),
    "too_many_tiers": N_("A component has at most %(most)s tiers."),
    "unknown_key": N_("This has no place here."),
    "unreadable": N_("The document cannot be read: %(error)s."),
    "version_next": N_("The next version of this plan is %(value)s."),
    "written_twice": N_("This is written twice."),
}
ODDITY_WORDS: dict[str, str] = {
    "adds_nothing": N_("This tier adds nothing: the cap of %(cap)s € is reached before it."),
    "cliff": N_("A cliff: one euro more at %(at)s € pays %(size)s € more at once."),
    "cliff_on_attainment": N_(
        "A cliff: for an objective of %(target)s €, reaching %(percent)s %% pays %(size)s € more at once."
    ),
    "fall": N_("A fall: from %(at)s € on, one euro more pays %(size)s € less."),
    "fall_on_attainment": N_(
        "A fall: for an objective of %(target)s €, reaching %(percent)s %% pays %(size)s € less."
    ),
    "floor_above_cap": N_("The floor of %(floor)s € is above the cap of %(cap)s € and wins over it."),
    "gate_never_passed": N_("None of %(partners)s partners passes this gate."),
    "no_family": N_("No family is chosen: the component takes nothing."),
    "not_its_family": N_("This multiplier is of a family that the component does not take."),
    "payout_above_cap": N_("The smallest payment is above %(cap)s €, the most a partner earns."),
    "repeats": N_("The family %(family)s is written twice."),
    "tier_never_paid": N_("This tier is never paid: a gate asks for more."),
    "tier_never_reached": N_("This tier is never reached: attainment is counted up to %(cap)s."),
    "weighs_nothing": N_("The family %(family)s weighs nothing in the measure, and pays nothing."),
}
_RATIOS = {"tier_never_reached", "tier_never_paid"}


def fault_words(fault: FaultAt, *, in_document: bool = False) -> str:
    """A fault of the parser, and how to mend it in the editor or in a document."""
    words = FAULT_WORDS[fault.code]
    words = _PLAIN if in_document and words == _NUMBER else words
    return str(_(words, **{name: _spoken(one) for name, one in fault.params.items()}))


def oddity_words(oddity: Oddity, families: Mapping[str, str]) -> str:
    """What is legal but odd; `families` names their codes."""
    said = {
        name: families.get(str(one), one) if name == "family" else _figure(name, one, oddity.code)
        for name, one in oddity.params.items()
    }
    return str(_(ODDITY_WORDS[oddity.code], **said))


def _figure(name: str, value: object, code: str) -> object:
    if not isinstance(value, Decimal):
        return value
    if code in _RATIOS:
        return format_percent(value)
    return format_number(value) if name == "percent" else format_amount(value)


def _spoken(value: object) -> object:
    """Amounts as people write them."""
    return format_amount(value) if isinstance(value, str) and _AMOUNT.fullmatch(value) else value


def place_words(path: str, tree: Any, families: Mapping[str, str]) -> str:
    """Where in a plan: the component's code, the tier's or gate's number, the field's or family's name."""
    said, node = [], tree
    for key, number in re.findall(r"([A-Za-z_-][A-Za-z0-9_-]*)|\[([0-9]+)\]", path):
        node = _within(node, key or int(number))
        if number and isinstance(node, dict) and "scheme" in node:
            said.append(str(node.get("code") or ""))
        elif number:
            said.append(str(_("number %(number)s", number=int(number) + 1)))
        elif key != "components" or path == "components":
            said.append(str(PLACES.get(key, NAMES.get(key, families.get(key, key)))))
    return ", ".join(one for one in said if one)


def _within(node: Any, step: str | int) -> Any:
    if isinstance(node, dict):
        return node.get(step)
    return node[step] if isinstance(node, list) and isinstance(step, int) and step < len(node) else None
