"""Partners per second through the engine on one core, at 20 claims each and with the full trace.

    python3 bench/engine.py [3000] [400000]

The second number is how many partners are streamed to see that memory stays flat.
"""

import gc
import json
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from portal.margin.documents import read_document, read_json
from portal.margin.engine import Plan, evaluate, parse_facts, parse_plan, result_document

CLAIMS = 20
FAMILIES = ("M365", "AZURE_INFRA", "SQL", "SECURITY", "WIN_SERVER", "EXCHANGE")
ROLES = (["PRESCRIBE", "DESIGN", "INTEGRATE", "DEPLOY"], ["PRESCRIBE", "DESIGN"], ["PRESCRIBE"], ["DEPLOY"])
PLAN = Path(__file__).parent.parent / "portal/demo/plans/ssii-fy26-h2.json"


def facts_of(number: int) -> dict[str, Any]:
    """The facts of one invented partner, some lines shared, in dollars or out of the period."""
    draw = random.Random(number)
    code = f"P-{number:05d}"
    claims: list[dict[str, Any]] = []
    for ref in range(CLAIMS):
        claim: dict[str, Any] = {
            "ref": str(ref),
            "project": f"J{ref * 2 // 3}",
            "family": draw.choice(FAMILIES),
            "ordered_at": f"2026-{draw.randint(1, 7):02d}-{draw.randint(1, 28):02d}",
            "approved": f"{draw.lognormvariate(9.5, 0.6):.2f}",
            "roles": draw.choice(ROLES),
        }
        if draw.random() < 0.1:
            claim["shares"] = {code: "0.65", "P-99999": "0.20", "-": "0.15"}
        if draw.random() < 0.1:
            claim |= {"currency": "USD", "fx_rate": "1.0837"}
        claims.append(claim)
    return {
        "partner": code,
        "target": "180000.00",
        "baseline": "150000.00",
        "competencies": [{"code": "INFRA", "from": "2024-05-01"}],
        "csat": "8.1",
        "claims": claims,
        "adjustments": [{"period": "FY26-H1", "amount": "-412.37", "reason": "order cancelled"}],
        "carry_in": "88.10",
    }


def rate(name: str, step: Callable[[Any], object], inputs: list[Any]) -> None:
    """Print how many partners a second pass through a step."""
    gc.collect()
    started = time.process_time()
    for one in inputs:
        step(one)
    spent = time.process_time() - started
    print(f"{name:<44}{len(inputs) / spent:>10,.0f} partners/s {spent / len(inputs) * 1e6:>8,.0f} µs each")


def answer(plan: Plan, line: str) -> str:
    """What `plan evaluate` answers to a line."""
    return json.dumps(result_document(evaluate(plan, parse_facts(read_json(line)))))


def stream(plan: Plan, count: int) -> None:
    """Answer that many partners one after the other; print the memory held at each tenth of the way."""
    lines = [json.dumps(facts_of(number)) for number in range(50)]
    page, held = resource.getpagesize() // 1024, []
    for number in range(count):
        answer(plan, lines[number % len(lines)].replace('"P-', f'"P{number}-'))
        if (number + 1) % max(1, count // 10) == 0:
            held.append(int(Path("/proc/self/statm").read_text().split()[1]) * page // 1024)
    print(f"{count} partners streamed, memory held at each tenth: {held} MiB")


def main() -> None:
    """Print each step alone, then the command line's whole path, and that memory stays flat."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    many = int(sys.argv[2]) if len(sys.argv) > 2 else 400_000
    plan = parse_plan(read_document(PLAN))
    lines = [json.dumps(facts_of(number)) for number in range(count)]
    documents = [read_json(line) for line in lines]
    facts = [parse_facts(document) for document in documents]
    results = [evaluate(plan, one) for one in facts]
    print(f"{count} partners, {CLAIMS} claims each, {len(plan.components)} components, one core")
    rate("read JSON", read_json, lines)
    rate("parse facts", parse_facts, documents)
    rate("evaluate", lambda one: evaluate(plan, one), facts)
    rate("evaluate, with document and full trace", lambda one: result_document(evaluate(plan, one)), facts)
    rate("print JSON", json.dumps, [result_document(one) for one in results])
    rate("from line to line, as plan evaluate does", lambda line: answer(plan, line), lines)
    size = len(json.dumps(result_document(results[0])["trace"]))
    print(f"one trace: {size} bytes")
    del lines, documents, facts, results
    stream(plan, many)


if __name__ == "__main__":
    main()
