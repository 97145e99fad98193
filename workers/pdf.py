"""From the frozen document of a statement to its PDF: warm once per process, the same bytes every time."""

import gc
import hashlib
import logging
import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import weasyprint
from babel.dates import get_month_names
from cssselect2 import ElementWrapper
from fontTools.ttLib import TTFont
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from portal import i18n
from portal.statements.figures import canonical_json, fingerprint, statement_csv
from portal.statements.shape import StatementDocument
from portal.statements.shown import statement_context
from workers.pdf_conformance import CONFORMANCE, Metadata, colours, finish

ROOT = Path(__file__).parents[1]
SHEET = ROOT / "templates" / "documents" / "statement" / "sheet.css"
FONTS = ROOT / "portal" / "static" / "fonts"
_TEMPLATES = ("documents/", "components/chart.html")
_FACES = re.compile(r"@font-face\s*{[^}]*}")
MARK = ROOT / "portal" / "static" / "mark.svg"
_INGREDIENTS = (
    "portal/i18n.py",
    "portal/static/fonts/*.woff2",
    "portal/static/mark.svg",
    "portal/statements/figures.py",
    "portal/statements/shown.py",
    "portal/translations/fr/charts.po",
    "portal/translations/fr/formats.po",
    "portal/translations/fr/handover.po",
    "portal/translations/fr/statement.po",
    "templates/components/chart.html",
    "templates/documents/*/*",
    "workers/pdf*.py",
)


def _version() -> str:
    digest = hashlib.sha256()
    for pattern in _INGREDIENTS:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return f"weasyprint-{weasyprint.VERSION}-{digest.hexdigest()[:12]}"


RENDERER = _version()
"""The same renderer gives the same bytes: this changes with whatever can change them."""


class CannotRender(Exception):
    """The renderer complained: a resource is missing, or something is not understood."""


def render_statement(document: StatementDocument) -> bytes:
    """The statement as it is sent: tagged PDF/A-3a with its own figures attached as JSON and CSV."""
    with i18n.use_locale(document["locale"]), _complaints_as_errors(), _collecting_once():
        return _render(document)


def _render(document: StatementDocument) -> bytes:
    sha256 = fingerprint(document)
    written_at = datetime.fromisoformat(document["computed_at"]).astimezone(UTC)
    return _laid_out(statement_page(document, sha256)).write_pdf(
        **CONFORMANCE,
        pdf_identifier=bytes.fromhex(sha256[:32]),
        attachments=[
            _attached("statement.csv", statement_csv(document), written_at),  # names in order, as PDF asks
            _attached("statement.json", canonical_json(document), written_at),
        ],
        finisher=finish,
    )


def statement_page(document: StatementDocument, sha256: str) -> str:
    """What is laid out: the statement as its template says it, in the language of the moment."""
    template = _environment().get_template("documents/statement/statement.html")
    return template.render(statement_context(document, sha256))


def render_note(document: Mapping[str, Any]) -> bytes:
    """A handover note on the same paper as the statements, tagged too, with nothing attached."""
    with i18n.use_locale(document["locale"]), _complaints_as_errors(), _collecting_once():
        html = _environment().get_template("documents/handover/note.html").render(d=document)
        identifier = hashlib.sha256(html.encode()).digest()[:16]
        return bytes(_laid_out(html).write_pdf(**CONFORMANCE, pdf_identifier=identifier))


def _laid_out(html: str) -> Any:
    paper = _Page(_printable(html)).render(
        font_config=_fonts(), stylesheets=[_sheet()], color_profiles=colours(), cache=_images, **CONFORMANCE
    )
    paper.metadata = Metadata(**vars(paper.metadata))
    return paper


def warm() -> None:
    """Parse once what every statement needs, before the workers fork; nothing that starts a thread."""
    with _complaints_as_errors():
        _sheet()
    colours()
    for name in _environment().list_templates(filter_func=lambda name: name.startswith(_TEMPLATES)):
        _environment().get_template(name)
    Image.init()  # the readers of images, all loaded when the first is opened
    i18n.french_catalogue()
    _covered()


@contextmanager
def _complaints_as_errors() -> Iterator[None]:
    complaints: list[str] = []
    ear = logging.Handler(logging.WARNING)
    ear.emit = lambda record: complaints.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("weasyprint")
    logger.addHandler(ear)
    try:
        yield
    finally:
        logger.removeHandler(ear)
    if complaints:
        raise CannotRender("; ".join(complaints))


@contextmanager
def _collecting_once() -> Iterator[None]:
    # The collector walks the growing tree of boxes hundreds of times, a fifth of the whole: once is enough.
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect(1)


class _OurFilesOnly(URLFetcher):
    """Our own fonts and mark, and nothing else of this machine or of any other."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        allowed = {path.as_uri(): path for path in (MARK, *FONTS.glob("*.woff2"))}
        if url not in allowed:
            raise ValueError(f"not ours to read: {url[:80]}")
        return URLFetcherResponse(url, allowed[url].read_bytes())


_fetcher = _OurFilesOnly()
_images: dict[str, Any] = {}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    i18n.install(environment)
    return environment


@cache
def _sheet() -> weasyprint.CSS:
    return weasyprint.CSS(
        string=_FACES.sub("", SHEET.read_text()), base_url=SHEET.as_uri(), url_fetcher=_fetcher
    )


@cache
def _fonts() -> FontConfiguration:
    """Our fonts, loaded by the process that prints: Pango keeps a thread for them, which no fork takes."""
    fonts = FontConfiguration()
    faces = "".join(_FACES.findall(SHEET.read_text()))
    weasyprint.CSS(string=faces, base_url=SHEET.as_uri(), font_config=fonts, url_fetcher=_fetcher)
    return fonts


class _Page(weasyprint.HTML):
    """Our templates are well-formed, so XML's parser in C reads them, and our sheet says all by itself."""

    def __init__(self, text: str) -> None:
        root = ElementTree.fromstring(text)
        self.base_url = None
        self.url_fetcher = _fetcher
        self.media_type = "print"
        self.wrapper_element = ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool = False) -> list[weasyprint.CSS]:
        return []


_MONTHS = {name for locale in ("fr", "en_GB") for name in get_month_names(locale=locale).values()}
_BEFORE_MONTH = re.compile(rf"(?<=[0-9>]) (?=(?:{'|'.join(sorted(_MONTHS))})\b)")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@cache
def _covered() -> frozenset[str]:
    faces = [set(TTFont(path).getBestCmap()) for path in FONTS.glob("*.woff2")]
    return frozenset(map(chr, set.intersection(*faces))) | {"\n"}


def _printable(html: str) -> str:
    """The text in characters that our fonts hold: no other font may slip into the file."""
    html = _BEFORE_MONTH.sub(i18n.NO_BREAK, html)
    strange = set(html) - _covered()
    if not strange:
        return html
    return html.translate({ord(character): _nearest(character) for character in strange})


def _nearest(character: str) -> str:
    if _NOT_IN_XML.match(character):
        return ""
    plain = "".join(part for part in unicodedata.normalize("NFKD", character) if part in _covered())
    return "?" if plain in ("", "<", "&", ">", '"') else plain


def _attached(name: str, content: bytes, at: datetime) -> weasyprint.Attachment:
    return weasyprint.Attachment(
        file_obj=BytesIO(content),
        name=name,
        description=i18n.gettext("The figures of this statement"),
        created=at,
        modified=at,
        relationship="Data",
        url_fetcher=_fetcher,
    )
