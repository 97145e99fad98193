"""Whether two customers' names are one: without case, accents and legal form. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz, process

LIKENESS = 85.0  # of a hundred
_FORMS = frozenset(
    """sa sas sasu sarl eurl snc sci scop scic scs sca se gie selarl selas spl sem epic asso association
    societe ste cie compagnie groupe holding ltd limited gmbh ag inc corp plc spa srl bv nv""".split()  # noqa: SIM905
)


def bare_name(name: str) -> str:
    """The words that make a name, sorted, without case, accents, punctuation and legal form."""
    flat = unicodedata.normalize("NFKD", name.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(sign for sign in flat if not unicodedata.combining(sign))
    letters = re.sub(r"(?<=\b\w)\.(?=\w\b)", "", letters)  # S.A.R.L. is one word
    found = re.findall(r"[a-z0-9]+", letters)
    return " ".join(sorted(word for word in found if word not in _FORMS) or sorted(found))


def are_alike(one: str, other: str) -> bool:
    """Whether two names, as written, are at least 0.85 the same."""
    return fuzz.ratio(bare_name(one), bare_name(other)) >= LIKENESS


def names_like(names: Sequence[str], known: Mapping[int, str]) -> dict[str, list[int]]:
    """For each bare name, the keys of the known bare names that are like it, all compared at once."""
    keys, choices = list(known), list(known.values())
    found: dict[str, list[int]] = {}
    for name in set(names):
        near = process.extract(name, choices, scorer=fuzz.ratio, score_cutoff=LIKENESS, limit=None)
        found[name] = [keys[place] for _choice, _score, place in near]
    return found
