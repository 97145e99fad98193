"""Regrouping portfolios from a file: what it would do, then done, then undone while nothing followed."""

import csv
import re
from collections.abc import Iterable
from io import StringIO
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from portal import clock, files, portfolio
from portal.access import current_person, requires
from portal.db import transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.portfolio import LineKind, ReorganisationRefused, Report
from portal.web.account import Page
from portal.web.forms import Form, TickField
from portal.web.partner_words import COVERAGES
from portal.web.reorganisation_words import COLUMNS, KINDS, told
from portal.web.words import words

bp = Blueprint("reorganisations", __name__, url_prefix="/staff/reorganisations")
SHOWN = 200
HASH = re.compile("[0-9a-f]{64}")


class ConfirmForm(Form):
    """Whether the proposed merges are accepted."""

    merges = TickField(_l("I accept these merges"))


@bp.get("")
@requires("reorganisation:read")
def index() -> Page:
    """The files that came, and what is told of each."""
    return render_template("staff/reorganisations/index.html", rows=portfolio.list_reorganisations())


@bp.get("/current.csv")
@requires("portfolio:reorganise")
def current() -> Response:
    """The portfolios as they are today, in the columns of the file: to start from."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(portfolio.COLUMNS)
    writer.writerows(portfolio.list_as_file(clock.today()))
    disposition = {"Content-Disposition": 'attachment; filename="portfolios.csv"'}
    return Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=disposition)


@bp.route("/import", methods=["GET", "POST"])
@requires("portfolio:reorganise")
def import_file() -> Page:
    """Choose a file and see what it would do; nothing is written yet."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return _page(form)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(form, missing=_("Choose the file to import."))
    content = sent.stream.read()
    with transaction():
        report = portfolio.check_reorganisation(content=content, at=clock.now())
    if report.already is not None:
        flash(_("This very file was imported before: nothing to do."), "info")
        return redirect(url_for("reorganisations.done", public_id=report.already.public_id), 303)
    if not report.faults:
        files.put(content)
    return _page(form, report=report, name=files.safe_name(sent.filename))


@bp.post("/confirm")
@requires("portfolio:reorganise")
def confirm() -> Page:
    """Take the file in, every line or none."""
    form = ConfirmForm()
    name, sha256 = request.form.get("name", ""), request.form.get("sha256", "")
    if not form.validate_on_submit() or not HASH.fullmatch(sha256):
        return redirect(url_for("reorganisations.import_file"), 303)
    try:
        with transaction():
            done = portfolio.reorganise(
                content=files.get(sha256), name=name, merges_accepted=form.merges.data,
                actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
            target = url_for("reorganisations.done", public_id=done.public_id)
    except ReorganisationRefused as refused:
        if not refused.report.faults:
            form.refuse("merges", "reorg_merges")
        return _page(form, report=refused.report, name=name)
    flash(_("%(name)s is imported. Firms and PAMs concerned get a mail.", name=name), "ok")
    return redirect(target, 303)


@bp.get("/<uuid:public_id>")
@requires("reorganisation:read")
def done(public_id: UUID) -> Page:
    """What a file did, and whether it can still be undone."""
    row = portfolio.get_reorganisation(public_id)
    lines = portfolio.lines_of_reorganisation(row.id)
    stopped = portfolio.why_not_undone(row)
    return render_template(
        "staff/reorganisations/done.html", row=row, kinds=KINDS, shown=SHOWN, coverages=COVERAGES,
        lines=[line for line in lines if line.kind is not LineKind.UNCHANGED],
        singles=sum(line.single for line in lines),
        unchanged=sum(line.kind is LineKind.UNCHANGED for line in lines),
        **_people([(one["pam_id"], one["before"], one["after"]) for one in row.loads]),
        stopped=words(stopped.code, **stopped.params) if stopped else None,
    )  # fmt: skip


@bp.post("/<uuid:public_id>/undo")
@requires("portfolio:reorganise")
def undo(public_id: UUID) -> Response:
    """Put every firm back as it was before the file."""
    form = Form()
    with form.refusals(), transaction():
        row = portfolio.get_reorganisation(public_id)
        portfolio.undo_reorganisation(done=row, actor_id=current_person().id, at=clock.now())
    return form.done(
        _("The reorganisation is undone: every firm is as it was. Those who were told get a mail."),
        url_for("reorganisations.done", public_id=public_id),
    )  # type: ignore[return-value]


def _people(loads: Iterable[tuple[int, int, int]]) -> dict[str, Any]:
    """Names of the PAMs, of those who have left too, and their loads in the order of the names."""
    pams = {row.id: row for row in portfolio.list_pams(left=True)}
    found = {pam_id: (before, after) for pam_id, before, after in loads}
    return {
        "names": {key: row.name for key, row in pams.items()},
        "loads": [(row, *found[key]) for key, row in pams.items() if key in found],
    }


def _page(form: ConfirmForm, **shown: Any) -> Page:
    report: Report | None = shown.get("report")
    faults = [(fault, told(fault)) for fault in report.faults[:100]] if report else []
    lines = [one for one in report.outcomes if one.kind is not LineKind.UNCHANGED] if report else []
    wrong = bool(faults or shown.get("missing") or form.errors)
    page = render_template(
        "staff/reorganisations/import.html", form=form, faults=faults, lines=lines, columns=COLUMNS,
        kinds=KINDS, coverages=COVERAGES, shown=SHOWN, **_people(report.loads if report else ()), **shown,
    )  # fmt: skip
    return page, 422 if wrong else 200
