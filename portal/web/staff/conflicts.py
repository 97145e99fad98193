"""Conflicts for the lead: what is suspected, what is open, both declarations side by side, the exits."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import catalogue, clock, conflicts
from portal.access import allowed, current_person, requires
from portal.claims import ProjectRole
from portal.conflicts import Conflict, ConflictState, Side
from portal.db import transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.web import layout
from portal.web.account import Page
from portal.web.claim_words import ROLES
from portal.web.conflict_words import CAUSES, OUTCOMES, POLICIES, STATES
from portal.web.fields import Fault, read_amount
from portal.web.forms import Form, LongTextField
from portal.web.words import words

bp = Blueprint("conflicts", __name__, url_prefix="/staff/conflicts")


class ExitForm(Form):
    """Reasons that both firms read; shares and roles are read from the names of their sides."""

    reasons = LongTextField(_l("Reasons, which both firms read"), longest=2000, required=False)

    def shares(self, sides: list[Side]) -> dict[int, Decimal]:
        """The part of each side, typed as a percentage."""
        found = {}
        for side in sides:
            name = f"share-{side.party.id}"
            try:
                found[side.party.id] = read_amount(request.form.get(name, "")) / 100
            except Fault as fault:
                self.refused[name] = str(fault)
        return found

    def refuse(self, place: str, code: str, **params: Any) -> None:
        """Beside the field, or the field of a side, that the domain names."""
        if place and place not in self:
            self.refused[place] = words(code, **params)
        else:
            super().refuse(place, code, **params)

    @property
    def refused(self) -> dict[str, str]:
        """What is wrong in the fields named after a side."""
        return self.__dict__.setdefault("_refused", {})


@bp.get("")
@requires("conflict:read")
def index() -> Page:
    """What waits, the oldest first, and what ended lately."""
    return render_template(
        "staff/conflicts/index.html", waiting=conflicts.list_conflicts(),
        ended=conflicts.list_conflicts(settled=True, limit=20), causes=CAUSES, states=STATES,
        outcomes=OUTCOMES, families=catalogue.list_families(),
    )  # fmt: skip


@bp.get("/<uuid:public_id>")
@requires("conflict:read")
def detail(public_id: UUID) -> Page:
    """Both declarations side by side, and how the conflict may end."""
    return page_of(conflicts.get_conflict(public_id), ExitForm(formdata=None))


def page_of(conflict: Conflict, form: ExitForm) -> Page:
    """The page of a conflict, with what was typed where something is wrong."""
    person, sides = current_person(), conflicts.sides_of(conflict)
    barred = any(conflicts.has_decided(side, person.id) for side in sides)
    page = render_template(
        "staff/conflicts/detail.html", conflict=conflict, sides=sides, form=form, causes=CAUSES,
        states=STATES, outcomes=OUTCOMES, policies=POLICIES, policy=conflicts.policy_of(conflict.id),
        families=catalogue.list_families(), roles=ROLES, ConflictState=ConflictState,
        kinds={code: kind.label for code, kind in catalogue.list_evidence_types().items()},
        settling=allowed("conflict:settle", partner_id=None) and not barred, barred=barred,
        typed=request.form, on=clock.today(),
    )  # fmt: skip
    return page, 422 if form.refused else form.status


@bp.post("/<uuid:public_id>/confirm")
@requires("conflict:settle")
def confirm(public_id: UUID) -> Response:
    """These are one project: both firms are told."""
    with transaction():
        conflict = conflicts.get_conflict(public_id, for_update=True)
        conflicts.confirm_suspicion(conflict=conflict, actor_id=current_person().id, at=clock.now())
    flash(_("The conflict is open; both firms are told the same thing."), "ok")
    return redirect(url_for("conflicts.detail", public_id=public_id), 303)


@bp.post("/<uuid:public_id>/dismiss")
@requires("conflict:settle")
def dismiss(public_id: UUID) -> Page | Response:
    """These are different projects: nobody is told anything."""
    form = ExitForm()
    if form.validate_on_submit():
        with transaction():
            conflicts.dismiss_suspicion(
                conflict=conflicts.get_conflict(public_id, for_update=True), reasons=form.reasons.data,
                actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
        flash(_("Put aside: nobody was told anything, and it will not be suspected again."), "ok")
        return redirect(url_for("conflicts.index"), 303)
    return page_of(conflicts.get_conflict(public_id), form)


@bp.post("/<uuid:public_id>/<any(unfounded, roles, offer, rule, arbitrate):way>")
@requires("conflict:settle")
def settle(public_id: UUID, way: str) -> Page | Response:
    """One of the exits."""
    form = ExitForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            conflict = conflicts.get_conflict(public_id, for_update=True)
            given = _given(form, conflict, way)
            if not form.refused:
                _SETTLE[way](conflict=conflict, actor_id=current_person().id, at=clock.now(), **given)
        if not form.errors and not form.refused:
            flash(str(_DONE[way]), "ok")
            return redirect(url_for("conflicts.detail", public_id=public_id), 303)
    return page_of(conflicts.get_conflict(public_id), form)


def _given(form: ExitForm, conflict: Conflict, way: str) -> dict[str, Any]:
    sides, reasons = conflicts.sides_of(conflict), {"reasons": form.reasons.data}
    if way == "roles":
        roles = {side.party.id: request.form.getlist(f"roles-{side.party.id}") for side in sides}
        known = set(ProjectRole)
        return {
            "roles": {key: [one for one in held if one in known] for key, held in roles.items()},
            **reasons,
        }
    if way == "offer":
        return {"shares": form.shares(sides)}
    if way == "arbitrate":
        return {"shares": form.shares(sides), **reasons}
    return reasons if way == "unfounded" else {}


_SETTLE: dict[str, Any] = {
    "unfounded": conflicts.find_unfounded,
    "roles": conflicts.part_roles,
    "offer": conflicts.offer_split,
    "rule": conflicts.apply_rule,
    "arbitrate": conflicts.arbitrate,
}
_DONE: dict[str, Any] = {
    "unfounded": _l("Settled: both claims go on as they were."),
    "roles": _l("Settled: each claim goes on with its roles."),
    "offer": _l("The split is proposed; each firm reads its own part and signs or declines."),
    "rule": _l("Settled by the published rule; both firms are told."),
    "arbitrate": _l("Settled by arbitration; both firms read your reasons."),
}


def _waiting() -> int:
    """What the place in the header counts."""
    return conflicts.count_waiting()


layout.COUNTS["conflicts.index"] = _waiting
