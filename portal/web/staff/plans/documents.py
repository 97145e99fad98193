"""Plans as documents: taken away as JSON or YAML, and brought in by the same strict reading."""

import json
from pathlib import PurePath
from typing import Any
from uuid import UUID

import yaml
from flask import Response, flash, redirect, render_template, request, url_for

from portal import clock, margin
from portal.access import current_person, requires
from portal.db import transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.margin.documents import read_written
from portal.margin.engine import FaultAt, parse_plan
from portal.web.account import Page
from portal.web.forms import Form, LongTextField
from portal.web.plan_faults import fault_words
from portal.web.plan_fields import in_order
from portal.web.staff.plans.door import bp

LARGEST = 256  # kB
SHOWN = 50  # faults


class ImportForm(Form):
    """A plan document, and why it replaces the version before."""

    reason = LongTextField(_l("Reason, for a new version"), required=False, longest=500)


@bp.get("/<uuid:public_id>.<any(json, yaml):kind>")
@requires("plan:read")
def take_away(public_id: UUID, kind: str) -> Response:
    """The document of a version, as it can be imported and given to `plan evaluate`."""
    plan = margin.get_plan(public_id)
    told = in_order(plan.document)
    body = (
        json.dumps(told, indent=2, ensure_ascii=False)
        if kind == "json"
        else yaml.safe_dump(told, sort_keys=False, allow_unicode=True)
    )
    response = Response(body, content_type="application/json" if kind == "json" else "application/yaml")
    response.headers["Content-Disposition"] = f'attachment; filename="{plan.code}-v{plan.version}.{kind}"'
    return response


@bp.route("/import", methods=["GET", "POST"])
@requires("plan:write")
def bring() -> Page:
    """Begin a plan from a document; one that is wrong anywhere is not taken at all."""
    form, faults, written = ImportForm(), list[tuple[str, str]](), ""
    if form.validate_on_submit():
        content, suffix = _uploaded()
        written = content.decode(errors="ignore") if len(content) <= LARGEST * 1024 else ""
        try:
            with form.refusals(), transaction():
                made = margin.draft_plan(
                    document=_read(content, suffix),
                    reason=form.reason.data,
                    actor_id=current_person().id,
                    at=clock.now(),
                ).public_id
            if not form.errors:
                flash(_("The plan is a draft. Look at what it pays, then propose it."), "ok")
                return redirect(url_for("plans.detail", public_id=made), 303)
        except FaultAt as fault:
            faults = [(one.path, fault_words(one, in_document=True)) for one in fault.all[:SHOWN]]
    page = render_template("staff/plans/import.html", form=form, faults=faults, written=written)
    return page, 422 if faults else form.status


def _uploaded() -> tuple[bytes, str]:
    """The file that was chosen, and how its name ends; without one, the text as it was mended on the page."""
    file = request.files.get("document")
    if file is None or not file.filename:
        return request.form.get("written", "").encode()[: LARGEST * 1024 + 1], ""
    return file.read(LARGEST * 1024 + 1), PurePath(file.filename).suffix.lower()


def _read(content: bytes, suffix: str) -> dict[str, Any]:
    if len(content) > LARGEST * 1024:
        raise FaultAt("", "too_large", most=LARGEST)
    tree = read_written(content, suffix)
    parse_plan(tree)  # as written: keys given twice are lost in what the database keeps
    document: dict[str, Any] = json.loads(json.dumps(tree))
    return document
