"""What one sees and changes of oneself: details, password, sessions."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal import clock, mail, users
from portal.access import current_person, requires
from portal.db import at_the_gate, transaction
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.mail import Topic
from portal.web import asking
from portal.web.account import NewPasswordForm, Page, new_password
from portal.web.browsers import browser_name
from portal.web.forms import Form, PasswordField, PhoneField, RadioOneField, TextField, TickField
from portal.web.people import LANGUAGES

bp = Blueprint("profile", __name__, url_prefix="/account")


class ProfileForm(Form):
    """How one is named, reached and spoken to."""

    name = TextField(_l("Name"), longest=120, render_kw={"autocomplete": "name"})
    phone = PhoneField(_l("Phone"), required=False, render_kw={"autocomplete": "tel"})
    locale = RadioOneField(_l("Language"), choices=LANGUAGES)


class LettersForm(Form):
    """Which letters one wants."""

    digests = TickField(
        _l("Digests: what waits, every working morning for account managers, monthly for firms")
    )
    reminders = TickField(_l("Reminders: a question that lapses soon"))


class ChangePasswordForm(NewPasswordForm):
    """The current password, then the new one."""

    current = PasswordField(_l("Current password"), render_kw={"autocomplete": "current-password"})
    password = new_password(_l("New password"))
    again = new_password(_l("The same once more"))


@bp.route("/profile", methods=["GET", "POST"])
@requires("account:manage")
def index() -> Page:
    """My details and my open sessions."""
    person = current_person()
    with at_the_gate():
        user = users.get_user(person.public_id)
        sessions = users.list_sessions(person.id, at=clock.real_now())
        form = ProfileForm(data={"name": user.name, "phone": user.phone or None, "locale": user.locale})
    if form.validate_on_submit():
        with form.refusals(), at_the_gate(), transaction():
            users.update_profile(
                user_id=person.id, name=form.name.data, phone=form.phone.data or "", locale=form.locale.data,
                at=clock.now(),
            )  # fmt: skip
        flash(_("Your details are saved."), "ok")
        return redirect(url_for("profile.index"), 303)
    letters = LettersForm(formdata=None, data=mail.wanted(person.id)).apart("letters")
    page = render_template(
        "account/profile.html", form=form, letters=letters, sessions=sessions, browser_name=browser_name
    )
    return page, form.status


@bp.post("/letters")
@requires("account:manage")
def letters() -> Response:
    """Which letters I want; statements, decisions and security ask nobody."""
    form = LettersForm()
    wishes = {Topic.DIGESTS: bool(form.digests.data), Topic.REMINDERS: bool(form.reminders.data)}
    if form.is_submitted():
        with form.refusals(), transaction():
            mail.choose(user_id=current_person().id, wishes=wishes, at=clock.now())
    return form.done(_("Your letters are chosen."), url_for("profile.index"))


@bp.route("/password", methods=["GET", "POST"])
@requires("account:manage")
def password() -> Page:
    """Change my password; every other session ends."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        with form.refusals(), at_the_gate(), transaction():
            token = users.change_password(
                user_id=current_person().id, current=form.current.data, password=form.password.data,
                at=clock.real_now(), user_agent=request.user_agent.string,
            )  # fmt: skip
        if not form.errors and token is None:
            form.refuse("current", "password_wrong")
        if not form.errors and token:
            session.clear()
            flash(_("Your password is changed. Your other sessions have ended."), "ok")
            return asking.hand_over(redirect(url_for("profile.index"), 303), token)
    return render_template("account/change_password.html", form=form), form.status


@bp.post("/sessions/end")
@requires("account:manage")
def end_sessions() -> Response:
    """Sign out everywhere else."""
    with at_the_gate(), transaction():
        users.revoke_other_sessions(
            user_id=current_person().id, token=asking.presented_token(), at=clock.real_now()
        )
    flash(_("Your other sessions have ended."), "ok")
    return redirect(url_for("profile.index"), 303)
