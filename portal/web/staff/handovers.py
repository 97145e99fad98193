"""The notes that go with handovers: read on the page, kept on paper."""

from uuid import UUID

from flask import Blueprint, Response, render_template

from portal import clock, handover
from portal.access import requires
from portal.web.account import Page
from portal.web.partner_words import COVERAGES, SEGMENTS

bp = Blueprint("handovers", __name__, url_prefix="/staff/handovers")


@bp.get("/<uuid:public_id>")
@requires("handover_note:read")
def note(public_id: UUID) -> Page:
    """What the next account manager should know; until it is written, that it is being written."""
    found = handover.get_note(public_id)
    return render_template(
        "staff/handovers/note.html", note=found, d=found.document, segments=SEGMENTS, coverages=COVERAGES,
        on=clock.today(),
    )  # fmt: skip


@bp.get("/<uuid:public_id>/pdf")
@requires("handover_note:read")
def pdf(public_id: UUID) -> Response:
    """The same on paper."""
    found = handover.get_note(public_id)
    response = Response(handover.open_note(found), content_type="application/pdf")
    name = f"handover-{found.starts_on.isoformat()}-{str(public_id)[:8]}.pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
