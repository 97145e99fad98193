"""The statement's PDF: what it holds, what it proves, and that it is always the same."""

import copy
import json
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from portal.statements.figures import canonical_json, fingerprint, short_code, statement_csv
from workers import pdf

EXAMPLE = Path(__file__).parent / "data" / "statement_p00042.json"


@pytest.fixture(scope="module")
def document() -> Any:
    return json.loads(EXAMPLE.read_text())


@pytest.fixture(scope="module")
def rendered(document) -> bytes:
    return pdf.render_statement(document)


@pytest.fixture(scope="module")
def opened(rendered, tmp_path_factory):
    path = tmp_path_factory.mktemp("pdf") / "statement.pdf"
    path.write_bytes(rendered)
    with pikepdf.open(path) as file:
        yield file


def text_of(content: bytes) -> str:
    """The words of a PDF, by the tables that its own fonts give to those who copy or listen."""
    words = []
    with pikepdf.open(BytesIO(content)) as file:
        for page in file.pages:
            letters: dict[int, str] = {}
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tf":
                    letters = letters_of(page.Resources.Font[operands[0]])
                elif str(operator) == "TJ":
                    glyphs = b"".join(bytes(part) for part in operands[0] if isinstance(part, pikepdf.String))
                    pairs = zip(glyphs[::2], glyphs[1::2], strict=True)
                    words.append("".join(letters[high * 256 + low] for high, low in pairs))
    return " ".join(" ".join(words).split())  # no-break spaces become plain ones


def letters_of(font: pikepdf.Object) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>\n", font.ToUnicode.read_bytes())
    return {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}


def zeroed(document: Any, **changes: Any) -> Any:
    """The statement of a partner that earned nothing."""
    changed = copy.deepcopy(document)
    result, payment = changed["result"], changed["result"]["trace"]["payment"]
    zeros = ("credited", "gross", "earnings", "adjustments", "carry_in", "balance", "payable", "carry_out")
    result |= dict.fromkeys((*zeros, "net_to_pay"), "0.00") | {"documents": [], "claims": []}
    result |= {"attainment_display": "0.00"} | changes
    payment |= dict.fromkeys(("gross", "capped", "earnings", "payable"), "0.00")
    for component in (*result["components"], *result["trace"]["components"]):
        component |= {"amount": "0.00", "passed": False}
    changed |= {"claims": [], "adjustments": [], "not_counted": []}
    changed["payment"] |= {"route": "NONE", "expected_on": None}
    return changed


class TestStatementPdf:
    def test_is_the_same_to_the_byte_when_rendered_again(self, document, rendered):
        assert pdf.render_statement(document) == rendered

    def test_carries_its_figures_as_json_and_csv(self, document, opened):
        attached = {name: file.get_file().read_bytes() for name, file in opened.attachments.items()}
        assert attached["statement.json"] == canonical_json(document)
        assert json.loads(attached["statement.json"]) == document
        assert attached["statement.csv"] == statement_csv(document)
        for file in opened.attachments.values():
            assert file.obj.AFRelationship == "/Data"
        assert len(opened.Root.AF) == 2

    def test_is_sound(self, opened):
        assert opened.check_pdf_syntax() == []

    def test_is_tagged_and_says_its_language_and_title(self, opened):
        root = opened.Root
        assert root.Lang == "fr"
        assert root.MarkInfo.Marked
        assert root.ViewerPreferences.DisplayDocTitle
        assert "/StructTreeRoot" in root
        assert str(opened.docinfo.Title) == "Relevé de marges arrières R-FY26H2-000042 · Arvélia Conseil"

    def test_claims_both_standards(self, opened):
        with opened.open_metadata() as metadata:
            assert metadata.pdfa_status == "3A"
            assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"

    def test_holds_no_font_but_ours(self, opened):
        fonts = {
            str(font.BaseFont).partition("+")[2]
            for page in opened.pages
            for font in page.Resources.Font.values()
        }
        assert fonts
        assert all(name.startswith("Palier") for name in fonts)

    def test_says_the_figures_of_example_10(self, rendered):
        text = text_of(rendered)
        for figure in (
            *("185 461,83", "123,64 %", "3 968,47", "1 034,57", "2 250,00", "1 003,85", "8 256,89"),
            *("8 000,00", "−256,89", "−412,37", "88,10", "7 675,73", "1 418,4732", "17 819,96"),
            *("8 088,10", "1 617,62", "9 705,72", "412,37", "82,47", "494,84", "9 210,88"),
        ):
            assert figure in text, figure

    def test_has_its_thirteen_parts_and_its_proof(self, document, rendered):
        text = text_of(rendered)
        for part in (
            "Vous recevrez 7 675,73 €",
            "Votre PAM depuis le 1 er juillet 2026",
            "3 Du relevé",
            "4 Obj",
        ):
            assert part in text
        for part in ("5 Dossiers", "6 Le calcul", "7 Régul", "8 Non comptés", "9 La suite", "10 Versement"):
            assert part in text
        for part in ("11 Contester", "12 Termes", "13 Preuve", short_code(fingerprint(document))):
            assert part in text
        assert "Ce relevé n’est pas une facture" in text

    def test_speaks_the_language_it_was_frozen_in(self, document):
        text = text_of(pdf.render_statement(document | {"locale": "en"}))
        assert "You will receive €7,675.73 excl. VAT around 28 August 2026." in text
        assert "hors taxes" not in text

    def test_escapes_the_names_it_is_given(self, document):
        partner = document["partner"] | {"name": "<b>Dupont & Fils</b> Ж"}
        assert "<b>Dupont & Fils</b> ?" in text_of(pdf.render_statement(document | {"partner": partner}))


class TestStatementOfNothing:
    def test_says_that_no_claim_is_counted(self, document):
        text = text_of(pdf.render_statement(zeroed(document)))
        assert "Aucun versement pour cette période." in text
        assert "Aucun de vos dossiers n’est compté" in text

    def test_says_that_a_small_balance_waits(self, document):
        small = zeroed(document, balance="143.20", carry_out="143.20")
        text = text_of(pdf.render_statement(small))
        assert "143,20 € HT sont reportés" in text
        assert "seuil de versement de 150,00 €" in text

    def test_says_that_a_negative_balance_is_not_collected(self, document):
        negative = zeroed(document, balance="-12.00", carry_out="-12.00")
        text = text_of(pdf.render_statement(negative))
        assert "un solde de −12,00 €" in text
        assert "jamais réclamé" in text

    def test_stands_without_an_objective(self, document):
        free = zeroed(document, target=None, attainment_display=None) | {"objective": None, "bar": None}
        free["result"]["trace"]["attainment"] |= {"target": None, "display": None}
        assert "pas d’objectif" in text_of(pdf.render_statement(free))


class TestRenderer:
    def test_reads_nothing_but_our_own_files(self):
        with pytest.raises(ValueError, match="not ours to read"):
            pdf._fetcher.fetch("file:///etc/passwd")

    def test_makes_a_complaint_an_error(self):
        with pytest.raises(pdf.CannotRender, match="Nope"), pdf._complaints_as_errors():
            pdf.logging.getLogger("weasyprint").error("Nope")


class TestFigures:
    def test_of_the_csv_are_those_of_the_result(self, document):
        lines = statement_csv(document).decode("utf-8-sig").splitlines()
        assert "total;payable;R-FY26H2-000042;;FY26-H2;;;7675,73;" in lines
        assert len([line for line in lines if line.startswith("claim;")]) == 5

    def test_never_hand_a_formula_to_a_spreadsheet(self, document):
        changed = copy.deepcopy(document)
        changed["claims"][0]["customer"] = "=cmd|' /C calc'!A0"
        assert ";'=cmd" in statement_csv(changed).decode()

    def test_are_proved_by_a_code_a_person_can_read_out(self, document):
        assert short_code("f" * 64) == "ZZZZ-ZZZZ-ZZZZ"
        assert len(short_code(fingerprint(document))) == 14


def test_warming_leaves_the_fonts_to_the_children_that_print() -> None:
    # A thread of Pango's, begun before the fork, would be waited for in each child for ever.
    code = "from workers import pdf; pdf.warm(); print(pdf._fonts.cache_info().currsize)"
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=pdf.ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout == "0\n"
