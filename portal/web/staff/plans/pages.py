"""Plans in words, with what they pay, and the steps of their life."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal import catalogue, clock, conflicts, margin, periods, planning
from portal.access import allowed, current_person, requires
from portal.conflicts import ConflictPolicy
from portal.db import transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.margin.curves import curves_of
from portal.margin.differences import changes_between
from portal.margin.engine import oddities, parse_plan
from portal.margin.models import PlanState, PlanVersion
from portal.partners import Segment
from portal.web.account import Page
from portal.web.conflict_words import POLICIES
from portal.web.forms import Form, LongTextField, SelectOneField, TextField
from portal.web.people import SEGMENTS
from portal.web.plan_faults import oddity_words, place_words
from portal.web.plan_words import NAMES, SCHEMES, STATES, change_words, gate_words
from portal.web.staff.plans.door import bp
from portal.web.staff.plans.simulations import never_passed


class ReasonForm(Form):
    """Why a plan is sent back, or changed."""

    reason = LongTextField(_l("Reason"), longest=500)


class ConflictForm(Form):
    """By which rule the claims of this plan are parted where firms do not agree."""

    policy = SelectOneField(
        _l("Where firms claim one project and do not agree"), choices=list(POLICIES.items())
    )


class PublishForm(Form):
    """The plan as it was read when it was decided upon."""

    seen = TextField(longest=40)


class BeginForm(Form):
    """A segment and an open period that have no plan together."""

    place = SelectOneField(_l("Segment and period"))

    def offer(self) -> "BeginForm":
        """With the places that are free."""
        segments = dict(SEGMENTS)
        free = [
            (f"{period.code} {segment}", f"{segments[Segment(segment)]} · {period.code}")
            for period, segment in margin.list_free_places()
        ]
        self.place.choices = [("", _("choose")), *free]
        return self


@bp.route("/begin", methods=["GET", "POST"])
@requires("plan:write")
def begin() -> Page:
    """Begin a plan from nothing."""
    form = BeginForm().offer()
    if form.validate_on_submit():
        code, segment = str(form.place.data).split()
        with form.refusals(), transaction():
            made = margin.begin_plan(
                segment=segment, period=periods.get_period(code), actor_id=current_person().id, at=clock.now()
            ).public_id
        if not form.errors:
            return redirect(url_for("plans.edit", public_id=made), 303)
    return render_template("staff/plans/begin.html", form=form), form.status


@bp.get("")
@requires("plan:read")
def index() -> Page:
    """Every plan, the latest period first."""
    return render_template(
        "staff/plans/index.html",
        plans=margin.list_plans(),
        states=STATES,
        segments=dict(SEGMENTS),
        writes=allowed("plan:write", partner_id=None),
    )


@bp.get("/<uuid:public_id>")
@requires("plan:read")
def detail(public_id: UUID) -> Page:
    """One version in words, what each component pays, and what differs from the version before."""
    return _page(margin.get_plan(public_id), ReasonForm())


def _page(plan: PlanVersion, form: Form, conflict: ConflictForm | None = None) -> Page:
    said = parse_plan(plan.document)
    person = current_person()
    may_read = allowed("simulation:read", partner_id=None)
    simulations = planning.list_simulations(plan.id) if may_read else ()
    families = catalogue.list_families()
    policy = conflicts.list_policies([plan.code]).get(plan.code, ConflictPolicy.BEST_EVIDENCE)
    rules = allowed("conflict:policy", partner_id=None) and plan.state is not PlanState.PUBLISHED
    page = render_template(
        "staff/plans/detail.html",
        plan=plan,
        said=said,
        form=form,
        states=STATES,
        schemes=SCHEMES,
        families=families,
        segments=dict(SEGMENTS),
        curves=curves_of(said),
        gate_words=gate_words,
        oddities=[(one.path, oddity_words(one, families)) for one in oddities(said)],
        versions=margin.list_versions(plan.code),
        changes=_changes(plan, families),
        writes=allowed("plan:write", partner_id=None),
        publishes=allowed("plan:publish", partner_id=None) and plan.written_by_id != person.id,
        simulates=allowed("plan:simulate", partner_id=None),
        simulations=simulations,
        never_passed=never_passed(simulations),
        periods=[one.code for one in periods.list_periods() if one.starts_on <= clock.today()],
        own=plan.written_by_id == person.id,
        PlanState=PlanState,
        names=NAMES,
        place_words=place_words,
        policy=POLICIES[policy],
        conflict=conflict or (ConflictForm(formdata=None, data={"policy": policy.value}) if rules else None),
    )
    return page, max(form.status, conflict.status if conflict else 200)


def _changes(plan: PlanVersion, families: Mapping[str, str]) -> list[tuple[str | None, str]] | None:
    """By component, what differs from the version before; none for a first version."""
    before = margin.find_version(plan.code, plan.version - 1)
    if before is None:
        return None
    found = changes_between(parse_plan(before.document), parse_plan(plan.document))
    return [(change.of, change_words(change, families)) for change in found]


@bp.post("/<uuid:public_id>/conflict-policy")
@requires("conflict:policy")
def set_conflict_policy(public_id: UUID) -> Page | Response:
    """Say how conflicts of this plan's claims are settled."""
    form = ConflictForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            conflicts.set_policy(
                plan=margin.get_plan(public_id), policy=ConflictPolicy(form.policy.data),
                actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            flash(_("The rule of conflicts is kept."), "ok")
            return redirect(url_for("plans.detail", public_id=public_id), 303)
    return _page(margin.get_plan(public_id), ReasonForm(formdata=None), form)


@bp.post("/<uuid:public_id>/propose")
@requires("plan:write")
def propose(public_id: UUID) -> Response:
    """Put a draft forward."""
    form = Form()
    with form.refusals(), transaction():
        plan = margin.get_plan(public_id, for_update=True)
        margin.propose_plan(plan=plan, actor_id=current_person().id, at=clock.now())
    return form.done(_("The plan is proposed. Another person publishes it."), _url(public_id))


@bp.post("/<uuid:public_id>/publish")
@requires("plan:publish")
def publish(public_id: UUID) -> Response:
    """Let it apply."""
    form = PublishForm()
    form.validate()
    with form.refusals(), transaction():
        plan = margin.get_plan(public_id, for_update=True)
        margin.publish_plan(
            plan=plan, seen_at=_instant(form.seen.data), actor_id=current_person().id, at=clock.now()
        )
    return form.done(_("The plan is published. It can no longer change."), _url(public_id))


def _instant(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


@bp.post("/<uuid:public_id>/return")
@requires("plan:publish")
def send_back(public_id: UUID) -> Page:
    """Send it back to its writer."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            plan = margin.get_plan(public_id, for_update=True)
            margin.return_plan(
                plan=plan, reason=form.reason.data, actor_id=current_person().id, at=clock.now()
            )
        if not form.errors:
            flash(_("The plan is a draft again."), "ok")
            return redirect(_url(public_id), 303)
    return _page(margin.get_plan(public_id), form)


@bp.post("/<uuid:public_id>/new-version")
@requires("plan:write")
def new_version(public_id: UUID) -> Page:
    """Begin the next version of a published plan, and say why."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            draft = margin.new_version(
                plan=margin.get_plan(public_id),
                reason=form.reason.data,
                actor_id=current_person().id,
                at=clock.now(),
            )
            made = draft.public_id
        if not form.errors:
            flash(_("Version %(number)s is a draft: change what must change.", number=draft.version), "ok")
            return redirect(url_for("plans.edit", public_id=made), 303)
    return _page(margin.get_plan(public_id), form)


def _url(public_id: UUID) -> str:
    return url_for("plans.detail", public_id=public_id)
