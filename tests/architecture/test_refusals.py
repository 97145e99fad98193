"""Every code by which the domain refuses has words of its own, at the door where people read them."""

import ast
from pathlib import Path

from portal.web.words import WORDS

PORTAL = Path(__file__).parents[2] / "portal"
REFUSALS = {"Refused", "PeriodClosed", "DomainError"}


def codes(path: Path) -> set[str]:
    """Codes written in `Refused("…")` and `Invalid({"field": "…"})` of a file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        first = node.args[0]
        if node.func.id in REFUSALS and isinstance(first, ast.Constant):
            found.add(str(first.value))
        if node.func.id == "Invalid" and isinstance(first, ast.Dict):
            found |= {str(value.value) for value in first.values if isinstance(value, ast.Constant)}
    return found


class TestEveryRefusal:
    def test_has_words_of_its_own(self) -> None:
        sources = [
            path for path in PORTAL.rglob("*.py") if "web" not in path.parts and "demo" not in path.parts
        ]
        unsaid = {str(path.relative_to(PORTAL)): codes(path) - WORDS.keys() for path in sources}
        assert {path: missing for path, missing in unsaid.items() if missing} == {}
