"""Our own rules for a PDF that lasts (after PDF/A-3a) and speaks (after PDF/UA-1): what a file breaks, by name.

A file without faults passes our rules; whether it conforms is for a validator of those standards to say.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

Rule = Callable[[Pdf], bool]
RULES: dict[str, Rule] = {}
PDFA, PDFUA = "{http://www.aiim.org/pdfa/ns/id/}", "{http://www.aiim.org/pdfua/ns/id/}"


def rule(name: str) -> Callable[[Rule], Rule]:
    """Name a rule; it answers whether the file keeps it."""

    def keep(check: Rule) -> Rule:
        RULES[name] = check
        return check

    return keep


def broken_by(file: Pdf, *asked: str) -> set[str]:
    """Those of the rules asked for (all of them) that a file breaks; one that cannot be asked is broken."""

    def kept(check: Rule) -> bool:
        try:
            return check(file)
        except (AttributeError, KeyError, IndexError, TypeError, ValueError, pikepdf.PdfError):
            return False

    return {name for name in asked or RULES if not kept(RULES[name])}


# --- the file ------------------------------------------------------------------------------------


@rule("version")
def _(file: Pdf) -> bool:
    return "1.4" <= file.pdf_version <= "1.7"


@rule("identifier")
def _(file: Pdf) -> bool:
    return len(file.trailer.ID) == 2 and all(len(bytes(part)) >= 16 for part in file.trailer.ID)


@rule("not encrypted")
def _(file: Pdf) -> bool:
    return not file.is_encrypted and "/Encrypt" not in file.trailer


@rule("no scripts, actions or forms")
def _(file: Pdf) -> bool:
    root = file.Root
    if any(key in root for key in ("/OpenAction", "/AA", "/AcroForm")):
        return False
    if "/JavaScript" in root.get("/Names", {}):
        return False
    return all(one.get("/S") not in ("/JavaScript", "/Launch", "/SubmitForm") for one in _dictionaries(file))


@rule("nothing kept outside the file")
def _(file: Pdf) -> bool:
    streams = [one for one in file.objects if isinstance(one, Stream)]
    return all("/F" not in one and "LZW" not in str(one.get("/Filter", "")) for one in streams)


@rule("metadata in XML")
def _(file: Pdf) -> bool:
    return file.Root.Metadata.Subtype == Name.XML and file.Root.Metadata.read_bytes().startswith(b"<?xpacket")


@rule("claims PDF/A-3a")
def _(file: Pdf) -> bool:
    with file.open_metadata() as xmp:
        return (xmp[f"{PDFA}part"], xmp[f"{PDFA}conformance"]) == ("3", "A")


@rule("claims PDF/UA-1")
def _(file: Pdf) -> bool:
    with file.open_metadata() as xmp:
        return xmp[f"{PDFUA}part"] == "1"


@rule("title, alike in both places")
def _(file: Pdf) -> bool:
    with file.open_metadata() as xmp:
        return bool(str(file.docinfo.Title)) and xmp["dc:title"] == str(file.docinfo.Title)


@rule("dates, in both places")
def _(file: Pdf) -> bool:
    with file.open_metadata() as xmp:
        return "xmp:CreateDate" in xmp and str(file.docinfo.CreationDate).startswith("D:")


@rule("output intent with its colours")
def _(file: Pdf) -> bool:
    (intent,) = file.Root.OutputIntents
    profile = intent.DestOutputProfile
    return Name("/GTS_PDFA1") == intent.S and profile.N == 3 and profile.read_bytes()[36:40] == b"acsp"


@rule("only colours of the intent")
def _(file: Pdf) -> bool:
    return all(str(operator) not in ("k", "K") for page in file.pages for _o, operator in _content(page))


@rule("nothing transparent but plain opacity")
def _(file: Pdf) -> bool:
    states = [state for page in file.pages for state in page.Resources.get("/ExtGState", {}).values()]
    return all(
        state.get("/BM", Name.Normal) == Name.Normal and state.get("/SMask", Name("/None")) == Name("/None")
        for state in states
    )


@rule("attached files say what they are")
def _(file: Pdf) -> bool:
    names = list(file.Root.Names.EmbeddedFiles.Names)
    listed, related = [str(name) for name in names[::2]], list(file.Root.AF)
    specs = names[1::2]
    return (
        listed == sorted(listed)
        and len(related) == len(specs) == len({spec.objgen for spec in related})
        and all(spec.AFRelationship in ("/Data", "/Source") and spec.UF and spec.F for spec in specs)
        and all("/" in str(spec.EF.F.Subtype)[1:] and spec.EF.F.Params.ModDate for spec in specs)
        and all(str(spec.get("/Desc", "")) for spec in specs)
    )


@rule("fonts embedded")
def _(file: Pdf) -> bool:
    found = [_descendant(font).FontDescriptor for font in _fonts(file)]
    return bool(found) and all({"/FontFile2", "/FontFile3"} & set(one.keys()) for one in found)


@rule("fonts named as subsets")
def _(file: Pdf) -> bool:
    return all(re.fullmatch(r"/[A-Z]{6}\+.+", str(font.BaseFont)) for font in _fonts(file))


@rule("text can be read back")
def _(file: Pdf) -> bool:
    return all(b"bfchar" in font.ToUnicode.read_bytes() for font in _fonts(file))


@rule("no missing glyph")
def _(file: Pdf) -> bool:
    return all(
        b"\0\0" not in {bytes(part)[place : place + 2] for place in range(0, len(bytes(part)), 2)}
        for page in file.pages
        for operands, operator in _content(page)
        if str(operator) == "TJ"
        for part in operands[0]
        if isinstance(part, pikepdf.String)
    )


@rule("pages of A4, trimmed inside")
def _(file: Pdf) -> bool:
    for page in file.pages:
        left, bottom, right, top = (float(value) for value in page.MediaBox)
        inner = [float(value) for value in page.obj.get("/TrimBox", page.MediaBox)]
        if (round(right - left), round(top - bottom)) != (595, 842) or inner[2] > right or inner[3] > top:
            return False
    return True


@rule("pages labelled")
def _(file: Pdf) -> bool:
    return file.Root.PageLabels.Nums[0] == 0 and file.Root.PageLabels.Nums[1].S == Name.D


# --- the structure -------------------------------------------------------------------------------


@rule("language")
def _(file: Pdf) -> bool:
    return re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", str(file.Root.Lang)) is not None


@rule("marked, none of it suspect")
def _(file: Pdf) -> bool:
    return bool(file.Root.MarkInfo.Marked) and not file.Root.MarkInfo.get("/Suspects", False)


@rule("title shown in the window")
def _(file: Pdf) -> bool:
    return bool(file.Root.ViewerPreferences.DisplayDocTitle)


@rule("one document in the tree")
def _(file: Pdf) -> bool:
    return [element.S for element in _children(file.Root.StructTreeRoot)] == [Name.Document]


@rule("kinds of elements known")
def _(file: Pdf) -> bool:
    known = "Document Div P Span NonStruct H1 H2 H3 Table THead TBody TFoot TR TH TD Figure Link L LI Lbl LBody Sect"
    return {str(element.S)[1:] for element in _elements(file)} <= set(known.split())


@rule("parent tree leads back")
def _(file: Pdf) -> bool:
    numbers = list(file.Root.StructTreeRoot.ParentTree.Nums)
    places = dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))
    return all(int(page.obj.StructParents) in places for page in file.pages)


@rule("headings in order")
def _(file: Pdf) -> bool:
    levels = [int(str(one.S)[2]) for one in _elements(file) if re.fullmatch("/H[1-6]", str(one.S))]
    steps = pairwise(levels)
    return levels.count(1) == 1 and levels[0] == 1 and all(after <= before + 1 for before, after in steps)


@rule("outline of the headings")
def _(file: Pdf) -> bool:
    heads = [one for one in _elements(file) if re.fullmatch("/H[1-6]", str(one.S))]
    return int(file.Root.Outlines.Count) == len(heads)


@rule("tables regular")
def _(file: Pdf) -> bool:
    return all(len({_width(row) for row in _rows(table)}) == 1 for table in _named(file, "/Table"))


@rule("heads of tables have a scope")
def _(file: Pdf) -> bool:
    return all(
        str(_attribute(head, "/Scope")) in ("/Column", "/Row", "/Both") for head in _named(file, "/TH")
    )


@rule("heads of tables hold heads alone")
def _(file: Pdf) -> bool:
    cells = [cell for head in _named(file, "/THead") for row in _children(head) for cell in _children(row)]
    return bool(cells) and all(cell.S == Name.TH for cell in cells)


@rule("rows of tables have a head")
def _(file: Pdf) -> bool:
    for table in _named(file, "/Table"):
        firsts = [_children(row)[0].S for row in _rows(table)]
        under_heads = len(firsts) == 2 and Name.THead == _children(table)[0].S
        if not under_heads and any(first != Name.TH for first in firsts):
            return False
    return True


@rule("figures say what they show")
def _(file: Pdf) -> bool:
    return all(str(figure.get("/Alt", "")).strip() for figure in _named(file, "/Figure"))


@rule("links tagged and described")
def _(file: Pdf) -> bool:
    links = [note for page in file.pages for note in page.obj.get("/Annots", []) if note.Subtype == Name.Link]
    tagged = [kid for link in _named(file, "/Link") for kid in _kids(link) if _is_object(kid)]
    return len(links) == len(tagged) and all(
        str(note.get("/Contents", "")) and "/StructParent" in note for note in links
    )


@rule("annotations print and show")
def _(file: Pdf) -> bool:
    notes = [note for page in file.pages for note in page.obj.get("/Annots", [])]
    return all(int(note.F) & 4 and not int(note.F) & 0b110011 & ~4 for note in notes)


@rule("tab follows the structure")
def _(file: Pdf) -> bool:
    return all(page.obj.Tabs == Name.S for page in file.pages)


@rule("everything is marked, or an artifact")
def _(file: Pdf) -> bool:
    shown = ("TJ", "Tj", "f", "f*", "S", "s", "B", "Do", "sh")
    for page in file.pages:
        depth = 0
        for _operands, operator in _content(page):
            name = str(operator)
            depth += (name in ("BMC", "BDC")) - (name == "EMC")
            if name in shown and depth == 0:
                return False
    return True


@rule("every mark is in the tree once")
def _(file: Pdf) -> bool:
    reached = [place for element in _elements(file) for place in _marks(element)]
    pages = {page.obj.objgen: place for place, page in enumerate(file.pages)}
    painted = {
        (pages[page.obj.objgen], int(operands[1].MCID))
        for page in file.pages
        for operands, operator in _content(page)
        if str(operator) == "BDC" and "/MCID" in operands[1]
    }
    found = [(pages[page], mark) for page, mark in reached]
    return len(found) == len(set(found)) and set(found) == painted


@rule("read in the order of the pages")
def _(file: Pdf) -> bool:
    pages = {page.obj.objgen: place for place, page in enumerate(file.pages)}
    order = [pages[page] for element in _elements(file) for page, _mark in _marks(element)]
    return order == sorted(order)


# --- walking -------------------------------------------------------------------------------------


def _dictionaries(file: Pdf) -> Iterator[Dictionary]:
    for one in file.objects:
        if isinstance(one, Dictionary):
            yield one
            yield from (value for value in one.values() if isinstance(value, Dictionary))


def _content(page: Any) -> list[Any]:
    return pikepdf.parse_content_stream(page)


def _fonts(file: Pdf) -> list[Any]:
    return [font for page in file.pages for font in page.Resources.Font.values()]


def _descendant(font: Any) -> Any:
    return font.DescendantFonts[0] if "/DescendantFonts" in font else font


def _kids(element: Any) -> list[Any]:
    kids = element.get("/K", Array())
    return list(kids) if isinstance(kids, Array) else [kids]


def _children(element: Any) -> list[Any]:
    return [kid for kid in _kids(element) if isinstance(kid, Dictionary) and "/S" in kid]


def _elements(file: Pdf) -> list[Any]:
    """The whole tree, in reading order."""
    found: list[Any] = []

    def walk(element: Any) -> None:
        for child in _children(element):
            found.append(child)
            walk(child)

    walk(file.Root.StructTreeRoot)
    return found


def _named(file: Pdf, name: str) -> list[Any]:
    return [element for element in _elements(file) if str(element.S) == name]


def _is_object(kid: Any) -> bool:
    return isinstance(kid, Dictionary) and kid.get("/Type") == Name.OBJR


def _marks(element: Any) -> Iterator[tuple[Any, int]]:
    """(page, mark) of what an element holds itself."""
    for kid in _kids(element):
        if isinstance(kid, int):
            yield element.Pg.objgen, kid
        elif isinstance(kid, Dictionary) and kid.get("/Type") == Name.MCR:
            yield kid.get("/Pg", element.get("/Pg")).objgen, int(kid.MCID)


def _attribute(element: Any, name: str) -> Any:
    attributes = element.A if isinstance(element.A, Array) else [element.A]
    return next((one[name] for one in attributes if name in one), None)


def _rows(table: Any) -> list[Any]:
    return [row for part in _children(table) for row in ([part] if part.S == Name.TR else _children(part))]


def _width(row: Any) -> int:
    spans = [_attribute(cell, "/ColSpan") if "/A" in cell else None for cell in _children(row)]
    return sum(int(span or 1) for span in spans)
