"""A firm's home: who its PAM is, what it will receive, what is needed from it."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, render_template

from portal import (
    catalogue,
    claims,
    clock,
    conflicts,
    corrections,
    objectives,
    periods,
    planning,
    portfolio,
    statements,
)
from portal.access import current_person, requires
from portal.claims import ClaimState
from portal.margin.provisional import Provisional, find_provisional
from portal.periods import Period
from portal.users.models import Role
from portal.web.gate_words import open_gates
from portal.web.settlement_words import expected, settlement

bp = Blueprint("home", __name__)


@bp.get("/")
@requires("partner:home")
def index() -> str:
    """Everything that matters today, on one page."""
    person, on = current_person(), clock.today()
    firm = person.partner_id or 0
    period = periods.current_period(on)
    return render_template(
        "partner/home.html", on=on, at=clock.now(), period=period, **_figures(firm, period),
        pam=portfolio.pam_of([firm], on).get(firm), one_day=timedelta(days=1), ClaimState=ClaimState,
        waiting=claims.waiting_for_firm(firm), contested=conflicts.waiting_for(firm),
        questions=catalogue.list_reasons(catalogue.ReasonKind.QUESTION),
        unclaimed=claims.unclaimed_orders(firm, on), window=claims.RULES.window_ends_on,
        coming=planning.waits_to_be_seen(firm, on=on), carried=corrections.carried_balance(firm),
        stated=_stated(firm, on), expected=partial(expected, on=on),
        may_accept=person.role is Role.PARTNER_ADMIN,
    )  # fmt: skip


def _figures(firm: int, period: Period | None) -> dict[str, Any]:
    """The period's figures as the engine makes them now; all none between two periods."""
    figures: Provisional | None = find_provisional(period, firm) if period else None
    result = figures.result if figures else None
    return {
        "figures": figures,
        "result": result,
        "gates": open_gates(result) if result else [],
        "objective": objectives.objectives_of([firm], period.id).get(firm) if period else None,
    }


def _stated(firm: int, on: date) -> Sequence[tuple[Any, tuple[str, str]]]:
    """The last statements, each with what became of its money."""
    return [(stated, settlement(stated, on)) for stated in statements.latest_statements(firm)]
