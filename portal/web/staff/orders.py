"""The vendor's orders: what is known, the files that brought it, and the next file."""

import csv
from io import SEEK_END, StringIO
from typing import IO, Any
from uuid import UUID

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for

from portal import catalogue, clock, files, orders
from portal.access import current_person, requires
from portal.db import transaction
from portal.i18n import format_number, ngettext
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.margin.crediting import match_and_credit
from portal.orders import IntakeState, OrderReport, OrdersRefused, RatesRefused
from portal.web import claim_lists
from portal.web.account import Page
from portal.web.forms import Form, LongTextField
from portal.web.order_words import EXAMPLE, STATUSES, told

bp = Blueprint("orders", __name__, url_prefix="/staff/orders")


@bp.get("")
@requires("order:read")
def index() -> Page:
    """Current order lines, searched by the URL, and the last files."""
    text, page = request.args.get("q", ""), request.args.get("page", 1, type=int)
    return render_template(
        "staff/orders/index.html", intakes=orders.list_intakes(),
        page=orders.list_orders(text=text, page=page), q=text,
        imports=orders.list_imports(limit=5), families=catalogue.list_families(), statuses=STATUSES,
        page_link=claim_lists.page_link,
    )  # fmt: skip


@bp.get("/imports/<uuid:public_id>")
@requires("order:read")
def imported(public_id: UUID) -> Page:
    """One file: what it brought, line by line."""
    row = orders.get_import(public_id)
    page = orders.list_orders(import_id=row.id, page=request.args.get("page", 1, type=int))
    return render_template(
        "staff/orders/imported.html", row=row, page=page, families=catalogue.list_families(),
        statuses=STATUSES, page_link=claim_lists.page_link,
    )  # fmt: skip


@bp.get("/sample.csv")
@requires("order:read")
def sample() -> Response:
    """A file that imports, to start from."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([name for name, *_rest in EXAMPLE])
    writer.writerow([value for _name, value, _said in EXAMPLE])
    disposition = {"Content-Disposition": 'attachment; filename="orders.csv"'}
    return Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8", headers=disposition)


@bp.route("/import", methods=["GET", "POST"])
@requires("order:import")
def import_file() -> Page:
    """Choose a file and see what importing it would do; nothing is written yet."""
    form = Form()
    if not form.validate_on_submit():
        return _page(form)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(form, missing=_("Choose the file to import."))
    size = sent.stream.seek(0, SEEK_END)
    if size > orders.LARGE:
        sha256 = files.put_large(sent.stream)
        return _page(form, large=size, sha256=sha256, name=files.safe_name(sent.filename))
    with transaction():
        report = orders.check_orders(source=sent.stream)
    if report.already is not None:
        return _already(report)
    if not report.faults:
        files.put_large(sent.stream)
    return _page(form, report=report, name=files.safe_name(sent.filename))


@bp.post("/import/confirm")
@requires("order:import")
def confirm() -> Page:
    """Take the file in, match it with the claims and credit what they agree on, all or nothing."""
    form = Form()
    name, sha256 = request.form.get("name", ""), request.form.get("sha256", "")
    if not form.validate_on_submit() or not _is_hash(sha256):
        return redirect(url_for("orders.import_file"), 303)
    with files.get_large(sha256) as source:
        size = source.seek(0, SEEK_END)
        if size > orders.LARGE:
            return _left_to_workers(name, sha256, size)
        try:
            return _taken(name, source)
        except OrdersRefused as refused:
            return _page(form, report=refused.report, name=name)


def _left_to_workers(name: str, sha256: str, size: int) -> Page:
    with transaction():
        left = orders.ask_intake(
            sha256=sha256, size=size, name=name, actor_id=current_person().id, at=clock.now()
        ).public_id
    return redirect(url_for("orders.intake", public_id=left), 303)


def _taken(name: str, source: IO[bytes]) -> Page:
    with transaction():
        done = orders.import_orders(source=source, name=name, actor_id=current_person().id, at=clock.now())
        touched = match_and_credit(import_id=done.id, at=clock.now())
        target = url_for("orders.imported", public_id=done.public_id)
    looked_at = ngettext("%(num)s claim looked at again", "%(num)s claims looked at again", len(touched))
    flash(_("%(name)s is imported: %(looked_at)s.", name=name, looked_at=looked_at), "ok")
    return redirect(target, 303)


@bp.get("/intakes/<uuid:public_id>")
@requires("order:read")
def intake(public_id: UUID) -> Page:
    """A large file on its way in: waiting, refused for its faults, or taken and being matched."""
    row = orders.get_intake(public_id)
    faults = [(fault, told(fault)) for fault in (orders.Fault(*one) for one in row.faults)]
    return render_template(
        "staff/orders/intake.html", row=row, faults=faults, imported=orders.import_of(row),
        IntakeState=IntakeState,
    )  # fmt: skip


@bp.get("/intakes/<uuid:public_id>/progress")
@requires("order:read")
def intake_progress(public_id: UUID) -> Response:
    """How far the matching is."""
    row = orders.get_intake(public_id)
    finished = row.state is not IntakeState.WAITING and row.matched >= row.to_match
    count = _("%(done)s of %(total)s", done=format_number(row.matched), total=format_number(row.to_match))
    say = _("Finished.") if finished else _("You may leave this page: the work goes on.")
    state = "finished" if finished else "running"
    return jsonify(done=row.matched, total=row.to_match, state=state, count=count, say=say)


class RatesForm(Form):
    """Rates as lines."""

    lines = LongTextField(_l("Rates, one a line"), longest=20_000)


@bp.route("/rates", methods=["GET", "POST"])
@requires("rate:manage")
def rates() -> Page:
    """Monthly rates: those known, and lines to add or correct."""
    form, faults = RatesForm(), []
    if form.validate_on_submit():
        try:
            with transaction():
                changed = orders.set_rates(
                    rates=orders.read_rates(form.lines.data), actor_id=current_person().id, at=clock.now()
                )
            flash(ngettext("%(num)s rate is kept.", "%(num)s rates are kept.", changed), "ok")
            return redirect(url_for("orders.rates"), 303)
        except RatesRefused as refused:
            faults = [(fault, told(fault)) for fault in refused.lines]
    page = render_template("staff/orders/rates.html", form=form, faults=faults, rates=orders.list_rates())
    return page, 422 if faults else form.status


def _is_hash(text: str) -> bool:
    return len(text) == 64 and all(letter in "0123456789abcdef" for letter in text)


def _already(report: OrderReport) -> Page:
    row = report.already
    flash(
        _(
            "This very file was imported before, under the name %(name)s: nothing to do.",
            name=row and row.name,
        ),
        "info",
    )
    return redirect(url_for("orders.imported", public_id=row and row.public_id), 303)


def _page(form: Form, **shown: Any) -> Page:
    report: OrderReport | None = shown.get("report")
    faults = [(fault, told(fault)) for fault in report.faults] if report else []
    wrong = bool(faults or shown.get("missing") or form.errors)
    page = render_template("staff/orders/import.html", form=form, faults=faults, example=EXAMPLE, **shown)
    return page, 422 if wrong else 200
