"""Evidence files of every kind, honest and hostile, made on the spot."""

import io
import struct
import zipfile
import zlib

import pikepdf
from PIL import Image

TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def pdf(*, script: bool = False, password: str = "") -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    if script:
        action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        document.Root.OpenAction = document.make_indirect(action)
    target = io.BytesIO()
    encryption = pikepdf.Encryption(user=password, owner=password) if password else None
    document.save(target, encryption=encryption or False)
    return target.getvalue()


def image(kind: str = "PNG", size: tuple[int, int] = (8, 8)) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "white").save(target, kind)
    return target.getvalue()


def pixel_bomb() -> bytes:
    """A PNG of a few bytes that says it has 50 000 × 50 000 pixels."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def office(part: str = "word/document.xml", **others: bytes | str) -> bytes:
    """An Office archive; `others` are more parts, by name with `__` for `/`."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", others.pop("types", TYPES))
        archive.writestr(part, b"<document/>")
        for name, content in others.items():
            archive.writestr(name.replace("__", "/"), content)
    return target.getvalue()


def letter(attachment: str = "") -> bytes:
    head = (
        b"From: client@client.example\r\nTo: nous@firme.example\r\nDate: Mon, 14 Sep 2026 10:00:00 +0200\r\n"
    )
    if not attachment:
        return head + b"Subject: Accord\r\n\r\nNous confirmons.\r\n"
    file = f"Content-Disposition: attachment; filename={attachment}\r\n\r\nx\r\n--b--\r\n".encode()
    kind = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    return head + b"Subject: Accord\r\n" + kind + b"Content-Type: application/octet-stream\r\n" + file
