"""Everybody who may sign in: search, invite, change roles, let go."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import clock, partners, users
from portal.access import current_person, requires
from portal.db import transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.users.models import Role
from portal.web.account import Page
from portal.web.forms import (
    AmountField,
    EmailField,
    Form,
    PhoneField,
    RadioOneField,
    SelectOneField,
    TextField,
    TickField,
)
from portal.web.people import FIRM_ROLES, LANGUAGES, ROLES, SEGMENTS, STAFF_ROLES, STATES

bp = Blueprint("users", __name__, url_prefix="/staff/users")
PAGE = 50


class InviteForm(Form):
    """Somebody to come, on either side."""

    name = TextField(_l("Name"), longest=120)
    email = EmailField(_l("E-mail"))
    phone = PhoneField(_l("Phone"), required=False)
    locale = RadioOneField(_l("Language"), choices=LANGUAGES, default="fr")
    role = RadioOneField(_l("Role"), choices=STAFF_ROLES + FIRM_ROLES, kind=Role)
    partner_code = TextField(_l("Code of the firm"), required=False, longest=7)
    segment = SelectOneField(_l("Segment"), choices=[("", _l("none")), *SEGMENTS], required=False)
    tele = TickField(_l("Sits at the tele-managed desk"))


class RoleForm(Form):
    """What somebody may do."""

    role = RadioOneField(_l("Role"), kind=Role)


@bp.get("")
@requires("user:manage")
def index() -> Page:
    """Find somebody."""
    text = request.args.get("q", "").strip()
    role = request.args.get("role", "")
    page = max(1, request.args.get("page", 1, type=int))
    found, total = users.search_users(
        text, role=Role(role) if role in set(Role) else None, page=page, size=PAGE
    )
    return render_template(
        "staff/users/index.html", people=found, total=total, page=page, pages=-(-total // PAGE), q=text,
        role=role, roles=ROLES, states=STATES,
        link=lambda number: url_for("users.index", q=text, role=role, page=number),
    )  # fmt: skip


@bp.route("/invite", methods=["GET", "POST"])
@requires("user:manage")
def invite() -> Page:
    """Invite somebody of the vendor or of a firm."""
    form = InviteForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            _invite(form)
        if not form.errors:
            flash(_("%(name)s is invited: a mail with a link has left.", name=form.name.data), "ok")
            return redirect(url_for("users.index", q=form.email.data), 303)
    return render_template("staff/users/invite.html", form=form), form.status


def _invite(form: InviteForm) -> None:
    person, role = current_person(), form.role.data
    firm = partners.find_payee(form.partner_code.data) if role.is_partner else None
    users.invite_user(
        email=form.email.data, name=form.name.data, phone=form.phone.data or "", locale=form.locale.data,
        role=role, partner_id=firm.id if firm else None, firm=firm.legal_name if firm else "",
        segment=form.segment.data if role is Role.SEGMENT_LEAD else None,
        tele=form.tele.data and role is Role.PAM,
        actor_id=person.id, actor_name=person.name, at=clock.now(),
    )  # fmt: skip


@bp.route("/<uuid:public_id>", methods=["GET", "POST"])
@requires("user:manage")
def user(public_id: UUID) -> Page:
    """One person: role, invitation, leaving."""
    found = users.get_user(public_id)
    form = RoleForm(data={"role": found.role})
    form.role.choices = FIRM_ROLES if found.role.is_partner else STAFF_ROLES
    if form.validate_on_submit():
        with form.refusals(), transaction():
            users.change_role(user=found, role=form.role.data, actor_id=current_person().id, at=clock.now())
        if not form.errors:
            flash(
                _("The role of %(name)s is changed; their open sessions have ended.", name=found.name), "ok"
            )
            return redirect(url_for("users.index", q=found.email), 303)
    firm = partners.get_payee(found.partner_id) if found.partner_id else None
    page = render_template(
        "staff/users/user.html",
        form=form,
        limit_form=LimitForm(formdata=None, limit=found.approval_limit),
        member=found,
        firm=firm,
        roles=ROLES,
        states=STATES,
    )
    return page, form.status


class LimitForm(Form):
    """What an account manager approves alone."""

    limit = AmountField(_l("Approves alone up to"), required=False)


@bp.post("/<uuid:public_id>/limit")
@requires("user:manage")
def limit(public_id: UUID) -> Response:
    """Give an account manager a lower limit than the programme's, or take it away."""
    found, form = users.get_user(public_id), LimitForm()
    name = found.name
    if form.validate_on_submit():
        with form.refusals(), transaction():
            users.set_approval_limit(
                user=found, limit=form.limit.data, actor_id=current_person().id, at=clock.now()
            )
    return form.done(
        _("The limit of %(name)s is set.", name=name), url_for("users.user", public_id=public_id)
    )


@bp.post("/<uuid:public_id>/leave")
@requires("user:manage")
def leave(public_id: UUID) -> Response:
    """Somebody leaves; their sessions end at once."""
    found = users.get_user(public_id)
    name, form = found.name, Form()
    with form.refusals(), transaction():
        users.deactivate_user(user=found, actor_id=current_person().id, at=clock.now())
    return form.done(
        _("%(name)s can no longer sign in.", name=name), url_for("users.user", public_id=public_id)
    )


@bp.post("/<uuid:public_id>/invite")
@requires("user:manage")
def invite_again(public_id: UUID) -> Response:
    """Send the invitation once more."""
    found, person = users.get_user(public_id), current_person()
    firm = partners.get_payee(found.partner_id).legal_name if found.partner_id else ""
    form = Form()
    with form.refusals(), transaction():
        users.resend_invitation(
            user=found, actor_id=person.id, actor_name=person.name, firm=firm, at=clock.now()
        )
    return form.done(
        _("%(name)s is invited: a mail with a link has left.", name=found.name),
        url_for("users.user", public_id=public_id),
    )
