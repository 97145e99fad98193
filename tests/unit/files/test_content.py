"""What a file is, whatever it is called, and what is never taken in."""

import pytest

from portal.files import Unacceptable, recognise, safe_name
from portal.files.content import DOCX, MAX_BYTES, XLSX
from tests.factories import papers

MACRO_TYPES = papers.TYPES.replace(
    b"application/xml", b"application/vnd.ms-word.document.macroEnabled.main+xml"
)


def lying_size(content: bytes) -> bytes:
    """The same archive, saying in its directory that its second part is small."""
    at = content.rindex(b"PK\x01\x02")
    return content[: at + 24] + (5).to_bytes(4, "little") + content[at + 28 :]


def fault_of(content: bytes, name: str) -> str:
    with pytest.raises(Unacceptable) as refusal:
        recognise(content, name)
    return refusal.value.fault


class TestRecognise:
    @pytest.mark.parametrize(
        ("name", "content", "media_type"),
        [
            ("contrat.pdf", papers.pdf(), "application/pdf"),
            ("contrat.PDF", papers.pdf(), "application/pdf"),
            ("contrat", papers.pdf(), "application/pdf"),
            ("page.png", papers.image(), "image/png"),
            ("photo.jpeg", papers.image("JPEG"), "image/jpeg"),
            ("étude.docx", papers.office(), DOCX),
            ("chiffrage.xlsx", papers.office("xl/workbook.xml"), XLSX),
            ("accord.eml", papers.letter(), "message/rfc822"),
        ],
    )
    def test_tells_each_accepted_kind(self, name: str, content: bytes, media_type: str) -> None:
        assert recognise(content, name) == media_type

    @pytest.mark.parametrize(
        ("name", "content", "fault"),
        [
            ("vide.pdf", b"", "file_empty"),
            ("gros.pdf", b"%PDF-" + b"0" * MAX_BYTES, "file_too_large"),
            ("notes.txt", b"just words", "file_kind"),
            ("page.html", b"<!doctype html><script>alert(1)</script>", "file_kind"),
            ("dessin.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_kind"),
            ("prog.exe", b"MZ\x90\0" + bytes(100), "file_kind"),
            ("page.gif", b"GIF89a" + bytes(20), "file_kind"),
            ("contrat.pdf", papers.image(), "file_name_lies"),
            ("contrat.exe", papers.pdf(), "file_name_lies"),
            ("tronqué.pdf", papers.pdf()[:200], "file_damaged"),
            ("faux.pdf", b"%PDF-1.7\nnothing\n%%EOF", "file_damaged"),
            ("script.pdf", papers.pdf(script=True), "file_macros"),
            ("fermé.pdf", papers.pdf(password="x"), "file_locked"),
            ("double.pdf", papers.pdf() + papers.office() + b"%%EOF", "file_damaged"),
            ("tronquée.png", papers.image()[:-8], "file_damaged"),
            ("double.png", papers.image() + papers.office(), "file_damaged"),
            ("double.jpg", papers.image("JPEG") + b"<script>", "file_damaged"),
            ("bombe.png", papers.pixel_bomb(), "file_pixels"),
            ("archive.zip", papers.office("readme.txt"), "file_kind"),
            ("macros.docx", papers.office(word__vbaProject__bin=b"x", **{"word__vbaProject.bin": b"x"}),
            "file_macros"),
            ("macros.docx", papers.office(types=MACRO_TYPES), "file_macros"),
            ("modèle.docx",
            papers.office(**{"word___rels__settings.xml.rels": b"<a Type='attachedTemplate'/>"}),
            "file_macros"),
            ("chemin.docx", papers.office(**{"..__..__evil.xml": b"x"}), "file_damaged"),
            ("bombe.xlsx", papers.office("xl/workbook.xml", xl__sheet=bytes(40_000_000)), "file_bomb"),
            ("menteur.xlsx", lying_size(papers.office("xl/workbook.xml", xl__sheet=bytes(40_000_000))),
            "file_damaged"),
            ("accord.eml", papers.letter("facture.exe"), "file_macros"),
            ("vide.eml", b"Subject: rien\r\n\r\n", "file_kind"),
        ],
    )  # fmt: skip
    def test_refuses_what_cannot_be_evidence_and_says_why(
        self, name: str, content: bytes, fault: str
    ) -> None:
        assert fault_of(content, name) == fault

    def test_never_unpacks_more_than_its_bound(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("portal.files.archives.MAX_RATIO", 10**9)
        monkeypatch.setattr("portal.files.archives.MAX_UNPACKED", 500_000)
        assert fault_of(papers.office("xl/workbook.xml", xl__sheet=bytes(1_000_000)), "x.xlsx") == "file_bomb"

    def test_refuses_an_encrypted_archive(self) -> None:
        content = bytearray(papers.office())
        content[content.rindex(b"PK\x01\x02") + 8] |= 1
        assert fault_of(bytes(content), "x.docx") == "file_locked"


class TestSafeName:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\a\\contrat.pdf", "contrat.pdf"),
            ("contrat\u202efdp.exe", "contratfdp.exe"),
            ("a\nb\r\0.pdf", "ab.pdf"),
            ("", "document"),
            ("...", "document"),
            ("é" * 200 + ".pdf", "é" * 116 + ".pdf"),
        ],
    )
    def test_keeps_the_last_part_and_only_letters_that_show(self, given: str, kept: str) -> None:
        assert safe_name(given) == kept
