"""Issuing statements: numbered, frozen, filed once, told to those who wait for them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal import audit, mail, work
from portal.db import db
from portal.errors import DomainError
from portal.mail import Recipient
from portal.partners.models import BillingContact, BillingProfile
from portal.statements.figures import fingerprint, short_code
from portal.statements.models import Statement, StatementFile
from portal.statements.queries import render_batch
from portal.statements.shape import StatementDocument
from portal.statements.sources import Issue
from portal.users.models import Role, User, UserState

RENDER_CHUNK = 10  # statements of one work item: short enough to share the work evenly at the end


class DifferentBytes(DomainError):
    """The same renderer printed the same statement otherwise: nothing is sent until one knows why."""

    code = "different_bytes"


def issue_statement(
    *, partner_id: int, result_id: int, serial: int, document: StatementDocument, issue: Issue
) -> Statement:
    """Number a statement and freeze what it says."""
    sha256 = fingerprint(document)
    statement = Statement(
        partner_id=partner_id,
        period_id=issue.period.id,
        result_id=result_id,
        number=document["number"],
        serial=serial,
        locale=document["locale"],
        document=document,
        document_sha256=sha256,
        short_code=short_code(sha256),
        payable=document["result"]["payable"],
        issued_on=issue.issued_on,
        issued_at=issue.issued_at,
        dispute_until=issue.dispute_until,
    )
    db.session.add(statement)
    db.session.flush()
    audit.record(
        "statement.issued",
        subject=("statement", statement.id),
        at=issue.issued_at,
        actor_id=None,
        partner_id=partner_id,
        number=statement.number,
        sha256=sha256,
    )
    return statement


def queue_rendering(statement_ids: Sequence[int], *, period_id: int, priority: int = -1) -> None:
    """Have these statements printed, in this order, a few at a time; printing gives way to all else."""
    chunks = [
        ",".join(map(str, statement_ids[start : start + RENDER_CHUNK]))
        for start in range(0, len(statement_ids), RENDER_CHUNK)
    ]
    work.add_many(
        "statement.render",
        [(chunk, chunk) for chunk in chunks],
        batch=render_batch(period_id),
        priority=priority,
    )


def attach_file(statement: Statement, *, renderer: str, sha256: str, size: int, at: datetime) -> None:
    """Keep the printed statement, once; the same renderer never prints it in two ways."""
    row = {
        "partner_id": statement.partner_id,
        "statement_id": statement.id,
        "renderer": renderer,
        "sha256": sha256,
        "size": size,
        "rendered_at": at,
    }
    db.session.execute(insert(StatementFile).values(row).on_conflict_do_nothing())
    kept = db.session.execute(
        select(StatementFile.sha256).where(
            StatementFile.statement_id == statement.id, StatementFile.renderer == renderer
        )
    ).scalar_one()
    if kept != sha256:
        raise DifferentBytes(number=statement.number, renderer=renderer)
    audit.record(
        "statement.rendered",
        subject=("statement", statement.id),
        at=at,
        actor_id=None,
        partner_id=statement.partner_id,
        sha256=sha256,
    )


def queue_statement_mails(statement: Statement, *, at: datetime, priority: int) -> None:
    """Tell the billing contacts of the firm, or else its administrators; each once for ever.

    At the priority of the printing, a mail waits its turn behind what was to be printed before it.
    """
    document = statement.document
    delivery = db.session.execute(
        select(BillingProfile.delivery).where(BillingProfile.partner_id == statement.partner_id)
    ).scalar_one_or_none()
    mail.queue(
        "statement.issued",
        to=list_recipients(statement.partner_id),
        purpose=statement.number,
        at=at,
        partner_id=statement.partner_id,
        statement_id=statement.id,
        batch=f"mail:{statement.period_id}",
        priority=priority,
        number=statement.number,
        period=document["period"]["code"],
        path=f"/statements/{statement.public_id}",
        payable=document["result"]["payable"],
        carry_out=document["result"]["carry_out"],
        expected_on=document["payment"]["expected_on"],
        dispute_until=document["dispute_until"],
        pam=document["pam"],
        attach=delivery != "link",
    )


def list_recipients(partner_id: int) -> list[Recipient]:
    """Billing contacts of a firm; where there is none, its administrators."""
    contacts = db.session.execute(
        select(BillingContact.email, BillingContact.name, BillingContact.locale, User.id)
        .outerjoin(
            User, (User.email == BillingContact.email) & (User.partner_id == BillingContact.partner_id)
        )
        .where(BillingContact.partner_id == partner_id)
        .order_by(BillingContact.id)
    ).all()
    if contacts:
        return [Recipient(*contact) for contact in contacts]
    administrators = db.session.execute(
        select(User.email, User.name, User.locale, User.id)
        .where(User.partner_id == partner_id, User.role == Role.PARTNER_ADMIN)
        .where(User.state != UserState.DEACTIVATED)
        .order_by(User.id)
    )
    return [Recipient(*administrator) for administrator in administrators]
