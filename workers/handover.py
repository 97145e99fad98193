"""Jobs of handovers: write the note, print it, keep the file."""

from uuid import UUID

from portal import clock, files, handover, work
from portal.db import db, transaction
from workers import pdf


def note(held: work.Lease) -> None:
    """Write one note from what is known today; a note that is printed stays as it is."""
    with transaction():
        unwritten = handover.find_unwritten(UUID(held.subject))
        if unwritten is None:
            work.finish(held, at=clock.real_now())
            return
        document = handover.write_note(unwritten, on=clock.today(), at=clock.now())
        db.session.expunge_all()
    content = pdf.render_note(document)
    sha256 = files.put(content)
    with transaction():
        work.finish(held, at=clock.real_now())
        handover.attach_note(
            unwritten, document=document, sha256=sha256, size=len(content), renderer=pdf.RENDERER,
            at=clock.now(),
        )  # fmt: skip
