"""Files that mean harm: none is stored as clean, and what cannot be judged waits where nobody opens it."""

import io
import os
import resource
import socketserver
import threading
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy.orm import Session

from portal import files
from portal.db import transaction
from portal.errors import Refused
from portal.files import scanner
from portal.files.models import FileState, StoredFile
from portal.users.models import Role
from tests import factories
from tests.conftest import Acting
from tests.factories import papers
from tests.factories.people import AT

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def zip_with(name: str, content: bytes, comment: bytes = b"") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        archive.comment = comment
    return target.getvalue()


def declared(content: bytes, size: int) -> bytes:
    """An archive whose directory says that its first part unpacks to this many bytes."""
    at = content.index(b"PK\x01\x02")
    return content[: at + 24] + size.to_bytes(4, "little") + content[at + 28 :]


def written(**root: object) -> bytes:
    """A PDF with something more in its catalogue."""
    document = pikepdf.new()
    document.add_blank_page()
    for name, value in root.items():
        document.Root[f"/{name}"] = value
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def packed(first: bytes, megabytes: int) -> bytes:
    """This and then zeros, compressed piece by piece."""
    packer = zlib.compressobj(9)
    pieces = (packer.compress(bytes(1 << 20)) for _ in range(megabytes))
    return packer.compress(first) + b"".join(pieces) + packer.flush()


def unpacking(kind: bytes, megabytes: int) -> bytes:
    """A PDF of some kilobytes whose table of objects unpacks to many megabytes."""
    parts = {1: b"<</Type/Catalog/Pages 2 0 R>>"}
    parts[2] = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    parts[3] = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    zeros = packed(b"", megabytes)
    head = b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n"
    parts[4] = head % len(zeros) + zeros + b"\nendstream"
    out, rows = b"%PDF-1.5\n", bytes(6)
    for number, body in parts.items():
        rows += b"\1" + len(out).to_bytes(4, "big") + b"\0"
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    rows += b"\2" + (4).to_bytes(4, "big") + b"\0" + b"\1" + len(out).to_bytes(4, "big") + b"\0"
    xref = packed(rows, 0 if kind == b"ObjStm" else megabytes)
    table = b"6 0 obj\n<</Type/XRef/Size 7/W[1 4 1]/Root 1 0 R/Filter/FlateDecode/Length %d>>stream\n"
    end = b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % len(out)
    return out + table % len(xref) + xref + end


ACTION = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))
LETTER = papers.letter("note.txt")
HOSTILE = {
    "eicar.pdf": EICAR,
    "eicar-after.pdf": papers.pdf() + b"\n%" + EICAR + b"\n%%EOF",
    "eicar.docx": papers.office(note__txt=EICAR),
    "eicar-far.docx": papers.office(note__txt=os.urandom((1 << 20) - 30) + EICAR),
    "eicar.eml": LETTER.replace(b"\r\n\r\nx\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                                b"WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo=\r\n"),
    "page.jpg": papers.image("JPEG") + zip_with("a.class", b"x", b"\xff\xd9"),
    "page.png": papers.image() + zip_with("a.html", b"x", b"IEND\xaeB`\x82"),
    "page.pdf": b"<script>alert(1)</script>\n" + papers.pdf(),
    "launch.pdf": written(AA=pikepdf.Dictionary(WC=ACTION)),
    "form.pdf": written(AcroForm=pikepdf.Dictionary(XFA=pikepdf.String("x"), Fields=[pikepdf.Dictionary(
        AA=pikepdf.Dictionary(K=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("1"))))])),
    "brings.pdf": written(Names=pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(
        Names=[pikepdf.String("a"), pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F=pikepdf.String("a.exe"))]))),
    "objects.pdf": unpacking(b"ObjStm", 600),
    "table.pdf": unpacking(b"XRef", 600),
    "declared.docx": declared(papers.office(), 2 << 30),
    "up.docx": zip_with("../../etc/cron.d/x", b"x"),
    "bomb.docx": papers.office(word__media=bytes(40 << 20)),
    "pixels.png": papers.pixel_bomb(),
    "empty.pdf": b"",
    "cut.docx": papers.office()[:-20],
}  # fmt: skip


class FakeScanner(socketserver.StreamRequestHandler):
    """Speaks as clamd does, and finds what says that it is bad."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(size)
        self.wfile.write(b"stream: Test.Bad FOUND\0" if b"is bad" in content else b"stream: OK\0")


@pytest.fixture
def clamd() -> Iterator[str]:
    with socketserver.TCPServer(("127.0.0.1", 0), FakeScanner) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(autouse=True)
def _place(tmp_path: Path) -> Iterator[None]:
    files.configure(tmp_path.as_uri())
    yield
    files.configure_scanner("")


class TestHostileFiles:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_are_refused_within_bounds_and_leave_nothing(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(files.Unacceptable):
            files.store_file(source=HOSTILE[name], name=name, partner_id=None, at=AT)
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]
        assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 600 * 1024

    def test_spare_honest_documents_with_packed_tables(self) -> None:
        document, target = pikepdf.new(), io.BytesIO()
        document.add_blank_page()
        document.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        assert files.recognise(target.getvalue(), "contrat.pdf") == "application/pdf"


class TestScanner:
    def store(self, content: bytes) -> StoredFile:
        with transaction():
            return files.store_file(source=content, name="accord.eml", partner_id=None, at=AT)

    def test_lets_in_what_it_finds_clean_and_refuses_what_it_names(
        self, acting: Acting, owner: Session, clamd: str
    ) -> None:
        files.configure_scanner(clamd)
        with acting(factories.make_user(owner, Role.PAM)):
            with pytest.raises(files.Unacceptable) as refusal, transaction():
                self.store(papers.letter() + b"this is bad\r\n")
            assert refusal.value.fault == "file_infected"
        assert scanner.find_threat(bytes(3 << 20)) is None

    def test_away_keeps_files_where_nobody_opens_them_until_it_answers(
        self, acting: Acting, owner: Session, clamd: str
    ) -> None:
        partner = factories.make_partner(owner)
        member = factories.make_user(owner, Role.PARTNER_MEMBER, partner=partner)
        files.configure_scanner("tcp://127.0.0.1:9")
        with acting(member), transaction():
            ids = [
                files.store_file(
                    source=papers.letter() + more, name="a.eml", partner_id=partner.id, at=AT
                ).public_id
                for more in (b"", b"this is bad\r\n")
            ]
        with acting(member), pytest.raises(Refused) as refusal:
            files.get_file(ids[0])
        assert refusal.value.code == "file_quarantined"
        with acting(None), transaction():
            assert files.scan_quarantine() == []
            files.configure_scanner(clamd)
            assert [state for _, _, state, _ in files.scan_quarantine()] == [
                FileState.CLEAN,
                FileState.REFUSED,
            ]
        with acting(member):
            assert files.get_file(ids[0]).state is FileState.CLEAN
            with pytest.raises(Refused, match="file_refused"):
                files.get_file(ids[1])
