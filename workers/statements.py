"""Jobs of statements: print them, keep the file, tell those who wait for it."""

from typing import cast

from portal import clock, files, statements, work
from portal.db import db, transaction
from portal.statements.models import Statement
from portal.statements.shape import StatementDocument
from workers import pdf
from workers.chunks import each, finish_with


def warm_up() -> None:
    """Load what printing needs."""
    pdf.warm()


def render(held: work.Lease) -> None:
    """Print some statements outside any lock; each file is kept with its mails in one transaction."""
    ids = [int(part) for part in held.subject.split(",")]
    with transaction():
        unprinted = {statement.id: statement for statement in statements.list_unprinted(ids)}
        db.session.expunge_all()
    failed = each(held, unprinted, lambda statement_id: render_one(held, unprinted[statement_id]))
    finish_with(held, failed)


def render_one(held: work.Lease, statement: Statement) -> None:
    """Print one statement, keep its file, tell those who wait for it."""
    content = pdf.render_statement(cast(StatementDocument, statement.document))
    sha256 = files.put(content)
    with transaction():
        work.heartbeat(held, at=clock.real_now())
        at = clock.now()
        statements.attach_file(statement, renderer=pdf.RENDERER, sha256=sha256, size=len(content), at=at)
        statements.queue_statement_mails(statement, at=at, priority=held.priority)
