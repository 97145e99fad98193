"""Compare the engine with the naive reading of the rules on many random plans and facts.

    nice python3 bench/naive.py [100000] [first seed]

Ends with status 1 at the first difference, naming its seed; else prints what the plans and facts met.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from portal.margin.engine import evaluate, parse_facts, parse_plan, result_document
from tests.unit.engine import naive
from tests.unit.engine.documents import Draw

KEYS = (
    "multipliers",
    "claim_cap",
    "cap",
    "floor",
    "gates",
    "families",
    "attainment_cap",
    "lead_only",
    "max_projects",
)


def main() -> None:
    """Count, compare, tell."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    started, met = time.process_time(), Counter[str]()
    for seed in range(first, first + count):
        draw = Draw(seed)
        plan, facts = draw.plan(), draw.facts()
        document = result_document(evaluate(parse_plan(plan), parse_facts(facts)))
        trace = document.pop("trace")
        printed = [
            [(line["kind"], line.get("ref"), line["amount"]) for line in one["lines"]]
            for one in trace["components"]
        ]
        if (document, printed) != naive.evaluate_and_print(plan, facts):
            sys.exit(f"seed {seed}: the engine and the naive reading differ")
        met.update(_met(plan, facts, document, trace))
    print(f"{count} plans and facts from seed {first}: no difference, {time.process_time() - started:.0f} s")
    print(", ".join(f"{what} {times}" for what, times in met.most_common()))


def _met(plan: Any, facts: Any, document: Any, trace: Any) -> Iterator[str]:
    """What took part in a result, so that nobody compares zeros with zeros."""
    for said, one in zip(plan["components"], document["components"], strict=True):
        if one["amount"] != "0.00":
            yield said["scheme"]
            yield from (key for key in KEYS if said.get(key))
            yield said.get("rounding") or "TOTAL"
    payment = trace["payment"]
    yield from (what for what, so in {
        "paid": document["payable"] != "0.00",
        "carried": document["carry_out"] != "0.00",
        "negative balance": document["balance"].startswith("-"),
        "two documents": len(document["documents"]) == 2,
        "partner cap": payment["gross"] != payment["capped"],
        "true-up": payment["prior_earnings"] != "0.00",
        "POSITIVE_ONLY": bool(facts.get("prior_earnings")) and plan.get("true_up") == "POSITIVE_ONLY",
        "prorated": bool(facts.get("proration") and facts.get("target")),
        "currency": any(claim.get("fx_rate") for claim in facts["claims"]),
        "shares": any(claim.get("shares") for claim in facts["claims"]),
        "measure weights": bool((plan.get("measure") or {}).get("weights")),
    }.items() if so)  # fmt: skip


if __name__ == "__main__":
    main()
