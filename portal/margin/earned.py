"""What a result earned, line by line: each component, each cap or floor, what was stated before. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

PARTNER_CAP = "PARTNER_CAP"
PRIOR_EARNINGS = "PRIOR_EARNINGS"


def earned_by_line(result: Mapping[str, Any]) -> dict[str, Decimal]:
    """Amounts by component code, caps as `C4:CAP`, floors as `C4:FLOOR`; together they are the earnings."""
    lines: dict[str, Decimal] = {}
    for component in result["trace"]["components"]:
        for line in component["lines"]:
            code = component["code"]
            name = f"{code}:{line['kind']}" if line["kind"] in ("CAP", "FLOOR") else code
            lines[name] = lines.get(name, Decimal(0)) + Decimal(line["amount"])
    payment = result["trace"]["payment"]
    gross, capped = Decimal(payment["gross"]), Decimal(payment["capped"])
    lines[PARTNER_CAP] = capped - gross
    lines[PRIOR_EARNINGS] = Decimal(payment["earnings"]) - capped
    return {name: amount for name, amount in lines.items() if amount}
