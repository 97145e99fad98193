"""A PAM's partners, how each stands and who needs a call; absences; the load of every PAM."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for

from portal import clock, periods, portfolio
from portal.access import Person, current_person, requires
from portal.db import AnyRow, transaction
from portal.errors import NotFound
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.users.models import Role
from portal.web.account import Page
from portal.web.forms import DayField, Form, SelectOneField
from portal.web.partner_words import COVERAGES
from portal.web.staff.followed import list_followed

bp = Blueprint("portfolio", __name__, url_prefix="/staff/portfolio")


class AbsenceForm(Form):
    """Days away and who answers."""

    deputy = SelectOneField(_l("Who answers for you"))
    starts_on = DayField(_l("First day away"))
    last_day = DayField(_l("Last day away"))

    def offer(self, person: Person) -> "AbsenceForm":
        """With the other PAMs."""
        others = [(str(row.id), row.name) for row in portfolio.list_pams() if row.id != person.id]
        self.deputy.choices = [("", _("choose")), *others]
        return self


@bp.get("")
@requires("portfolio:read")
def index() -> Page:
    """One's own portfolio; the load of every PAM for those who look after them."""
    person = current_person()
    if person.role is Role.PAM:
        return _own(person, AbsenceForm(formdata=None).offer(person))
    loads = portfolio.list_loads(clock.today())
    return render_template("staff/portfolio/loads.html", loads=loads, one_day=timedelta(days=1))


@bp.get("/<uuid:pam>")
@requires("portfolio:read")
def of_pam(pam: UUID) -> Page:
    """The portfolio of one PAM, for those who look after them."""
    person = current_person()
    if person.role is Role.PAM and pam != person.public_id:
        raise NotFound
    return _shown(_pam(pam))


@bp.post("/absence")
@requires("portfolio:absence")
def set_absence() -> Page:
    """Be away; the deputy answers."""
    person = current_person()
    form = AbsenceForm().offer(person)
    if person.role is not Role.PAM:
        raise NotFound
    if form.validate_on_submit():
        with form.refusals(), transaction():
            portfolio.set_absence(
                pam_id=person.id, deputy_id=int(form.deputy.data or 0), starts_on=form.starts_on.data,
                last_day=form.last_day.data, actor_id=person.id, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            flash(_("Your absence is set: your partners see who answers meanwhile."), "ok")
            return redirect(url_for("portfolio.index"), 303)
    return _own(person, form)


@bp.post("/absence/<int:delegation>/end")
@requires("portfolio:absence")
def end_absence(delegation: int) -> Page:
    """Be back, or not go."""
    person = current_person()
    with transaction():
        portfolio.end_absence(delegation_id=delegation, pam_id=person.id, actor_id=person.id, at=clock.now())
    flash(_("Your absence is over: your partners see you again."), "ok")
    return redirect(url_for("portfolio.index"), 303)


def _pam(public_id: UUID) -> AnyRow:
    for row in portfolio.list_pams():
        if row.public_id == public_id:
            return row
    raise NotFound


def _own(person: Person, form: AbsenceForm) -> Page:
    absences = portfolio.list_delegations(person.id, clock.today())
    return _shown(_pam(person.public_id), form=form, absences=absences), form.status


def _shown(pam: AnyRow, **own: object) -> str:
    on = clock.today()
    period = periods.current_period(on)
    rows = list_followed(pam.id, period, on)
    return render_template(
        "staff/portfolio/index.html", pam=pam, period=period, on=on, rows=rows, coverages=COVERAGES,
        one_day=timedelta(days=1), **own,
    )  # fmt: skip
