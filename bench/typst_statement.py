"""The words of our page in Typst's own tables, headings and paragraphs, with like sizes and rules."""

import json
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

from workers import pdf

HEAD = """
#set document(title: "Relevé de marges arrières")
#set page(paper: "a4", margin: (x: 18mm, top: 16mm, bottom: 19mm),
  footer: context text(7.2pt, soft)[Relevé #h(1fr) #counter(page).display("1 / 1", both: true)])
#set text(font: "Palier Sans", size: 8.2pt, lang: "fr", fill: rgb("#16202b"))
#set par(leading: 0.5em, spacing: 0.7em)
#show heading.where(level: 1): it => text(17.6pt, font: "Palier Serif", weight: 400, it.body)
#show heading.where(level: 2): it => block(sticky: true, above: 5.5mm, text(9pt, weight: 600, it.body))
#set table(stroke: (x: none, top: none, bottom: 0.3pt + rgb("#d3cfc2")), inset: (x: 1mm, y: 1.05mm))
"""
SOFT = '#let soft = rgb("#56616d")\n'
SVG = "{http://www.w3.org/2000/svg}"


@contextmanager
def printer(page: str) -> Iterator[Callable[[], bytes]]:
    """Prints the page, fonts loaded once; other figures each time, or it would remember the last one's."""
    import typst

    chance, source = random.Random(1), SOFT + HEAD + words_of(ElementTree.fromstring(page)[1])
    with tempfile.TemporaryDirectory() as folder:
        write_fonts(Path(folder))
        compiler = typst.Compiler(source.encode(), font_paths=[folder], ignore_system_fonts=True)

        def print_one() -> bytes:
            other = str.maketrans("0123456789", "".join(chance.sample("0123456789", 10)))
            text = re.sub(r'#"[^"]*"', lambda found: found[0].translate(other), source)
            return compiler.compile(text.encode(), format="pdf", pdf_standards=["a-3a"], timestamp=0)  # type: ignore[no-any-return]

        yield print_one


def write_fonts(folder: Path) -> None:
    """Our fonts, unpacked: Typst reads no WOFF2."""
    from fontTools.ttLib import TTFont

    for path in pdf.FONTS.glob("*.woff2"):
        font = TTFont(path)
        font.flavor = None
        font.save(folder / f"{path.stem}.ttf")


def words_of(element: ElementTree.Element) -> str:
    """What an element holds, element by element."""
    parts = [_text(element.text)]
    for child in element:
        parts += [_one(child), _text(child.tail)]
    return "".join(parts)


def _text(text: str | None) -> str:
    kept = re.sub(r"[ \n]+", " ", text or "")
    return f"#{json.dumps(kept, ensure_ascii=False)}" if kept.strip() else ""


def _one(element: ElementTree.Element) -> str:
    tag = element.tag.removeprefix(SVG)
    if tag == "svg":
        drawn = json.dumps(ElementTree.tostring(element, encoding="unicode"), ensure_ascii=False)
        return f'#image(bytes({drawn}), format: "svg", alt: "drawn")'
    if tag == "table":
        return _table(element)
    wrap = {
        "h1": "#heading(level: 1)[{}]\n",
        "h2": "#heading(level: 2)[{}]\n",
        "p": "#par[{}]\n",
        "div": "#block[{}]\n",
        "b": "#strong[{}]",
        "small": "#text(7.2pt, soft)[{}]",
        "sup": "#super[{}]",
        "br": "#linebreak()",
    }.get(tag, "#text(soft)[{}]" if "soft" in element.get("class", "") else "{}")
    return wrap.format(words_of(element))


def _table(table: ElementTree.Element) -> str:
    widths = [re.sub(r"\D", "", column.get("class", "")) for column in table.iter("col")]
    rows = list(table.iter("tr"))
    count = sum(int(cell.get("colspan", 1)) for cell in rows[0])
    columns = ", ".join(f"{width}mm" if width else "1fr" for width in widths or [""] * count)
    heads = [_cells(row) for row in table.findall("thead/tr")]
    body = [_cells(row) for row in table.findall("tbody/tr")]
    header = f"table.header({', '.join(heads)}), " if heads else ""
    return f"#table(columns: ({columns},), {header}{', '.join(body)})\n"


def _cells(row: ElementTree.Element) -> str:
    return ", ".join(
        f"table.cell(align: {'right' if 'n' in cell.get('class', '').split() else 'left'}, "
        f"colspan: {cell.get('colspan', 1)})[{words_of(cell)}]"
        for cell in row
    )
