"""What a file is, told from its content alone; its name is only checked against it."""

import io
import re
import unicodedata
from email.parser import BytesParser
from email.policy import default as mail_policy

from PIL import Image

from portal.errors import Invalid
from portal.files import archives
from portal.files.pdf import PROGRAMS, pdf_fault

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 60_000_000
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXTENSIONS = {
    "application/pdf": ("pdf",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    DOCX: ("docx",),
    XLSX: ("xlsx",),
    "message/rfc822": ("eml",),
}
VIEWABLE = ("application/pdf", "image/png", "image/jpeg")
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}: ?\S")
_ZIP_END = b"PK\x05\x06"
_JPEG_END = b"\xff\xd9"
_PNG_END = b"IEND\xaeB`\x82"


class Unacceptable(Invalid):
    """The file cannot be evidence; `fault` says why and `params` fill the words."""

    def __init__(self, fault: str, /, **params: object) -> None:
        super().__init__({"file": fault}, **params)
        self.fault = fault


def recognise(content: bytes, name: str) -> str:
    """Media type of an acceptable file; raise Unacceptable with the reason otherwise."""
    if not content:
        raise Unacceptable("file_empty", name=name)
    if len(content) > MAX_BYTES:
        raise Unacceptable("file_too_large", name=name, limit=MAX_BYTES // 1024**2)
    if archives.TRIAL in content:
        raise Unacceptable("file_infected", name=name)
    media_type = _media_type(content, name)
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension and extension not in EXTENSIONS[media_type]:
        raise Unacceptable("file_name_lies", name=name, kind=EXTENSIONS[media_type][0].upper())
    return media_type


def _media_type(content: bytes, name: str) -> str:
    try:
        if content.startswith(b"%PDF-"):
            return _pdf(content, name)
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return _image(content, "PNG", "image/png", _PNG_END)
        if content.startswith(b"\xff\xd8\xff"):
            return _image(content, "JPEG", "image/jpeg", _JPEG_END)
        if content.startswith(b"PK\x03\x04"):
            return {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}[
                archives.main_part(io.BytesIO(content))
            ]
    except archives.Refused as refusal:
        raise Unacceptable(refusal.fault, name=name) from refusal
    if _HEADER.match(content) and b"\0" not in content:
        return _letter(content, name)
    raise Unacceptable("file_kind", name=name)


def _pdf(content: bytes, name: str) -> str:
    if b"%%EOF" not in content[-2048:] or _ZIP_END in content[-70_000:]:
        raise Unacceptable("file_damaged", name=name)
    if fault := pdf_fault(content):
        raise Unacceptable(fault, name=name)
    return "application/pdf"


def _image(content: bytes, kind: str, media_type: str, end: bytes) -> str:
    """Header, checksums and end are read; a picture is never decoded at its full size."""
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise archives.Refused("file_pixels")
            image.verify()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise archives.Refused("file_pixels") from bomb
    except (OSError, SyntaxError, ValueError, IndexError) as error:
        # IndexError: WeasyPrint, where it is loaded too, asks Pillow to be lenient with truncated files.
        raise archives.Refused("file_damaged") from error
    if not content.rstrip(b"\0\r\n ").endswith(end) or _ZIP_END in content[-70_000:]:
        raise archives.Refused("file_damaged")
    return media_type


def _letter(content: bytes, name: str) -> str:
    message = BytesParser(policy=mail_policy).parsebytes(content)
    if not (message.get("From") and message.get("Date") and (message.get("To") or message.get("Subject"))):
        raise Unacceptable("file_kind", name=name)
    for part in message.walk():
        if PROGRAMS.search(part.get_filename() or ""):
            raise Unacceptable("file_macros", name=name)
        if not part.is_multipart() and archives.TRIAL in (part.get_payload(decode=True) or b""):
            raise Unacceptable("file_infected", name=name)
    return "message/rfc822"


def safe_name(name: str) -> str:
    """The last part of what was given, without signs that hide or reorder letters, 120 letters at most."""
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(letter for letter in base if unicodedata.category(letter)[0] != "C").strip(" .")
    stem, dot, extension = shown.rpartition(".")
    if not dot:
        return shown[:120] or "document"
    return f"{stem[: 119 - len(extension[:10])]}.{extension[:10]}"
