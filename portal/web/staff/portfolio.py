"""A PAM's partners, how each stands and who needs a call; absences; the load of every PAM."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal import claims, clock, handover, periods, portfolio
from portal.access import allowed, current_person, requires
from portal.db import AnyRow, transaction
from portal.errors import NotFound
from portal.i18n import format_date, ngettext
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.users.models import Role
from portal.web.account import Page
from portal.web.forms import DayField, Form, SelectOneField, TextField, TicksField
from portal.web.partner_words import COVERAGES
from portal.web.staff.followed import list_followed
from portal.web.words import words

bp = Blueprint("portfolio", __name__, url_prefix="/staff/portfolio")


class AbsenceForm(Form):
    """Days away and who answers."""

    deputy = SelectOneField(_l("Who answers meanwhile"))
    starts_on = DayField(_l("First day away"))
    last_day = DayField(_l("Last day away"))

    def offer(self, away: AnyRow) -> "AbsenceForm":
        """With the other PAMs."""
        others = [(str(row.id), row.name) for row in portfolio.list_pams() if row.id != away.id]
        self.deputy.choices = [("", _("choose")), *others]
        return self


@bp.get("")
@requires("portfolio:read")
def index() -> Page:
    """One's own portfolio; the load of every PAM for those who look after them."""
    person = current_person()
    if person.role is Role.PAM:
        return _shown(_pam(person.public_id))
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
    return _shown(_own_or_led(pam))


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
            return _handed_over(pam, form.starts_on.data, done, refusals)
    page = render_template(
        "staff/portfolio/hand_over.html", pam=leaving, form=form, followed=followed,
        dated=_dated(followed, on),
    )  # fmt: skip
    return page, form.status


def _dated(followed: Sequence[AnyRow], on: date) -> dict[str, str]:
    """Partner → the handover that is dated already."""
    cards = portfolio.pam_of([row.id for row in followed], on)
    return {
        str(key): _("already goes to %(pam)s on %(day)s", pam=card.next_pam, day=format_date(card.next_on))
        for key, card in cards.items()
        if card.next_on
    }


def _handed_over(pam: UUID, starts_on: date, done: int, refusals: Sequence[portfolio.Refusal]) -> Page:
    for one in refusals[:10]:
        flash(f"{one.name} ({one.code}) : {words(one.why)}", "stop")
    if done:
        said = ngettext(
            "%(num)s partner is handed over from %(day)s on.",
            "%(num)s partners are handed over from %(day)s on.", done, day=format_date(starts_on, "day"),
        )  # fmt: skip
        flash(f"{said} {_('The firms and both PAMs get a mail; the handover note is being made.')}", "ok")
    return redirect(url_for("portfolio.of_pam", pam=pam), 303)


@bp.post("/<uuid:pam>/note")
@requires("handover_note:make")
def make_note(pam: UUID) -> Response:
    """A note of everything this PAM follows today."""
    person, found, form = current_person(), _own_or_led(pam), Form()
    made = None
    with form.refusals(), transaction():
        made = handover.renew_note(pam_id=found.id, on=clock.today(), actor_id=person.id, at=clock.now())
    url = url_for("handovers.note", public_id=made) if made else url_for("portfolio.of_pam", pam=pam)
    return form.done(_("The note is being written."), url)


@bp.post("/<uuid:pam>/absence")
@requires("portfolio:absence")
def set_absence(pam: UUID) -> Page:
    """A PAM is away, as it says or its lead: the deputy answers."""
    away = _own_or_led(pam)
    form = AbsenceForm().offer(away)
    if form.validate_on_submit():
        with form.refusals(), transaction():
            portfolio.set_absence(
                pam_id=away.id, deputy_id=int(form.deputy.data or 0), starts_on=form.starts_on.data,
                last_day=form.last_day.data, actor_id=current_person().id, at=clock.now(),
            )  # fmt: skip
        if not form.errors:
            flash(_("The absence is set: the partners see who answers meanwhile."), "ok")
            return redirect(url_for("portfolio.of_pam", pam=pam), 303)
    return _shown(away, form), form.status


@bp.post("/<uuid:pam>/absence/<int:delegation>/end")
@requires("portfolio:absence")
def end_absence(pam: UUID, delegation: int) -> Page:
    """A PAM is back, or does not go."""
    away, actor_id = _own_or_led(pam), current_person().id
    with transaction():
        portfolio.end_absence(delegation_id=delegation, pam_id=away.id, actor_id=actor_id, at=clock.now())
    flash(_("The absence is over: the partners see their PAM again."), "ok")
    return redirect(url_for("portfolio.of_pam", pam=pam), 303)


def _own_or_led(public_id: UUID) -> AnyRow:
    """A PAM as seen by itself or by those who look after PAMs."""
    person = current_person()
    if person.role is Role.PAM and public_id != person.public_id:
        raise NotFound
    return _pam(public_id)


def _pam(public_id: UUID) -> AnyRow:
    for row in portfolio.list_pams():
        if row.public_id == public_id:
            return row
    raise NotFound


def _shown(pam: AnyRow, form: AbsenceForm | None = None) -> str:
    on = clock.today()
    own = pam.id == current_person().id
    may_note = own or allowed("portfolio:absence", partner_id=None)
    period = periods.current_period(on)
    rows = list_followed(pam.id, period, on)
    return render_template(
        "staff/portfolio/index.html", pam=pam, period=period, on=on, rows=rows, coverages=COVERAGES,
        one_day=timedelta(days=1), notes=handover.list_notes(pam_id=pam.id, most=5),
        form=form or AbsenceForm(formdata=None).offer(pam) if may_note else None,
        absences=portfolio.list_delegations(pam.id, on), own=own,
        may_assign=allowed("portfolio:assign", partner_id=None),
    )  # fmt: skip
