"""A firm compares its own figures with a statement, and contests what differs in one dispute."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from portal import clock, disputes, files
from portal.access import allow, current_person, requires
from portal.db import AnyRow, db, transaction
from portal.disputes import Cause, Reconciliation
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.statements.models import Statement
from portal.web.account import Page
from portal.web.dispute_words import CAUSES, NOT_IN_FILE
from portal.web.forms import Form, LongTextField
from portal.web.partner.statements import seen
from portal.web.words import words

bp = Blueprint("reconciliations", __name__)
LARGEST = 2 * 1024 * 1024


class ContestForm(Form):
    """What the vendor should read beside the lines."""

    words = LongTextField(_l("What you expected, and what shows it"), longest=4000)


@bp.route("/statements/<uuid:public_id>/reconcile", methods=["GET", "POST"])
@requires("dispute:open")
def new(public_id: UUID) -> Page:
    """Choose a file of expected amounts."""
    statement, form = seen(public_id), Form()
    allow("dispute:open", partner_id=statement.partner_id, reading="statement:read")
    faults: list[tuple[int, str]] = []
    if form.validate_on_submit():
        sent = request.files.get("file")
        content = sent.stream.read(LARGEST + 1) if sent and sent.filename else b""
        if not content or len(content) > LARGEST:
            faults = [(1, words("expected_large") if content else words("sheet_empty"))]
        else:
            expected, found = disputes.read_expected(content)
            faults = [(one.line, words(one.code, value=one.value)) for one in found[:100]]
        if not faults and sent is not None:
            with transaction():
                kept = disputes.reconcile(
                    statement=statement, expected=expected, content=content, actor_id=current_person().id,
                    name=files.safe_name(sent.filename or ""), at=clock.now(),
                )  # fmt: skip
                target = url_for("reconciliations.detail", public_id=kept.public_id)
            return redirect(target, 303)
    page = render_template("partner/disputes/reconcile.html", statement=statement, form=form, faults=faults)
    return page, 422 if faults or form.errors else 200


def _kept(public_id: UUID) -> tuple[Reconciliation, Statement]:
    found = disputes.get_reconciliation(public_id)
    allow("dispute:read", partner_id=found.partner_id, reading="dispute:read")
    return found, db.session.execute(select(Statement).where(Statement.id == found.statement_id)).scalar_one()


@bp.get("/reconciliations/<uuid:public_id>")
@requires("dispute:read")
def detail(public_id: UUID) -> Page:
    """The differences, by cause."""
    return _page(public_id, ContestForm())


def _page(public_id: UUID, form: ContestForm) -> Page:
    found, statement = _kept(public_id)
    by_cause = disputes.list_differences(found.id)
    contested = sum(
        row.kind is not None and row.expected is not None
        for cause, rows in by_cause.items()
        for row in rows
        if cause in disputes.CONTESTED
    )
    page = render_template(
        "partner/disputes/differences.html", reconciliation=found, statement=statement, form=form,
        causes=_groups(by_cause),
        contested=contested,
        open=current_person().role.is_partner and clock.today() <= statement.dispute_until,
    )  # fmt: skip
    return page, form.status


def _groups(by_cause: Mapping[Cause, Sequence[AnyRow]]) -> list[tuple[tuple[str, Any], list[AnyRow]]]:
    """The differences under the words of their cause; what the firm's own file leaves out comes last."""
    named = [
        (said, [row for row in by_cause.get(cause, ()) if row.expected is not None])
        for cause, said in CAUSES.items()
    ]
    left = [row for row in by_cause.get(Cause.UNKNOWN, ()) if row.expected is None]
    return [(said, rows) for said, rows in (*named, (NOT_IN_FILE, left)) if rows]


@bp.post("/reconciliations/<uuid:public_id>/dispute")
@requires("dispute:open")
def contest(public_id: UUID) -> Page:
    """One dispute for all that may be contested."""
    form = ContestForm()
    found, statement = _kept(public_id)
    if form.validate_on_submit():
        with form.refusals(), transaction():
            opened = disputes.dispute_differences(
                reconciliation=found, statement=statement, words=form.words.data,
                actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            flash(_("Your dispute is open. The rest of the statement is paid as planned."), "ok")
            return redirect(url_for("disputes.detail", public_id=opened.public_id), 303)
    return _page(public_id, form)
