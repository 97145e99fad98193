"""plan: what a plan pays for given facts, and what is wrong or odd in a plan; no database."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from portal.calendar import PeriodCode
from portal.margin.documents import at_line, read_document, read_lines
from portal.margin.engine import (
    Facts,
    FaultAt,
    GatesPassed,
    Oddity,
    Plan,
    evaluate,
    oddities,
    parse_facts,
    parse_plan,
    result_document,
)

REFUSED = 2


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the commands."""
    plan = commands.add_parser("plan", help="evaluate or check a plan document, without database")
    kinds = plan.add_subparsers(title="commands", metavar="<command>", required=True)
    evaluating = kinds.add_parser("evaluate", help="print the result of a plan on the facts of partners")
    evaluating.add_argument("plan", type=Path, help="the plan, JSON or YAML")
    evaluating.add_argument("facts", type=Path, help="one partner, JSON or YAML; or many, .jsonl")
    evaluating.set_defaults(run=run_evaluate, joins=False)
    checking = kinds.add_parser("check", help="name the faults of a plan, and what is legal but odd")
    checking.add_argument("plan", type=Path, help="the plan, JSON or YAML")
    checking.add_argument("--facts", type=Path, help="facts of partners: warn of gates that nobody passes")
    checking.add_argument(
        "--period", type=PeriodCode.parse, help="the period of the facts, FY26-H2: last year's"
    )
    checking.add_argument("--json", action="store_true", help="print faults and warnings as one JSON object")
    checking.set_defaults(run=run_check, joins=False)


def run_evaluate(options: argparse.Namespace) -> int:
    """Print a result for each partner; at the first fault say where it is and exit with 2."""
    read = options.plan
    try:
        plan = parse_plan(read_document(read))
        read = options.facts
        for answer in _answers(plan, options.facts):
            print(answer, flush=True)
    except FaultAt as fault:
        return _refuse(read, fault.all[0])
    except BrokenPipeError:
        # Whoever read the answers has enough of them; Python would complain once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        return _refuse(read, FaultAt("", "unreadable", error=error.strerror))
    return 0


def _answers(plan: Plan, facts: Path) -> Iterator[str]:
    indent = None if facts.suffix == ".jsonl" else 2
    for known in _facts_of(facts):
        yield json.dumps(result_document(evaluate(plan, known)), indent=indent)


def _facts_of(facts: Path) -> Iterator[Facts]:
    """The facts of one partner, or line by line of many."""
    if facts.suffix != ".jsonl":
        yield parse_facts(read_document(facts))
        return
    for number, document in read_lines(facts):
        try:
            known = parse_facts(document)
        except FaultAt as fault:
            raise at_line(number, fault) from None
        yield known


def run_check(options: argparse.Namespace) -> int:
    """Name every fault and exit with 2, or print what is odd, if anything is."""
    read, found = options.plan, list[Oddity]()
    try:
        plan = parse_plan(read_document(read))
        found.extend(oddities(plan))
        if options.facts:
            read = options.facts
            tried = replace(plan, period=options.period or plan.period)
            found.extend(_gates_nobody_passes(tried, read))
    except FaultAt as fault:
        return _checked(options, read, fault.all, ())
    except OSError as error:
        return _checked(options, read, (FaultAt("", "unreadable", error=error.strerror),), ())
    return _checked(options, read, (), found)


def _gates_nobody_passes(plan: Plan, facts: Path) -> tuple[Oddity, ...]:
    passed = GatesPassed()
    for known in _facts_of(facts):
        passed.look_at(evaluate(plan, known))
    return passed.oddities


def _checked(
    options: argparse.Namespace, read: Path, faults: Sequence[FaultAt], odd: Sequence[Oddity]
) -> int:
    if options.json:
        told = {
            "faults": [_told(one) for one in faults],
            "warnings": [_told(one) for one in odd],
        }
        print(json.dumps(told, indent=2))
        return REFUSED if faults else 0
    for oddity in odd:
        print(oddity)
    return _refuse(read, *faults) if faults else 0


def _told(one: FaultAt | Oddity) -> dict[str, str]:
    return {"path": one.path, "code": one.code, "message": one.message}


def _refuse(read: Path, *faults: FaultAt) -> int:
    for fault in faults:
        print(fault if fault.path else f"{read}: {fault}", file=sys.stderr)
    return REFUSED
