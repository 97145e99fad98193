"""plan: what a plan pays for given facts, and what is wrong or odd in a plan; no database."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from portal.margin.documents import at_line, read_document, read_lines
from portal.margin.engine import FaultAt, Plan, evaluate, oddities, parse_facts, parse_plan, result_document

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
        return _refuse(read, FaultAt("", f"cannot be read: {error.strerror}"))
    return 0


def _answers(plan: Plan, facts: Path) -> Iterator[str]:
    if facts.suffix != ".jsonl":
        yield json.dumps(result_document(evaluate(plan, parse_facts(read_document(facts)))), indent=2)
        return
    for number, document in read_lines(facts):
        try:
            yield json.dumps(result_document(evaluate(plan, parse_facts(document))))
        except FaultAt as fault:
            raise at_line(number, fault) from None


def run_check(options: argparse.Namespace) -> int:
    """Name every fault and exit with 2, or print what is odd, if anything is."""
    try:
        plan = parse_plan(read_document(options.plan))
    except FaultAt as fault:
        return _refuse(options.plan, *fault.all)
    except OSError as error:
        return _refuse(options.plan, FaultAt("", f"cannot be read: {error.strerror}"))
    for oddity in oddities(plan):
        print(oddity)
    return 0


def _refuse(read: Path, *faults: FaultAt) -> int:
    for fault in faults:
        print(fault if fault.path else f"{read}: {fault}", file=sys.stderr)
    return REFUSED
