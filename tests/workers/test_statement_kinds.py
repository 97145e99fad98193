"""Whatever a statement holds, its pages keep our rules and a printer would keep its pages."""

from collections.abc import Iterator
from io import BytesIO
from itertools import cycle
from typing import Any

import pikepdf
import pytest
from weasyprint.formatting_structure import boxes

from tests.workers import paper_rules as rules
from tests.workers.statement_kinds import KINDS
from workers import pdf

Paper = tuple[bytes, Any]


TURNS = list(zip(cycle(("fr", "en")), KINDS, strict=False))


@pytest.fixture(params=[*TURNS, ("fr", "sixty claims")], ids=" ".join, scope="module")
def paper(request: pytest.FixtureRequest) -> Paper:
    """A statement as a file, and its boxes as they were laid out."""
    locale, kind = request.param
    laid_out = []
    with pytest.MonkeyPatch.context() as patch:
        lay_out = pdf._laid_out
        patch.setattr(pdf, "_laid_out", lambda html: laid_out.append(lay_out(html)) or laid_out[0])
        content = pdf.render_statement(KINDS[kind](locale))
    return content, laid_out[0]


def within(box: Any, kind: type[boxes.Box]) -> list[Any]:
    return [one for one in box.descendants() if isinstance(one, kind)]


def pages(paper: Paper) -> Iterator[Any]:
    """What each page holds between its margins."""
    return (page._page_box.children[0] for page in paper[1].pages)


class TestEveryKindOfStatement:
    def test_keeps_our_rules_for_paper(self, paper):
        with pikepdf.open(BytesIO(paper[0])) as file:
            assert rules.broken_by(file) == set()

    def test_holds_its_words_inside_their_cells_and_margins(self, paper):
        for page in pages(paper):
            for box in (page, *within(page, boxes.TableCellBox)):
                right = box.content_box_x() + box.width + 0.5
                over = [one for one in within(box, boxes.TextBox) if one.position_x + one.width > right]
                assert [one.text for one in over] == []

    def test_splits_no_row_and_repeats_the_heads_of_its_tables(self, paper):
        rows = []
        for table in (one for page in pages(paper) for one in within(page, boxes.TableBox)):
            assert (table.element.find("thead") is None) == (not table.children[0].is_header)
            bodies = (group for group in table.children if not group.is_header)
            rows += [row.element for body in bodies for row in body.children]
        assert len(rows) == len(set(map(id, rows)))

    def test_ends_no_page_with_a_heading(self, paper):
        for page in pages(paper):
            (body,) = page.children
            assert body.children[-1].element_tag not in ("h1", "h2")
            last = [
                one for table in within(body, boxes.TableBox)[-1:] for one in within(table, boxes.TableRowBox)
            ][-1]
            assert last.element.get("class") not in ("head", "open")
