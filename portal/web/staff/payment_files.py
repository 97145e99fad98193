"""Files of payments: see what one would record, then record all of it or nothing."""

import csv
from io import StringIO
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from portal import clock, files, statements
from portal.access import current_person, requires
from portal.db import transaction
from portal.i18n import gettext as _
from portal.i18n import ngettext
from portal.statements import PaymentReport, PaymentsRefused
from portal.web.account import Page
from portal.web.forms import Form
from portal.web.payment_words import EXAMPLE, told

bp = Blueprint("payment_files", __name__, url_prefix="/staff/payments/import")


@bp.get("/sample.csv")
@requires("payment:record")
def sample() -> Response:
    """A file to start from."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([name for name, *_rest in EXAMPLE])
    writer.writerow([value for _name, value, _said in EXAMPLE])
    disposition = {"Content-Disposition": 'attachment; filename="payments.csv"'}
    return Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=disposition)


@bp.route("", methods=["GET", "POST"])
@requires("payment:record")
def index() -> Page:
    """Choose a file and see what it would record; nothing is written yet."""
    form = Form()
    if not form.validate_on_submit():
        return _page(form)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(form, missing=_("Choose the file to import."))
    content = sent.stream.read()
    report = statements.check_payments(content=content, today=clock.today())
    if report.already is not None:
        return _already(report)
    if not report.faults:
        files.put(content)
    return _page(form, report=report, name=files.safe_name(sent.filename))


@bp.post("/confirm")
@requires("payment:record")
def confirm() -> Page:
    """Record every payment of the file, or none."""
    form = Form()
    name, sha256 = request.form.get("name", "")[:200], request.form.get("sha256", "")
    if not form.validate_on_submit() or len(sha256) != 64 or not sha256.isalnum():
        return redirect(url_for("payment_files.index"), 303)
    lines = 0
    with form.refusals():  # two people may confirm at the same instant
        try:
            with transaction():
                lines = statements.import_payments(
                    content=files.get(sha256), name=name, actor_id=current_person().id, at=clock.now(),
                    today=clock.today(),
                ).lines  # fmt: skip
        except PaymentsRefused as refused:
            return _page(form, report=refused.report, name=name)
    said = ngettext("%(num)s payment is recorded.", "%(num)s payments are recorded.", lines)
    return form.done(said, url_for("payments.index"))


def _already(report: PaymentReport) -> Page:
    name = report.already.name if report.already else ""
    said = _("This very file was imported before, under the name %(name)s: nothing to do.", name=name)
    flash(said, "info")
    return redirect(url_for("payments.index"), 303)


def _page(form: Form, **shown: Any) -> Page:
    report: PaymentReport | None = shown.get("report")
    faults = [(fault, told(fault)) for fault in report.faults] if report else []
    wrong = bool(faults or shown.get("missing") or form.errors)
    page = render_template("staff/payments/import.html", form=form, faults=faults, example=EXAMPLE, **shown)
    return page, 422 if wrong else 200
