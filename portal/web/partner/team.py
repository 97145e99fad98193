"""The firm's people, and how it is paid."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import clock, partners, users
from portal.access import allow, allowed, current_person, requires
from portal.db import transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.users.models import Role, User
from portal.web.account import Page
from portal.web.forms import EmailField, Form, RadioOneField, TextField, TickField
from portal.web.people import FIRM_ROLES, LANGUAGES, ROLES, STATES

bp = Blueprint("team", __name__, url_prefix="/team")


class InviteForm(Form):
    """A colleague to come."""

    name = TextField(_l("Name"), longest=120)
    email = EmailField(_l("E-mail"))
    role = RadioOneField(_l("Role"), choices=FIRM_ROLES, kind=Role, default=Role.PARTNER_MEMBER)
    locale = RadioOneField(_l("Language"), choices=LANGUAGES, default="fr")


class RoleForm(Form):
    """What a colleague may do."""

    role = RadioOneField(_l("Role"), choices=FIRM_ROLES, kind=Role)


class IbanField(TextField):
    """An IBAN, shown in groups of four as banks do."""

    def _value(self) -> str:
        text = (self.data or "").replace(" ", "")
        return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


class BillingForm(Form):
    """Where the money goes and how statements arrive."""

    iban = IbanField(
        _l("IBAN"), required=False, longest=50, render_kw={"autocomplete": "off", "spellcheck": "false"}
    )
    vat_number = TextField(_l("VAT number"), required=False, longest=30, render_kw={"autocomplete": "off"})
    self_billing = TickField(_l("The vendor writes our invoices (self-billing)"))
    delivery = RadioOneField(
        _l("Statements by mail"),
        choices=[("attach", _l("the PDF attached")), ("link", _l("a link to the portal"))],
        default="attach",
    )


class ContactForm(Form):
    """Somebody who receives the statements."""

    name = TextField(_l("Name"), longest=120)
    email = EmailField(_l("E-mail"))
    locale = RadioOneField(_l("Language"), choices=LANGUAGES, default="fr")


def own_firm() -> int:
    """The firm of whoever is signed in; these pages are for firms only."""
    partner_id = current_person().partner_id
    assert partner_id is not None
    return partner_id


@bp.get("")
@requires("team:read")
def index() -> Page:
    """Who is in the team, how the firm is paid, who receives its statements."""
    firm = own_firm()
    return render_template(
        "partner/team/index.html",
        members=users.list_colleagues(firm),
        profile=partners.find_billing_profile(firm),
        bank_change=partners.find_open_bank_change(firm),
        on=clock.today(),
        contacts=partners.list_billing_contacts(firm),
        manages=allowed("team:manage", partner_id=firm),
        roles=ROLES,
        states=STATES,
    )


@bp.route("/invite", methods=["GET", "POST"])
@requires("team:manage")
def invite() -> Page:
    """Invite a colleague."""
    person, firm = current_person(), own_firm()
    form = InviteForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            users.invite_user(
                email=form.email.data, name=form.name.data, role=form.role.data, partner_id=firm,
                firm=partners.get_payee(firm).legal_name, locale=form.locale.data, actor_id=person.id,
                actor_name=person.name, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            flash(_("%(name)s is invited: a mail with a link has left.", name=form.name.data), "ok")
            return redirect(url_for("team.index"), 303)
    return render_template("partner/team/invite.html", form=form), form.status


def colleague(public_id: UUID) -> User:
    """Somebody of one's own firm; staff and other firms' people are not found here."""
    user = users.get_user(public_id)
    allow("team:manage", partner_id=user.partner_id, reading="team:read")
    return user


@bp.route("/<uuid:public_id>", methods=["GET", "POST"])
@requires("team:manage")
def member(public_id: UUID) -> Page:
    """One colleague: role, invitation, leaving."""
    user = colleague(public_id)
    form = RoleForm(data={"role": user.role})
    if form.validate_on_submit():
        with form.refusals(), transaction():
            users.change_role(user=user, role=form.role.data, actor_id=current_person().id, at=clock.now())
        if not form.errors:
            flash(_("The role of %(name)s is changed; their open sessions have ended.", name=user.name), "ok")
            return redirect(url_for("team.index"), 303)
    page = render_template("partner/team/member.html", form=form, member=user, roles=ROLES, states=STATES)
    return page, form.status


@bp.post("/<uuid:public_id>/leave")
@requires("team:manage")
def leave(public_id: UUID) -> Response:
    """A colleague leaves; their sessions end at once."""
    user = colleague(public_id)
    name, form = user.name, Form()
    with form.refusals(), transaction():
        users.deactivate_user(user=user, actor_id=current_person().id, at=clock.now())
    return form.done(_("%(name)s can no longer sign in.", name=name), url_for("team.index"))


@bp.post("/<uuid:public_id>/invite")
@requires("team:manage")
def invite_again(public_id: UUID) -> Response:
    """Send the invitation once more."""
    user, person = colleague(public_id), current_person()
    firm = partners.get_payee(own_firm()).legal_name
    form = Form()
    with form.refusals(), transaction():
        users.resend_invitation(
            user=user, actor_id=person.id, actor_name=person.name, firm=firm, at=clock.now()
        )
    return form.done(
        _("%(name)s is invited: a mail with a link has left.", name=user.name), url_for("team.index")
    )


@bp.route("/billing", methods=["GET", "POST"])
@requires("billing:manage")
def billing() -> Page:
    """How the firm is paid."""
    firm = own_firm()
    profile = partners.find_billing_profile(firm)
    form = BillingForm(obj=profile, self_billing=bool(profile and profile.self_billing_agreed_on))
    if form.validate_on_submit():
        with form.refusals(), transaction():
            partners.save_billing_profile(
                partner_id=firm, iban=form.iban.data, vat_number=form.vat_number.data,
                delivery=form.delivery.data, self_billing=form.self_billing.data,
                actor_id=current_person().id, at=clock.now(), on=clock.today(),
            )  # fmt: skip
        if not form.errors:
            flash(_("The billing profile is saved."), "ok")
            if partners.find_open_bank_change(firm) is not None:
                flash(
                    _("The new bank account is used once the vendor has confirmed it with you by telephone."),
                    "info",
                )
            return redirect(url_for("team.index"), 303)
    return render_template("partner/team/billing.html", form=form), form.status


@bp.route("/contacts", methods=["GET", "POST"])
@requires("billing:manage")
def add_contact() -> Page:
    """Send statements to somebody more."""
    form = ContactForm()
    if form.validate_on_submit():
        with form.refusals(), transaction():
            partners.add_billing_contact(
                partner_id=own_firm(), email=form.email.data, name=form.name.data, locale=form.locale.data,
                actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            flash(_("Statements will be mailed to %(email)s as well.", email=form.email.data), "ok")
            return redirect(url_for("team.index"), 303)
    return render_template("partner/team/contact.html", form=form), form.status


@bp.post("/contacts/remove")
@requires("billing:manage")
def remove_contact() -> Response:
    """Send statements to somebody no longer."""
    email = request.form.get("email", "")
    with transaction():
        partners.remove_billing_contact(
            partner_id=own_firm(), email=email, actor_id=current_person().id, at=clock.now()
        )
    flash(_("Statements are no longer mailed to %(email)s.", email=email), "ok")
    return redirect(url_for("team.index"), 303)
