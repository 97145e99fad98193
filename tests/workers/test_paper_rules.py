"""The statement passes our rules, and each rule is seen to refuse a file made to break it."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from tests.workers import paper_rules as rules
from workers import pdf

EXAMPLE = Path(__file__).parent / "data" / "statement_p00042.json"
Break = Callable[[Pdf], object]
BREAKS: list[tuple[str, Break]] = []


@pytest.fixture(scope="module")
def good() -> bytes:
    return pdf.render_statement(json.loads(EXAMPLE.read_text()))


def breaks(name: str) -> Callable[[Break], Break]:
    """Break a good file so that one rule must see it."""

    def keep(harm: Break) -> Break:
        BREAKS.append((name, harm))
        return harm

    return keep


def first(file: Pdf, name: str) -> Any:
    return rules._named(file, name)[0]


def page_of(file: Pdf) -> Any:
    return file.pages[0].obj


def paint(file: Pdf, content: bytes) -> None:
    file.pages[0].contents_add(content)


def fonts(file: Pdf) -> Any:
    return rules._fonts(file)[0]


def links(file: Pdf) -> Any:
    return next(note for page in file.pages for note in page.obj.get("/Annots", []))


def metadata(file: Pdf, old: bytes, new: bytes) -> None:
    words = file.Root.Metadata.read_bytes()
    assert old in words
    file.Root.Metadata.write(words.replace(old, new))


def attached(file: Pdf) -> Any:
    return file.Root.Names.EmbeddedFiles.Names


def add_key(place: Any, key: str, value: Any) -> None:
    place[key] = value


for name, harm in (
    ("identifier", lambda file: add_key(file.trailer, "/ID", Array([String("x"), String("x")]))),
    ("not encrypted", lambda file: add_key(file.trailer, "/Encrypt", Dictionary(Filter=Name.Standard))),
    (
        "no scripts, actions or forms",
        lambda file: add_key(file.Root, "/OpenAction", Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))),
    ),
    ("no scripts, actions or forms", lambda file: add_key(links(file).A, "/S", Name.Launch)),
    ("no scripts, actions or forms", lambda file: add_key(file.Root, "/AcroForm", Dictionary(Fields=Array()))),
    ("nothing kept outside the file", lambda file: add_key(page_of(file).Contents, "/F", String("away.bin"))),
    ("metadata in XML", lambda file: file.Root.Metadata.write(b"none")),
    ("claims PDF/A-3a", lambda file: metadata(file, b'conformance="A"', b'conformance="B"')),
    ("claims PDF/UA-1", lambda file: metadata(file, b"<pdfuaid:part>1", b"<pdfuaid:part>2")),
    ("title, alike in both places", lambda file: add_key(file.docinfo, "/Title", String("Autre"))),
    ("dates, in both places", lambda file: add_key(file.docinfo, "/CreationDate", String("hier"))),
    ("output intent with its colours", lambda file: add_key(file.Root.OutputIntents[0].DestOutputProfile, "/N", 4)),
    ("output intent with its colours", lambda file: file.Root.__delitem__("/OutputIntents")),
    ("only colours of the intent", lambda file: paint(file, b"/Artifact BMC 0 0 0 1 k EMC")),
    (
        "nothing transparent but plain opacity",
        lambda file: add_key(next(iter(file.pages[0].Resources.ExtGState.values())), "/BM", Name.Multiply),
    ),
    ("attached files say what they are", lambda file: attached(file)[1].__delitem__("/AFRelationship")),
    ("attached files say what they are", lambda file: add_key(file.Root, "/AF", Array([file.Root.AF[0]]))),
    ("attached files say what they are", lambda file: attached(file)[1].EF.F.Params.__delitem__("/ModDate")),
    (
        "fonts embedded",
        lambda file: rules._descendant(fonts(file)).__delitem__("/FontDescriptor"),
    ),
    ("fonts named as subsets", lambda file: add_key(fonts(file), "/BaseFont", Name("/PalierSans"))),
    ("text can be read back", lambda file: fonts(file).__delitem__("/ToUnicode")),
    ("no missing glyph", lambda file: paint(file, b"/Artifact BMC BT [<0000>] TJ ET EMC")),
    ("pages of A4, trimmed inside", lambda file: add_key(page_of(file), "/MediaBox", Array([0, 0, 612, 792]))),
    ("pages labelled", lambda file: file.Root.__delitem__("/PageLabels")),
    ("language", lambda file: add_key(file.Root, "/Lang", String(""))),
    ("marked, none of it suspect", lambda file: add_key(file.Root.MarkInfo, "/Suspects", True)),
    ("title shown in the window", lambda file: file.Root.__delitem__("/ViewerPreferences")),
    (
        "one document in the tree",
        lambda file: add_key(rules._children(file.Root.StructTreeRoot)[0], "/S", Name.Sect),
    ),
    ("kinds of elements known", lambda file: add_key(first(file, "/P"), "/S", Name("/Paragraphe"))),
    ("parent tree leads back", lambda file: add_key(page_of(file), "/StructParents", 999)),
    ("headings in order", lambda file: add_key(first(file, "/H1"), "/S", Name("/H2"))),
    ("headings in order", lambda file: add_key(first(file, "/H2"), "/S", Name("/H3"))),
    ("outline of the headings", lambda file: file.Root.__delitem__("/Outlines")),
    ("tables regular", lambda file: rules._rows(rules._named(file, "/Table")[2])[0].K.pop()),
    ("heads of tables have a scope", lambda file: first(file, "/TH").A.__delitem__("/Scope")),
    ("heads of tables hold heads alone", lambda file: add_key(first(file, "/TH"), "/S", Name.TD)),
    ("rows of tables have a head", lambda file: add_key(rules._rows(rules._named(file, "/Table")[1])[0].K[0], "/S", Name.TD)),
    ("figures say what they show", lambda file: first(file, "/Figure").__delitem__("/Alt")),
    ("links tagged and described", lambda file: links(file).__delitem__("/Contents")),
    ("links tagged and described", lambda file: add_key(first(file, "/Link"), "/K", Array())),
    ("annotations print and show", lambda file: add_key(links(file), "/F", 2)),
    ("tab follows the structure", lambda file: page_of(file).__delitem__("/Tabs")),
    ("everything is marked, or an artifact", lambda file: paint(file, b"0 0 9 9 re f")),
    ("every mark is in the tree once", lambda file: paint(file, b"/Span <</MCID 9999>> BDC EMC")),
    ("every mark is in the tree once", lambda file: first(file, "/Document").K.append(first(file, "/P"))),
    ("read in the order of the pages", lambda file: first(file, "/Document").K.insert(0, rules._named(file, "/Div")[-1])),
):  # fmt: skip
    breaks(name)(harm)


class TestOurRules:
    def test_are_all_kept_by_the_statement(self, good: bytes) -> None:
        with pikepdf.open(BytesIO(good)) as file:
            assert rules.broken_by(file) == set()

    def test_are_at_least_twenty_five_and_each_has_a_file_that_breaks_it(self) -> None:
        assert len(rules.RULES) >= 25
        assert rules.RULES.keys() - {name for name, _harm in BREAKS} == {"version"}

    @pytest.mark.parametrize(
        ("name", "harm"), BREAKS, ids=[f"{i}-{name}" for i, (name, _) in enumerate(BREAKS)]
    )
    def test_see_the_file_that_breaks_them(self, good: bytes, name: str, harm: Break) -> None:
        with pikepdf.open(BytesIO(good)) as file:
            harm(file)
            assert rules.broken_by(file, name) == {name}

    def test_see_a_version_that_came_after(self, good: bytes) -> None:
        with pikepdf.open(BytesIO(good.replace(b"%PDF-1.7", b"%PDF-2.0", 1))) as file:
            assert rules.broken_by(file, "version") == {"version"}
