"""Stored files, handed out as attachments; PDF and pictures may be looked at, alone and without powers."""

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, request

from portal import clock, files
from portal.access import allow, current_person, requires
from portal.db import transaction

bp = Blueprint("files", __name__, url_prefix="/files")

ALONE = "default-src 'none'; frame-ancestors 'self'; sandbox"
# Browsers show a PDF in a viewer of their own, which a sandbox would forbid; it was checked on the way in.
VIEWER = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"


@bp.get("/<uuid:public_id>")
@requires("evidence:read")
def read(public_id: UUID) -> Response:
    """A file's content; who opened it is noted, colleagues of the firm as well, for its owner."""
    file = files.get_file(public_id)
    allow("evidence:read", partner_id=file.partner_id, reading="evidence:read")
    content = files.get(file.sha256)
    with transaction():
        files.record_reading(
            file_id=file.id, partner_id=file.partner_id, user_id=current_person().id, at=clock.now()
        )
    shown = "view" in request.args and file.media_type in files.VIEWABLE
    return _answer(content, file.media_type, file.name, shown=shown)


def _answer(content: bytes, media_type: str, name: str, *, shown: bool) -> Response:
    response = Response(content, content_type=media_type if shown else "application/octet-stream")
    disposition = "inline" if shown else "attachment"
    response.headers["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Security-Policy"] = (
        VIEWER if shown and media_type == "application/pdf" else ALONE
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
