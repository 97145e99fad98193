"""Objectives of a segment: proposed from last year or brought in from a spreadsheet, looked at, then set."""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from portal import clock, periods, planning
from portal.access import allowed, current_person, requires
from portal.db import transaction
from portal.errors import Invalid
from portal.i18n import lazy_gettext as _l
from portal.i18n import ngettext
from portal.periods.models import Period, PeriodState
from portal.planning import TargetLine
from portal.web.account import Page
from portal.web.forms import AmountField, Form, LongTextField, SelectOneField
from portal.web.people import SEGMENTS
from portal.web.words import words

bp = Blueprint("staff_objectives", __name__, url_prefix="/staff/objectives")


class ProposeForm(Form):
    """How last year's figures become objectives."""

    period = SelectOneField(_l("Period"))
    segment = SelectOneField(_l("Segment"), choices=SEGMENTS)
    percent = AmountField(_l("Part of last year's figure, in percent"), default=Decimal("105"))
    step = AmountField(_l("Rounded up to a multiple of"), default=Decimal("1000"))
    minimum = AmountField(_l("At least"), default=Decimal("10000"))


class SheetForm(Form):
    """A spreadsheet, or the lines that were looked at."""

    period = SelectOneField(_l("Period"))
    sheet = LongTextField(_l("Lines"), required=False, longest=300_000)
    reason = LongTextField(_l("Reason, where an objective changes"), required=False, longest=500)


@bp.get("")
@requires("objective:propose")
def index() -> Page:
    """Where objectives begin."""
    return _page(_with_periods(ProposeForm(formdata=None)), _with_periods(SheetForm(formdata=None)))


@bp.post("/propose")
@requires("objective:propose")
def propose() -> Page:
    """Show what last year's figures give; nothing is written yet."""
    form = _with_periods(ProposeForm())
    if not form.validate_on_submit():
        return _page(form, _with_periods(SheetForm(formdata=None)))
    period = periods.get_period(form.period.data)
    proposed = planning.propose_targets(
        period=period,
        segment=form.segment.data,
        percent=form.percent.data,
        step=form.step.data,
        minimum=form.minimum.data,
    )
    lines = planning.check_targets(_written(proposed), period=period, may=_may)
    lines = [line for line in lines if not line.fault]
    return _page(form, _sheet_form(period, lines), lines)


@bp.post("/import")
@requires("objective:propose")
def bring() -> Page:
    """Show what a spreadsheet would set, line by line; nothing is written yet."""
    form = _with_periods(SheetForm())
    sent = request.files.get("file")
    lines: list[TargetLine] = []
    if form.validate_on_submit():
        with form.refusals():
            if sent is None or not sent.filename:
                raise Invalid({"sheet": "sheet_empty"})
            period = periods.get_period(form.period.data)
            lines = planning.check_targets(sent.read(), period=period, may=_may)
            if not any(line.fault for line in lines):
                form = _sheet_form(period, lines)
    return _page(_with_periods(ProposeForm(formdata=None)), form, lines)


@bp.post("/set")
@requires("objective:propose")
def confirm() -> Page:
    """Set what was looked at: all of it or nothing."""
    form = _with_periods(SheetForm())
    lines: list[TargetLine] = []
    if form.validate_on_submit():
        period = periods.get_period(form.period.data)
        with form.refusals(), transaction():
            lines = planning.check_targets((form.sheet.data or "").encode(), period=period, may=_may)
            count = planning.set_targets(
                period=period,
                lines=lines,
                reason=form.reason.data,
                actor_id=current_person().id,
                at=clock.now(),
            )
        if not form.errors:
            flash(
                ngettext("%(num)s objective is set and told.", "%(num)s objectives are set and told.", count),
                "ok",
            )
            return redirect(url_for("staff_objectives.index"), 303)
    return _page(_with_periods(ProposeForm(formdata=None)), form, lines)


def _may(partner_id: int) -> bool:
    return allowed("objective:propose", partner_id=partner_id)


def _with_periods(form: Any) -> Any:
    codes = [period.code for period in periods.list_periods(PeriodState.OPEN)]
    form.period.choices = [(code, code) for code in codes]
    return form


def _sheet_form(period: Period, lines: Iterable[TargetLine]) -> Any:
    sheet = _written(
        (line.code, str(line.target), "" if line.baseline is None else str(line.baseline)) for line in lines
    )
    return _with_periods(SheetForm(formdata=None, data={"period": period.code, "sheet": sheet.decode()}))


def _written(rows: Iterable[tuple[str, str, str]]) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";")
    writer.writerow(("partner_code", "target", "baseline"))
    writer.writerows(rows)
    return target.getvalue().encode()


def _page(form: Any, sheet: Any, lines: list[TargetLine] | None = None) -> Page:
    lines = lines or []
    refused = sum(bool(line.fault) for line in lines)
    page = render_template(
        "staff/objectives/index.html", form=form, sheet=sheet, lines=lines, refused=refused, words=words
    )
    return page, 422 if refused or form.errors or sheet.errors else 200
