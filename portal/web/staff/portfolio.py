"""A PAM's partners, how each stands and who needs a call; absences; the load of every PAM."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal import claims, clock, handover, periods, portfolio
from portal.access import Person, allowed, current_person, requires
from portal.db import AnyRow, transaction
from portal.errors import NotFound
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.i18n import ngettext
from portal.users.models import Role
from portal.web.account import Page
from portal.web.forms import DayField, Form, SelectOneField, TextField, TicksField
from portal.web.partner_words import COVERAGES
from portal.web.staff.followed import list_followed
from portal.web.words import words

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
    on = clock.today()
    return render_template(
        "staff/portfolio/loads.html", loads=portfolio.list_loads(on), clocks=claims.clocks_by_pam(on),
        idle=claims.Clocks(), one_day=timedelta(days=1),
        may_assign=allowed("portfolio:assign", partner_id=None),
    )  # fmt: skip


@bp.get("/<uuid:pam>")
@requires("portfolio:read")
def of_pam(pam: UUID) -> Page:
    """The portfolio of one PAM, for those who look after them."""
    person = current_person()
    if person.role is Role.PAM and pam != person.public_id:
        raise NotFound
    return _shown(_pam(pam))


class BulkForm(Form):
    """Several partners, or all, to another PAM from a day on."""

    partners = TicksField(_l("Partners"))
    pam = SelectOneField(_l("New PAM"))
    starts_on = DayField(_l("From"))
    reason = TextField(_l("Reason, told to the firms and to both PAMs"), longest=300)

    def offer(self, leaving: AnyRow, followed: Sequence[AnyRow]) -> "BulkForm":
        """With the partners followed today and the other PAMs."""
        self.partners.choices = [(str(row.id), f"{row.legal_name} ({row.code})") for row in followed]
        others = [(str(row.id), row.name) for row in portfolio.list_pams() if row.id != leaving.id]
        self.pam.choices = [("", _("choose")), *others]
        return self


@bp.route("/<uuid:pam>/hand-over", methods=["GET", "POST"])
@requires("portfolio:assign")
def hand_over(pam: UUID) -> Page:
    """Hand some of a PAM's partners over, or all; each is checked alone."""
    leaving, on = _pam(pam), clock.today()
    followed = portfolio.list_followed(leaving.id, on)
    form = BulkForm(data={"partners": [str(row.id) for row in followed], "starts_on": on})
    form.offer(leaving, followed)
    if form.validate_on_submit():
        with form.refusals(), transaction():
            done, refusals = portfolio.hand_over_portfolio(
                partner_ids=[int(one) for one in form.partners.data], pam_id=int(form.pam.data or 0),
                starts_on=form.starts_on.data, reason=form.reason.data,
                actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            return _handed_over(pam, done, refusals)
    page = render_template("staff/portfolio/hand_over.html", pam=leaving, form=form, followed=followed)
    return page, form.status


def _handed_over(pam: UUID, done: int, refusals: Sequence[portfolio.Refusal]) -> Page:
    for one in refusals[:10]:
        flash(f"{one.name} ({one.code}) : {words(one.why)}", "stop")
    if done:
        said = ngettext("%(num)s partner is handed over.", "%(num)s partners are handed over.", done)
        flash(f"{said} {_('The firms and both PAMs get a mail; the handover note is being made.')}", "ok")
    return redirect(url_for("portfolio.of_pam", pam=pam), 303)


@bp.post("/<uuid:pam>/note")
@requires("handover_note:make")
def make_note(pam: UUID) -> Response:
    """A note of everything this PAM follows today."""
    person, found, form = current_person(), _pam(pam), Form()
    if person.role is Role.PAM and pam != person.public_id:
        raise NotFound
    made = None
    with form.refusals(), transaction():
        made = handover.renew_note(pam_id=found.id, on=clock.today(), actor_id=person.id, at=clock.now())
    url = url_for("handovers.note", public_id=made) if made else url_for("portfolio.of_pam", pam=pam)
    return form.done(_("The note is being written."), url)


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
        one_day=timedelta(days=1), notes=handover.list_notes(pam_id=pam.id, most=5), **own,
    )  # fmt: skip
