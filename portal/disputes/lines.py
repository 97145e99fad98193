"""Every figure of a statement that may be disputed, by a name that stays the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from portal.statements.models import DisputedKind
from portal.statements.shape import StatementDocument


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A printed figure: which one, the words beside it, the amount (none where there is none)."""

    kind: DisputedKind
    key: str
    reference: str
    detail: str
    amount: Decimal | None


def lines_of(document: StatementDocument) -> Iterator[StatementLine]:
    """The lines in the order of the paper."""
    result, words = document["result"], document["words"]
    if result["target"] is not None:
        yield StatementLine(DisputedKind.OBJECTIVE, "target", "", "", Decimal(result["target"]))
    credits = {claim["ref"]: claim for claim in result["claims"]}
    for claim in document["claims"]:
        family = words["families"].get(claim["family"], claim["family"])
        credited = Decimal(credits[claim["ref"]]["credited"])
        yield StatementLine(DisputedKind.CLAIM, claim["ref"], claim["reference"], family, credited)
    for component in result["trace"]["components"]:
        amount = Decimal(component["amount"])
        yield StatementLine(DisputedKind.COMPONENT, component["code"], component["code"], "", amount)
    if Decimal(result["carry_in"]):
        previous = document["previous"]
        number = previous["number"] if previous else ""
        yield StatementLine(DisputedKind.CARRY_IN, "carry_in", "", number, Decimal(result["carry_in"]))
    for place, adjustment in enumerate(document["adjustments"], 1):
        said = (adjustment["reference"] or adjustment["period"], adjustment["statement"] or "")
        yield StatementLine(DisputedKind.ADJUSTMENT, str(place), *said, Decimal(adjustment["amount"]))
    for left in document["not_counted"]:
        family = words["families"].get(left["family"], left["family"])
        key = f"{left['reference']}/{left['family']}"
        yield StatementLine(DisputedKind.NOT_COUNTED, key, left["reference"], family, Decimal(left["amount"]))


def find_line(document: StatementDocument, kind: str, key: str) -> StatementLine | None:
    """The line of this name; None where the statement has none such."""
    return next((line for line in lines_of(document) if (line.kind, line.key) == (kind, key)), None)
