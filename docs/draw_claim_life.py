"""Draw the life of a claim from its own table: `python docs/draw_claim_life.py` writes docs/claim-life.md."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from portal.claims.workflow import RULES, STEPS, Action, ClaimState, Step

PAGE = Path(__file__).with_name("claim-life.md")
ENDS = [state for state in ClaimState if not any(state in step.sources for step in STEPS)]


def words(name: str) -> str:
    """A code as people say it."""
    return name.replace("_", " ")


def ordered(states: frozenset[ClaimState]) -> list[ClaimState]:
    """In the order of a life."""
    return [state for state in ClaimState if state in states]


def verb(action: Action) -> str:
    """An action as its own name says it."""
    return words(action.name.lower())


def arrows() -> list[str]:
    """One arrow from state to state, with all that leads there."""
    found: dict[tuple[ClaimState, ClaimState], list[str]] = {}
    for step in STEPS:
        for source in ordered(step.sources):
            found.setdefault((source, step.target), []).append(verb(step.action))
    return [f"    {source} --> {target}: {', '.join(verbs)}" for (source, target), verbs in found.items()]


def row(step: Step) -> str:
    """A row of the table: from, step, who, to, guards, mail."""
    sources = ", ".join(words(state) for state in ordered(step.sources))
    actors = ", ".join(sorted(step.actors))
    guards = ", ".join(words(guard) for guard in step.guards)
    cells = (sources, verb(step.action), actors, words(step.target), guards, step.mail or "")
    return f"| {' | '.join(cells)} |"


def page() -> str:
    """The whole page."""
    lines = [
        "# The life of a claim",
        "",
        "Drawn by `docs/draw_claim_life.py` from `portal/claims/workflow/table.py`; a test compares them.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> draft",
        *arrows(),
        *(f"    {state} --> [*]" for state in ENDS),
        "```",
        "",
        "| From | Step | Who | To | Guards | Mail |",
        "|---|---|---|---|---|---|",
        *(row(step) for step in STEPS),
        "",
        f"Delays: read within {RULES.take_days} working days, decided within {RULES.decision_days}",
        f"({RULES.tele_decision_days} where tele-managed), an answer within {RULES.info_days} days,",
        f"with a reminder {RULES.info_reminder_days} days before; an appeal within {RULES.appeal_days} days,",
        f"{RULES.appeal_levels} times at most, judged within {RULES.judgement_days} working days.",
        f"Who decides is reminded at {' % and '.join(str(mark) for mark in RULES.remind_at)} % of the delay,",
        f"the lead is told at {RULES.escalate_at} %. Silence never approves.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
