"""The editor of a draft: a form that works by buttons alone, and what it pays as one writes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for

from portal import catalogue, clock, margin
from portal.access import current_person, requires
from portal.db import transaction
from portal.i18n import gettext as _
from portal.margin.curves import Curve, curves_of
from portal.margin.engine import FaultAt, oddities, parse_plan
from portal.margin.models import PlanState, PlanVersion
from portal.web.account import Page
from portal.web.forms import Form
from portal.web.plan_faults import fault_words, oddity_words, place_words
from portal.web.plan_fields import Tree, document_of, edit, kind_of, paths_of, tree_of, typed_of
from portal.web.plan_words import GATES, NAMES, SCHEMES, family_words
from portal.web.staff.plans.door import bp

FIELDS: dict[str, tuple[str, ...]] = {
    "FLAT": ("rate",),
    "MARGINAL": (),
    "RETROACTIVE": (),
    "ATTAINMENT_MARGINAL": ("attainment_cap",),
    "ATTAINMENT_RETROACTIVE": (),
    "INTERPOLATED": (),
    "PER_PROJECT": ("amount", "lead_only", "min_credited", "max_projects"),
    "GROWTH": ("rate", "min_growth"),
}
TIERED = ("MARGINAL", "RETROACTIVE", "ATTAINMENT_MARGINAL", "ATTAINMENT_RETROACTIVE", "INTERPOLATED")
ONE_RATE = ("FLAT", "RETROACTIVE", "ATTAINMENT_RETROACTIVE", "INTERPOLATED")
GATE_FIELDS: dict[str, tuple[str, ...]] = {
    "MIN_ATTAINMENT": ("value",),
    "COMPETENCY_HELD": ("code", "continuous"),
    "MIN_PROJECTS": ("count", "min_credited"),
    "MIN_CSAT": ("score",),
}


@bp.route("/<uuid:public_id>/edit", methods=["GET", "POST"], endpoint="edit")
@requires("plan:write")
def edit_draft(public_id: UUID) -> Page:
    """Change a draft: buttons add, remove and move; saving reads it as strictly as an import."""
    plan = margin.get_plan(public_id)
    if plan.state is not PlanState.DRAFT:
        return redirect(url_for("plans.detail", public_id=public_id), 303)
    form = Form()
    if not form.validate_on_submit():
        return _page(plan, form, typed_of(plan.document), ())
    tree, do = tree_of(request.form), request.form.get("do", "save")
    if do != "save":
        edit(tree, do, request.form)
        return _page(plan, form, tree, ())
    try:
        with form.refusals(), transaction():
            plan = margin.get_plan(public_id, for_update=True)
            margin.save_draft(
                plan=plan,
                document=document_of(tree, plan.document),
                actor_id=current_person().id,
                at=clock.now(),
            )
    except FaultAt as fault:
        return _page(plan, form, tree, fault.all)
    if form.errors:
        return _page(plan, form, tree, ())
    flash(_("The draft is saved."), "ok")
    return redirect(url_for("plans.edit", public_id=public_id), 303)


def _page(plan: PlanVersion, form: Form, tree: Tree, faults: tuple[FaultAt, ...]) -> Page:
    families = catalogue.list_families()
    curves, odd = ((), ()) if faults else _paid(document_of(tree, plan.document), families)
    said = {one.path: fault_words(one) for one in faults}
    page = render_template(
        "staff/plans/edit.html",
        plan=plan,
        form=form,
        tree=tree,
        said=said,
        places=_places(tree, said),
        curves={curve.component: curve for curve in curves},
        oddities=odd,
        families=families,
        fields=FIELDS,
        schemes=SCHEMES,
        gate_names=GATES,
        tiered=TIERED,
        gate_fields=GATE_FIELDS,
        one_rate=ONE_RATE,
        names=NAMES,
        kind_of=kind_of,
        place_words=place_words,
        family_words=family_words,
    )
    return page, 422 if faults else form.status


def _paid(
    document: dict[str, Any], families: Mapping[str, str]
) -> tuple[tuple[Curve, ...], list[tuple[str, str]]]:
    """What it pays as typed so far, where it can be read."""
    try:
        said = parse_plan(document)
    except FaultAt:
        return (), []
    return curves_of(said), [(one.path, oddity_words(one, families)) for one in oddities(said)]


def _places(tree: Tree, said: dict[str, str]) -> list[tuple[str, str]]:
    """The faults for the summary, each leading to its field or to what surrounds it."""
    known = set(paths_of(tree))
    found = []
    for path, words in said.items():
        place = path
        while place and place not in known:
            place = place[: max(place.rfind("."), place.rfind("["), 0)]
        found.append((place or "plan", words))
    return found
