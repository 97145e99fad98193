"""What makes a PDF one for the archive (PDF/A-3a) and for those who listen (PDF/UA-1)."""

from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

import pydyf
from weasyprint.css import ColorProfile
from weasyprint.document import Document
from weasyprint.pdf.metadata import DocumentMetadata

Objects = dict[bytes, Any]
CONFORMANCE = {"pdf_variant": "pdf/a-3a", "output_intent": "srgb-once"}


@cache
def colours() -> dict[str, ColorProfile]:
    """The colours of paper, read once; left to itself WeasyPrint opens the file for each document."""
    return {
        CONFORMANCE["output_intent"]: _Colours(files("weasyprint.pdf").joinpath("sRGB2014.icc").read_bytes())
    }


class _Colours(ColorProfile):
    content = b""  # as in the file: the library's own writes it anew, and not always alike

    def __init__(self, content: bytes) -> None:
        super().__init__(BytesIO(content), "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))
        self.content = content


_PLACES = {"/Table", "/TBody", "/TR", "/TD"}


def finish(_document: Document, pdf: pydyf.PDF) -> None:
    """Mend what the library leaves: files listed twice, bare pages, heads without scope, tagged feet."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    pdf.catalog["PageLabels"] = pydyf.Dictionary({"Nums": pydyf.Array([0, pydyf.Dictionary({"S": "/D"})])})
    objects = {one.reference: one for one in pdf.objects}
    tree = objects[pdf.catalog["StructTreeRoot"]]
    reached = _scoped(objects, tree["K"][0], "/Row")
    _take_feet_out(pdf, objects, objects[tree["ParentTree"]]["Nums"], reached)


def _scoped(objects: Objects, reference: bytes, scope: str) -> set[bytes]:
    """The elements under one, itself included; heads are given their scope, tables without one lay out."""
    element = objects[reference]
    scope = {"/THead": "/Column", "/TBody": "/Row"}.get(element["S"], scope)
    if element["S"] == "/TH":
        element["A"]["Scope"] = scope
    kids = [kid for kid in element["K"] if isinstance(kid, bytes) and "S" in objects[kid]]
    reached = {reference}.union(*(_scoped(objects, kid, scope) for kid in kids))
    if element["S"] == "/Table" and not any(objects[one]["S"] == "/TH" for one in reached):
        for one in reached:
            if objects[one]["S"] in _PLACES:
                objects[one]["S"] = "/Div"
                objects[one].pop("A", None)
    return reached


def _take_feet_out(pdf: pydyf.PDF, objects: Objects, places: pydyf.Array, reached: set[bytes]) -> None:
    """The foot of each page is an artifact: the library marks its text and leaves it out of the tree."""
    for page, references in zip(places[::2], places[1::2], strict=True):
        if not isinstance(references, pydyf.Array):
            continue  # an annotation's own place
        feet = {mark for mark, reference in enumerate(references) if reference not in reached}
        stream = objects[objects[pdf.page_references[page]]["Contents"]].stream
        for place in [
            at for at, word in enumerate(stream) if word == b"BDC" and stream[at - 1]["MCID"] in feet
        ]:
            stream[place - 2 : place + 1] = ["/Artifact", b"BMC", b""]
        for mark in feet:
            references[mark] = "null"


class Metadata(DocumentMetadata):
    """PDF/A and PDF/UA claimed together, the second described as the first asks."""

    def generate_rdf_metadata(self, variant: str, version: int, conformance: str) -> bytes:
        rdf: bytes = super().generate_rdf_metadata(variant, version, conformance)
        return rdf.replace(b"</rdf:RDF>", _ACCESSIBLE + b"</rdf:RDF>")


_ACCESSIBLE = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of PDF/UA that the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""
