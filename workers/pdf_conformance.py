"""What makes a PDF one for the archive (PDF/A-3a) and for those who listen (PDF/UA-1)."""

from functools import cache
from importlib.resources import files
from io import BytesIO

import pydyf
from weasyprint.css import ColorProfile
from weasyprint.document import Document
from weasyprint.pdf.metadata import DocumentMetadata

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


def name_each_file_once(_document: Document, pdf: pydyf.PDF) -> None:
    """The library lists each attachment twice among the associated files."""
    pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))


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
