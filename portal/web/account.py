"""Coming in: sign in and out, invitation, forgotten password, language."""

from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal import clock, mail, users
from portal.access import public
from portal.db import at_the_gate, transaction
from portal.errors import Refused
from portal.i18n import LOCALES
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.users.models import CodePurpose
from portal.web import asking
from portal.web.forms import EmailField, Form, PasswordField
from portal.web.paths import local

bp = Blueprint("account", __name__, url_prefix="/account")
Page = str | Response | tuple[str, int]


class SignInForm(Form):
    """Who one is, and the proof."""

    email = EmailField(_l("E-mail"), render_kw={"autocomplete": "username"})
    password = PasswordField(_l("Password"), render_kw={"autocomplete": "current-password"})


class EmailForm(Form):
    """Whom the way back in is sent to."""

    email = EmailField(_l("E-mail"), render_kw={"autocomplete": "username"})


def new_password(label: Any) -> PasswordField:
    """A field for a password that does not exist yet."""
    return PasswordField(label, render_kw={"autocomplete": "new-password"})


class NewPasswordForm(Form):
    """A new password, twice."""

    password = new_password(_l("New password"))
    again = new_password(_l("The same once more"))

    def validate(self, extra_validators: object = None) -> bool:
        """Both must be the same."""
        if super().validate(extra_validators) and self.password.data != self.again.data:
            self.refuse("again", "passwords_differ")
        return not self.errors


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Page:
    """Sign in, then go where one was going."""
    target = local(request.values.get("next"))
    if g.person:
        return redirect(target or "/", 303)
    form = SignInForm()
    if form.validate_on_submit():
        token = asking.sign_in(form.email.data, form.password.data)
        if token:
            return welcome(token, target)
        form.refuse("", "sign_in_refused")
    return render_template("account/sign_in.html", form=form, target=target), form.status


def welcome(token: str, target: str | None = None) -> Response:
    """Let somebody in: a new session, and none of the old page tokens."""
    session.clear()
    return asking.hand_over(redirect(target or "/", 303), token)


@bp.post("/sign-out")
@public
def sign_out() -> Response:
    """End this session at once, here and in the database."""
    with at_the_gate(), transaction():
        users.sign_out(token=asking.presented_token(), at=clock.real_now())
    session.clear()
    flash(_("You are signed out."), "ok")
    return asking.hand_over(redirect(url_for("account.sign_in"), 303), "")


@bp.route("/invitation/<code>", methods=["GET", "POST"])
@public
def invitation(code: str) -> Page:
    """Come in for the first time: choose a password."""
    return _by_code(code, CodePurpose.INVITATION)


@bp.route("/reset/<code>", methods=["GET", "POST"])
@public
def reset(code: str) -> Page:
    """Come back in after a forgotten password."""
    return _by_code(code, CodePurpose.RESET)


def _by_code(code: str, purpose: CodePurpose) -> Page:
    with at_the_gate():
        owner = users.find_code_owner(code, purpose, at=clock.real_now())
    if owner is None:
        return render_template("account/spent.html", form=EmailForm(formdata=None)), 410
    form = NewPasswordForm()
    if form.validate_on_submit():
        use = users.accept_invitation if purpose is CodePurpose.INVITATION else users.complete_reset
        agent = request.user_agent.string
        with form.refusals(), at_the_gate(), transaction():
            token = use(code=code, password=form.password.data, at=clock.real_now(), user_agent=agent)
        if not form.errors:
            return welcome(token)
    page = render_template("account/password.html", form=form, owner=owner, purpose=purpose)
    return page, form.status


@bp.route("/reset", methods=["GET", "POST"])
@public
def request_reset() -> Page:
    """Ask for the way back in; the answer never tells whether the address is somebody's."""
    form = EmailForm()
    if form.validate_on_submit():
        with at_the_gate(), transaction():
            users.request_reset(email=form.email.data, at=clock.now())
        return render_template("account/reset_sent.html", email=form.email.data)
    return render_template("account/reset.html", form=form), form.status


@bp.post("/locale")
@public
def locale() -> Response:
    """Read in this language from now on."""
    chosen = request.form.get("locale", "")
    if chosen not in LOCALES:
        raise Refused("not_a_choice")
    if g.person:
        with at_the_gate(), transaction():
            users.change_locale(user_id=g.person.id, locale=chosen)
    response = redirect(local(request.form.get("next")) or "/", 303)
    response.set_cookie("locale", chosen, max_age=31_536_000, samesite="Lax", httponly=True)
    return response


@bp.get("/unsubscribe/<token>")
@public
def unsubscribe(token: str) -> Page:
    """Ask before ending a topic: mail scanners open links."""
    found = mail.read_unsubscribe(token, secret=current_app.config["SECRET_KEY"])
    return render_template("account/unsubscribe.html", topic=found and found[1], token=token), (
        200 if found else 404
    )


@bp.post("/unsubscribe/<token>")
@public
def unsubscribe_now(token: str) -> Page:
    """End a topic for the person whom the letter was for, by a press or by a mail program (RFC 8058)."""
    found = mail.read_unsubscribe(token, secret=current_app.config["SECRET_KEY"])
    if found is None:
        return render_template("account/unsubscribe.html", topic=None, token=token), 404
    user_id, topic = found
    with at_the_gate(), transaction():
        mail.choose(user_id=user_id, wishes={topic: False}, at=clock.now())
    return render_template("account/unsubscribe.html", topic=topic, token=token, done=True)
